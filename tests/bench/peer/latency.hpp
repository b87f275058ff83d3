// Latencies as HdrHistogram keeps them: counts in buckets that widen with the value, each within 1/64 of what it holds,
// so that p99.9 of a long run costs 16 KB and no sorting. Debian 12 has no C or C++ HdrHistogram package.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace gw::bench {

class Latencies {
 public:
  void add(std::chrono::nanoseconds took) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    ++counts_.at(bucket_of(value));
    ++total_;
    most_ = std::max(most_, value);
  }

  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] double most_us() const { return static_cast<double>(most_) / kMicro; }

  /// In microseconds: what `share` (0.99) of all observations are at or below; 0 when there are none.
  [[nodiscard]] double at_us(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_.at(i);
      if (seen >= wanted && seen > 0) return std::min(static_cast<double>(top_of(i)) / kMicro, most_us());
    }
    return most_us();
  }

 private:
  static constexpr unsigned kBits = 6;  // 64 steps in each doubling
  static constexpr std::size_t kSteps = std::size_t{1} << kBits;
  static constexpr double kMicro = 1000.0;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kSteps) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return kSteps * (shift + 1) + ((value >> shift) - kSteps);
  }
  static std::uint64_t top_of(std::size_t bucket) {
    if (bucket < kSteps) return bucket;
    const auto shift = bucket / kSteps - 1;
    return ((kSteps + bucket % kSteps + 1) << shift) - 1;
  }

  std::array<std::uint64_t, kSteps*(64 - kBits + 1)> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace gw::bench
