// SIGINT and SIGTERM as something to ask for between steps, for commands whose work is a chain of blocking steps.
#pragma once

#include <csignal>

namespace gw::app {

/// Blocks both signals for the calling thread and all threads it starts later, and keeps them blocked when destroyed: a
/// command makes one before its first child process and ends soon after. Children get their signals unblocked
/// (ChildProcess).
class StopSignals {
 public:
  StopSignals();
  /// Whether one has come. Stays true.
  [[nodiscard]] bool came() const;
  /// Wait until one has come.
  void wait() const;

 private:
  sigset_t signals_{};
};

}  // namespace gw::app
