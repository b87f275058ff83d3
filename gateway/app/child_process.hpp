// A gateway as a child process: started, awaited until it serves, stopped, killed. For the demo and the crash tests.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace gw::app {

/// Owns one child; kills it when destroyed. Not thread-safe.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  /// Run `program serve --config config --ready-fd N`, its output appended to `log`, with `environment` ("NAME=value")
  /// added to ours; returns once it serves. Faults: kTimeout; kClosed when it ended first (its log says why).
  static Result<ChildProcess> serve(const std::filesystem::path& program, const std::filesystem::path& config,
                                    const std::filesystem::path& log, milliseconds patience,
                                    const std::vector<std::string>& environment = {});

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
