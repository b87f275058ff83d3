// How far a long command is, on stderr where that is a terminal.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace gw::app {

class Progress {
 public:
  /// `what` is being counted: "records checked".
  explicit Progress(std::string_view what) : what_(what), shown_(::isatty(STDERR_FILENO) == 1) {}

  void show(std::int64_t done, std::int64_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now < next_) return;
    next_ = now + kEvery;
    fmt::print(stderr, "\r\033[K{} of {} {}", done, all, what_);
    std::fflush(stderr);
  }
  /// Before anything else is said.
  void clear() const {
    if (shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  static constexpr std::chrono::milliseconds kEvery{200};

  const std::string_view what_;
  const bool shown_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace gw::app
