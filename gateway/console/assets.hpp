// The console's own files, which the build put into the program: one style sheet, one script, one icon. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gw::console {

struct Asset {
  std::string_view name, type, bytes;
};

/// Null when there is none of that name.
[[nodiscard]] const Asset* find_asset(std::string_view name);

/// Where a page finds it: "/assets/console.css?v=1a2b3c4d". The version is of the bytes, so that a browser may keep it.
[[nodiscard]] std::string asset_path(std::string_view name);

}  // namespace gw::console
