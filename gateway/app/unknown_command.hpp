// What to say to a command line that begins with a word that is no command. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

/// One line that names the commands there are, and the one that was probably meant, if `word` is near one.
[[nodiscard]] std::string unknown_command(std::string_view word, const std::vector<std::string>& commands);

}  // namespace gw::app
