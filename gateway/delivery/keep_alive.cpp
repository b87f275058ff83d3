#include "delivery/keep_alive.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace gw::delivery {

namespace {

/// N of `timeout=N` in a comma-separated list of parameters.
std::optional<seconds> timeout_of(std::string_view list) {
  while (!list.empty()) {
    auto digits = take_until(list, ',');
    if (!iequals(take_until(digits, '='), "timeout")) continue;
    digits = trimmed(digits);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return seconds{number};
  }
  return std::nullopt;
}

}  // namespace

milliseconds usable_for(const Headers& answer, milliseconds idle) {
  const auto theirs = timeout_of(header_value(answer, "Keep-Alive"));
  if (!theirs) return idle;
  return std::min(idle, std::max(milliseconds{*theirs} - seconds{1}, milliseconds{0}));
}

}  // namespace gw::delivery
