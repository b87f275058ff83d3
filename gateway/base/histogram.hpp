// How often something took how long: the counts behind a Prometheus histogram (OPS-02). Must not know what is measured.
//
// Made here rather than with prometheus-cpp, whose Observe() takes a mutex: an observation here is two relaxed
// additions and a search in eighteen numbers, about ten nanoseconds where a task takes tens of microseconds.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gw {

/// Upper bounds in microseconds; what is above the last is counted too. The same for all, so that dashboards compare.
inline constexpr std::array<std::int64_t, 18> kHistogramBounds = {
    50,     100,     250,     500,     1'000,     2'500,     5'000,     10'000,     25'000,
    50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000};

/// In which bucket an observation falls.
[[nodiscard]] inline std::size_t histogram_bucket(std::chrono::nanoseconds took) {
  const auto bound = std::lower_bound(
      kHistogramBounds.begin(), kHistogramBounds.end(), took,
      [](std::int64_t us, std::chrono::nanoseconds value) { return std::chrono::microseconds{us} < value; });
  return static_cast<std::size_t>(bound - kHistogramBounds.begin());
}

/// What was counted. For one thread at a time.
struct HistogramCounts {
  std::array<std::uint64_t, kHistogramBounds.size() + 1> buckets{};  ///< each alone, not cumulated
  std::chrono::nanoseconds sum{};

  void observe(std::chrono::nanoseconds took) {
    ++buckets.at(histogram_bucket(took));
    sum += took;
  }
};

/// The same for many threads. Counts read while others observe may be one observation apart from the sum.
class Histogram {
 public:
  void observe(std::chrono::nanoseconds took) {
    buckets_.at(histogram_bucket(took)).fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(took.count(), std::memory_order_relaxed);
  }
  [[nodiscard]] HistogramCounts counts() const {
    HistogramCounts counts;
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      counts.buckets.at(i) = buckets_.at(i).load(std::memory_order_relaxed);
    counts.sum = std::chrono::nanoseconds{sum_.load(std::memory_order_relaxed)};
    return counts;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kHistogramBounds.size() + 1> buckets_{};
  std::atomic<std::int64_t> sum_{0};
};

}  // namespace gw
