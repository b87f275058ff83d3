// The grammar that negotiating headers share (RFC 7231 section 5.3): parameters and q-values of the items of
// a list. Pure.
#pragma once

#include <string_view>

namespace gw::exchange {

/// The value of parameter `name` of one list item ("gzip;q=0.5"), unquoted; empty when absent.
[[nodiscard]] std::string_view parameter(std::string_view item, std::string_view name);

/// The q-value of one list item in thousandths: 1000 when absent, 0 when unreadable.
[[nodiscard]] int quality_of(std::string_view item);

}  // namespace gw::exchange
