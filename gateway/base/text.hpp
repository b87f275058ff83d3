// The smallest parts of the grammars that several modules read: blanks, separated lists, hexadecimal digits. Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace gw {

/// Without the spaces and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// Whether one of a few characters stands in a text, which may be long: looks for one after the other, each at the
/// speed of memchr.
[[nodiscard]] inline bool has_any_of(std::string_view text, std::string_view few) {
  return std::any_of(few.begin(), few.end(), [text](char each) { return text.find(each) != std::string_view::npos; });
}

/// Gives the text up to `separator`, trimmed, and moves `text` past it.
std::string_view take_until(std::string_view& text, char separator);

/// Whether `element` is in a comma-separated list, case-insensitively.
[[nodiscard]] bool list_has(std::string_view list, std::string_view element);

/// The value of a hexadecimal digit of either case; -1 for any other character.
[[nodiscard]] int hex_digit(char c);

}  // namespace gw
