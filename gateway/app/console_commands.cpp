// gpconnect-gateway console hash-password: makes of a password what the configuration keeps of it. The password comes
// from standard input, never as an argument, which the process list would show.
#include <fmt/format.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "app/commands.hpp"
#include "console/passwords.hpp"

namespace gw::app {

namespace {

/// While it lives, what is typed on the terminal is not shown. Does nothing where standard input is no terminal.
class Unseen {
 public:
  explicit Unseen(std::string_view prompt)
      : terminal_(::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    auto unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
    fmt::print(stderr, "{}: ", prompt);
    std::fflush(stderr);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  ~Unseen() {
    if (!terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    fmt::print(stderr, "\n");
  }

 private:
  termios before_{};
  bool terminal_;
};

std::string typed(std::string_view prompt) {
  const Unseen unseen{prompt};
  std::string line;
  std::getline(std::cin, line);
  return line;
}

}  // namespace

int run_console_hash_password() {
  auto password = typed("Password");
  // Nobody sees what is typed there, so that a slip would make a password that nobody knows.
  if (::isatty(STDIN_FILENO) == 1) {
    auto again = typed("The same again");
    const bool same = again == password;
    sodium_memzero(again.data(), again.size());
    if (!same) {
      sodium_memzero(password.data(), password.size());
      fmt::print(stderr, "the two are not the same\n");
      return kExitRefused;
    }
  }
  const auto hash = console::hash_password(password);
  sodium_memzero(password.data(), password.size());
  if (!hash) {
    fmt::print(stderr, "{}\n", hash.error().detail);
    return hash.error().kind == FaultKind::kInvalid ? kExitRefused : kExitFailed;
  }
  fmt::print("{}\n", *hash);
  return kExitDone;
}

}  // namespace gw::app
