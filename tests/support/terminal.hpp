// The program on a terminal of its own: what it shows a person, and what it asks.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gw::test {

struct OnTerminal {
  int code = -1;     ///< exit code
  std::string said;  ///< all that came to the terminal, an echo of what is typed included
};

/// Run `program` with `arguments`, as a shell reads them. When a prompt of `talk` has come, its answer and a new line
/// are typed, one after the other. Blocks until the program ends.
OnTerminal on_terminal(const std::string& program, const std::string& arguments,
                       const std::vector<std::pair<std::string, std::string>>& talk = {});

}  // namespace gw::test
