// A gateway as a child process: started, awaited until it serves, stopped, killed. For the demo and the crash tests.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace gw::app {

/// Owns one child; kills it when destroyed. The child is in a process group of its own, so that Ctrl-C is its owner's
/// to act on, and the kernel kills it when the thread that started it ends, by whatever: start children on a thread
/// that lives as long as they shall. Not thread-safe.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  /// Run `program serve --config config --ready-fd N`, its output appended to `log`, with `environment` ("NAME=value")
  /// added to ours; returns once it serves. Faults: kTimeout; kClosed when it ended first, with its log's last line.
  static Result<ChildProcess> serve(const std::filesystem::path& program, const std::filesystem::path& config,
                                    const std::filesystem::path& log, milliseconds patience,
                                    const std::vector<std::string>& environment = {});

  /// Run `words` (a program's whole path, then its arguments) to its end, its output appended to `log`. Fault (kIo):
  /// it gave another exit code than 0; the log's last line.
  static Status run(std::vector<std::string> words, const std::filesystem::path& log);

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// SIGTERM, then wait for the end. Gives the exit code, or 128 + signal.
  int stop();
  /// SIGKILL, then wait.
  int kill();
  /// Wait for it to end by itself.
  int wait();

 private:
  pid_t pid_ = -1;
};

}  // namespace gw::app
