#include "spine/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace gw::spine {

namespace {

/// Until `requests` more are there.
seconds time_for(double requests, const Rate& rate) {
  return seconds{static_cast<seconds::rep>(std::ceil(requests / rate.per_second))};
}

}  // namespace

RateVerdict RateLimiter::take(std::string_view sender, const Rate& rate, Time now) {
  const auto capacity = static_cast<double>(rate.capacity());
  const std::lock_guard lock{mutex_};
  const std::string key{sender};
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= sweep_at_) forget_full(now);
    found = buckets_.emplace(key, Bucket{capacity, rate, now}).first;
  }
  auto& bucket = found->second;
  bucket.level = level_at(bucket, rate, now);
  bucket.rate = rate;
  bucket.at = std::max(bucket.at, now);

  RateVerdict verdict{.allowed = bucket.level >= 1, .limit = rate.capacity()};
  if (verdict.allowed) {
    bucket.level -= 1;
  } else {
    verdict.retry_after = std::max(seconds{1}, time_for(1 - bucket.level, rate));
  }
  verdict.remaining = static_cast<std::uint64_t>(bucket.level);
  verdict.reset = time_for(capacity - bucket.level, rate);
  return verdict;
}

std::size_t RateLimiter::tracked() const {
  const std::lock_guard lock{mutex_};
  return buckets_.size();
}

double RateLimiter::level_at(const Bucket& bucket, const Rate& rate, Time now) {
  const std::chrono::duration<double> passed = std::max(now, bucket.at) - bucket.at;
  return std::min(static_cast<double>(rate.capacity()), bucket.level + passed.count() * rate.per_second);
}

void RateLimiter::forget_full(Time now) {
  std::erase_if(buckets_, [now](const auto& entry) {
    const auto& bucket = entry.second;
    return level_at(bucket, bucket.rate, now) >= static_cast<double>(bucket.rate.capacity());
  });
  sweep_at_ = std::max(kFirstSweep, 2 * buckets_.size());
}

}  // namespace gw::spine
