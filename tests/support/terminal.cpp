#include "support/terminal.hpp"

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace gw::test {

OnTerminal on_terminal(const std::string& program, const std::string& arguments,
                       const std::vector<std::pair<std::string, std::string>>& talk) {
  const auto line = "GPCONNECT_GATEWAY_CONFIG= exec '" + program + "' " + arguments;
  int terminal = -1;
  const auto child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) throw std::runtime_error("no terminal can be had");
  if (child == 0) {
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
  OnTerminal result;
  auto next = talk.begin();
  std::size_t seen = 0;
  std::array<char, 4096> piece{};
  // The read fails when the program has closed the terminal.
  for (ssize_t got = 0; (got = ::read(terminal, piece.data(), piece.size())) > 0;) {
    result.said.append(piece.data(), static_cast<std::size_t>(got));
    const auto prompt = next == talk.end() ? std::string::npos : result.said.find(next->first, seen);
    if (prompt == std::string::npos) continue;
    seen = prompt + next->first.size();
    const auto answer = next->second + "\n";
    if (::write(terminal, answer.data(), answer.size()) < 0) break;
    ++next;
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(child, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace gw::test
