#include "console/fields.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "exchange/url.hpp"

namespace gw::console {

std::optional<Fields> Fields::from(std::string_view encoded) {
  std::string text{encoded};
  std::replace(text.begin(), text.end(), '+', ' ');
  auto parsed = exchange::parse_query(text);
  if (!parsed) return std::nullopt;
  Fields fields;
  fields.fields_ = std::move(*parsed);
  return fields;
}

std::string_view Fields::raw(std::string_view name) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name; });
  return found == fields_.end() ? std::string_view{} : std::string_view{found->second};
}

bool Fields::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name; });
}

std::string_view Fields::get(std::string_view name) const {
  constexpr std::string_view blanks = " \t\r\n";
  const auto value = raw(name);
  const auto begin = value.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(blanks) - begin + 1);
}

std::string_view cookie_of(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (!iequals(header.name, "Cookie")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      auto pair = take_until(rest, ';');
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
  }
  return {};
}

std::string query_encoded(std::string_view value) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : value) {
    if (plain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    constexpr unsigned nibble = 4;
    constexpr unsigned low = 0xF;
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', hex[byte >> nibble], hex[byte & low]};
  }
  return out;
}

}  // namespace gw::console
