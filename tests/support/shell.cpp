#include "support/shell.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace gw::test {

Run run_in_shell(const std::string& line) {
  auto* const out = ::popen((line + " </dev/null").c_str(), "r");  // NOLINT(cert-env33-c): the words are the test's own
  if (out == nullptr) throw std::runtime_error{"no shell can be started"};
  Run run;
  std::array<char, 4096> piece{};
  while (const auto got = std::fread(piece.data(), 1, piece.size(), out)) run.said.append(piece.data(), got);
  const int status = ::pclose(out);
  run.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return run;
}

}  // namespace gw::test
