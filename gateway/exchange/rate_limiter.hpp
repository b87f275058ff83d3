// How often each sender may ask: one token bucket a sender (SSP-07). Time comes in as an argument. Must not know HTTP.
//
// A bucket is one instant, the one at which it is full again (the generic cell rate algorithm): a full one is worth no
// memory, so buckets that have filled up are forgotten.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "directory/directory.hpp"

namespace gw::exchange {

/// What became of one request for the sender's bucket.
struct RateVerdict {
  bool allowed = true;
  std::uint32_t limit = 0;      ///< requests that a full bucket allows at once
  std::uint32_t remaining = 0;  ///< of them, now
  seconds full_in{0};           ///< rounded up
  seconds retry_in{0};          ///< rounded up; at least 1 where it is not allowed
};

/// Thread-safe: senders are spread over shards, whose locks are held for one look-up. Holds the buckets of the senders
/// that asked of late; call it only for senders that the directory knows, which bounds them.
class RateLimiter {
 public:
  /// Take one request out of the bucket of `sender`. `rate.per_second` and `rate.burst` are at least 1. A clock that is
  /// set back empties buckets at most; it locks nobody out for longer than a bucket takes to fill.
  RateVerdict take(const Asid& sender, const directory::RequestRate& rate, Instant now);

  /// Buckets held.
  [[nodiscard]] std::size_t size() const;

 private:
  using Time = std::chrono::sys_time<std::chrono::nanoseconds>;
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kSweepFrom = 64;

  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Time> full_at;
    std::size_t sweep_at = kSweepFrom;  ///< at this many, the full ones are forgotten
  };

  static Time& bucket_of(Shard& shard, const std::string& sender, Time now);

  std::array<Shard, kShards> shards_;
};

}  // namespace gw::exchange
