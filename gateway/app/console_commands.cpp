// gpconnect-gateway console hash-password: makes of a password what the configuration keeps of it. The password comes
// from standard input, never as an argument, which the process list would show.
#include <fmt/format.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "app/commands.hpp"
#include "console/passwords.hpp"

namespace gw::app {

namespace {

/// While it lives, what is typed on the terminal is not shown. Does nothing where standard input is no terminal.
class Unseen {
 public:
  Unseen() : terminal_(::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    fmt::print(stderr, "Password: ");
    auto unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  ~Unseen() {
    if (!terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    fmt::print(stderr, "\n");
  }

 private:
  termios before_{};
  bool terminal_;
};

}  // namespace

int run_console_hash_password() {
  std::string password;
  {
    const Unseen unseen;
    std::getline(std::cin, password);
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
