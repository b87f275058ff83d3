// Keeps a recipient that cannot be reached from eating everybody's time (OUT-09). A pure state machine: time is an
// argument, and no connection, lock or log is known here.
//
// closed --(`failures` in a row)--> open --(`cooldown` over)--> half-open: one probe --> closed or open again
//
// It counts attempts to connect, never answers: a recipient that answers 500 all day long can be reached.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.hpp"

namespace gw::delivery {

struct BreakerSettings {
  std::size_t failures = 5;      ///< this many in a row open it; 0: it never opens
  milliseconds window{30'000};   ///< failures further apart than this are not "in a row"
  milliseconds cooldown{5'000};  ///< how long it stays open before a probe
};

/// Not thread-safe: the owner locks.
class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : unsigned char { kClosed, kOpen, kHalfOpen };

  explicit Breaker(const BreakerSettings& settings) : settings_(settings) {}

  /// May somebody try to connect now? In half-open, the one who is told so has the probe, and must end it with
  /// succeeded(), failed() or abandoned(); a probe that is older than the cooldown is taken for lost.
  [[nodiscard]] bool allow(Time now);
  /// A connection was made. True when the recipient counted as down until now.
  bool succeeded();
  /// An attempt failed. True when the recipient counts as down from now on and did not before.
  bool failed(Time now);
  /// An attempt ended without telling anything about the recipient (its caller ran out of time).
  void abandoned();

  [[nodiscard]] State state() const { return state_; }
  /// Failures in a row.
  [[nodiscard]] std::size_t failures() const { return failures_; }
  /// When the run of failures began. Meaningful while failures() > 0.
  [[nodiscard]] Time failing_since() const { return failing_since_; }
  /// How long until allow() can be true again; zero when it can be now.
  [[nodiscard]] milliseconds until_next_try(Time now) const;

 private:
  BreakerSettings settings_;
  State state_ = State::kClosed;
  std::size_t failures_ = 0;
  Time failing_since_{};
  Time last_failure_{};
  Time probing_since_{};
  bool probing_ = false;
};

}  // namespace gw::delivery
