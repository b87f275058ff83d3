// What a command is to look at: a named file, or standard input where "-" stands in a name's place.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gw::app {

inline constexpr std::string_view kStandardInput = "-";

/// All of the file, but no more than shows that it is over the limit. Faults: kIo, whose detail is the end of a
/// sentence about the file.
[[nodiscard]] Result<std::string> read_input(const std::string& name, std::FILE* standard_input,
                                             std::size_t limit_bytes);

}  // namespace gw::app
