// How many requests each sender may make: one token bucket a sender (SSP-07). Pure: time is an argument. Must not know
// HTTP, the directory or what a request costs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace gw::spine {

/// Both at least 1.
struct Rate {
  std::uint32_t per_second = 1000;
  std::uint32_t burst_seconds = 10;  ///< how many seconds' allowance may be used at once
  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{per_second} * burst_seconds; }
};

/// What a sender is told of its allowance, whether its request is served or not.
struct RateVerdict {
  bool allowed = true;
  std::uint64_t limit = 0;      ///< requests that a sender who was quiet may make at once
  std::uint64_t remaining = 0;  ///< of those, after this request
  seconds reset{};              ///< until all of the limit is there again, rounded up
  seconds retry_after{};        ///< until one request is allowed again, rounded up, at least 1; 0 when allowed
};

/// Thread-safe. A sender not seen before has its whole allowance, and so has one whose bucket filled up again: such
/// buckets are forgotten, so that what is kept is bounded by the senders active inside `burst_seconds`.
class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Buckets kept before the first search for forgettable ones.
  static constexpr std::size_t kFirstSweep = 1024;

  /// Count one request of `sender`, unless it is over its rate. A changed `rate` holds from this request on. Times may
  /// come slightly out of order, as threads do.
  [[nodiscard]] RateVerdict take(std::string_view sender, const Rate& rate, Time now);

  [[nodiscard]] std::size_t tracked() const;

 private:
  struct Bucket {
    double level = 0;  ///< requests left
    Rate rate;
    Time at;
  };

  static double level_at(const Bucket& bucket, const Rate& rate, Time now);
  void forget_full(Time now);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
  std::size_t sweep_at_ = kFirstSweep;
};

}  // namespace gw::spine
