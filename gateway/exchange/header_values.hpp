// The grammar that negotiating headers share (RFC 7231 section 5.3): lists, parameters, q-values. Pure.
#pragma once

#include <string_view>

namespace gw::exchange {

/// Without the blanks around it.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Gives the text up to `separator`, trimmed, and moves `text` past it.
std::string_view take_until(std::string_view& text, char separator);

/// The value of parameter `name` of one list item ("gzip;q=0.5"), unquoted; empty when absent.
[[nodiscard]] std::string_view parameter(std::string_view item, std::string_view name);

/// The q-value of one list item in thousandths: 1000 when absent, 0 when unreadable.
[[nodiscard]] int quality_of(std::string_view item);

}  // namespace gw::exchange
