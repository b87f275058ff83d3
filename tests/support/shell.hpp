// Runs a line in the shell and keeps what it said.
#pragma once

#include <string>

namespace gw::test {

struct Run {
  int code = -1;     ///< -1: it was ended by a signal
  std::string said;  ///< standard output, and what the line sends there
};

/// `line` is the test's own words. Standard input is empty. Throws std::runtime_error when no shell can be started.
Run run_in_shell(const std::string& line);

}  // namespace gw::test
