#include "exchange/rate_limiter.hpp"

#include <algorithm>
#include <functional>

namespace gw::exchange {

RateLimiter::Time& RateLimiter::bucket_of(Shard& shard, const std::string& sender, Time now) {
  if (const auto found = shard.full_at.find(sender); found != shard.full_at.end()) return found->second;
  if (shard.full_at.size() >= shard.sweep_at) {
    std::erase_if(shard.full_at, [now](const auto& entry) { return entry.second <= now; });
    shard.sweep_at = std::max(kSweepFrom, 2 * shard.full_at.size());
  }
  return shard.full_at.emplace(sender, now).first->second;
}

RateVerdict RateLimiter::take(const Asid& sender, const directory::RequestRate& rate, Instant now) {
  using std::chrono::ceil;
  const std::chrono::nanoseconds one = std::chrono::nanoseconds{seconds{1}} / rate.per_second;
  const auto whole = one * rate.burst;
  const Time at = now;

  auto& shard = shards_.at(std::hash<std::string>{}(sender.text()) % kShards);
  const std::lock_guard lock{shard.mutex};
  auto& full_at = bucket_of(shard, sender.text(), at);
  full_at = std::clamp(full_at, at, at + whole);
  RateVerdict verdict{.limit = rate.burst};
  if (const auto left = at + whole - full_at; left < one) {
    verdict.allowed = false;
    verdict.retry_in = ceil<seconds>(one - left);
  } else {
    full_at += one;
  }
  verdict.remaining = static_cast<std::uint32_t>((at + whole - full_at) / one);
  verdict.full_in = ceil<seconds>(full_at - at);
  return verdict;
}

std::size_t RateLimiter::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    count += shard.full_at.size();
  }
  return count;
}

}  // namespace gw::exchange
