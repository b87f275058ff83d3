// The product's version, as the build file has it.
#pragma once

#include <string_view>

namespace gw {

inline constexpr std::string_view kVersion = GW_VERSION;
/// The day of the release, as the conformance statement's date.
inline constexpr std::string_view kReleaseDate = "2026-11-21";

}  // namespace gw
