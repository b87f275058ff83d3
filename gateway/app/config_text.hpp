// The configuration's text as the TOML parser gets it. Must not know what the settings mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gw::app {

/// A configuration in ASCII alone: what stands beyond it in a string is escaped, in a comment blotted out. toml++ 3.3
/// cannot tell some other characters from blanks and letters without undefined behaviour, so it is never shown one.
struct ConfigText {
  std::string ascii;
  /// The line where a character beyond ASCII stands outside of comments and of strings in double quotes, or is no
  /// UTF-8; 0: none, else `ascii` is to be left alone.
  std::size_t bad_line = 0;
};

[[nodiscard]] ConfigText config_text(std::string_view text);

}  // namespace gw::app
