// The smallest parts of the grammars that several modules read: blanks, separated lists, hexadecimal digits. Pure.
#pragma once

#include <string_view>

namespace gw {

/// Without the spaces and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Gives the text up to `separator`, trimmed, and moves `text` past it.
std::string_view take_until(std::string_view& text, char separator);

/// Whether `element` is in a comma-separated list, case-insensitively.
[[nodiscard]] bool list_has(std::string_view list, std::string_view element);

/// The value of a hexadecimal digit of either case; -1 for any other character.
[[nodiscard]] int hex_digit(char c);

}  // namespace gw
