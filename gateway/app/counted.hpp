// "1 fault", "2 faults": a number with its noun.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace gw::app {

/// `one` is the noun for one; those for more end in s.
[[nodiscard]] std::string counted(std::integral auto count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace gw::app
