#include "delivery/keep_alive.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::delivery {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// N of `timeout=N` in a comma-separated list of parameters.
std::optional<seconds> timeout_of(std::string_view list) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto parameter = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos || !iequals(trimmed(parameter.substr(0, equals)), "timeout")) continue;
    const auto digits = trimmed(parameter.substr(equals + 1));
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
