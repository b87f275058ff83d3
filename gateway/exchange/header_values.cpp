#include "exchange/header_values.hpp"

#include <charconv>
#include <system_error>

#include "base/http.hpp"
#include "base/text.hpp"

namespace gw::exchange {

std::string_view parameter(std::string_view item, std::string_view name) {
  take_until(item, ';');
  while (!item.empty()) {
    auto rest = take_until(item, ';');
    const auto key = take_until(rest, '=');
    if (!iequals(key, name)) continue;
    auto value = trimmed(rest);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

int quality_of(std::string_view item) {
  const auto text = parameter(item, "q");
  if (text.empty()) return 1000;
  double q = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), q);
  if (error != std::errc{} || end != text.data() + text.size() || !(q >= 0 && q <= 1)) return 0;  // "nan" is read too
  return static_cast<int>(q * 1000);
}

}  // namespace gw::exchange
