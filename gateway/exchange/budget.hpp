// So much of something and no more: requests in flight, bytes of their bodies (OUT-09). What does not fit is refused at
// once; nothing waits here.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace gw::exchange {

/// Thread-safe, without a lock. Outlives its shares.
class Budget {
 public:
  /// Given back when it goes.
  class Share {
   public:
    Share(Share&& other) noexcept : of_(std::exchange(other.of_, nullptr)), amount_(other.amount_) {}
    Share& operator=(Share&&) = delete;
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      if (of_ != nullptr) of_->used_.fetch_sub(amount_, std::memory_order_relaxed);
    }

   private:
    friend class Budget;
    Share(Budget& of, std::size_t amount) : of_(&of), amount_(amount) {}

    Budget* of_;
    std::size_t amount_;
  };

  explicit Budget(std::size_t whole) : whole_(whole) {}

  /// Nothing when less than `amount` is left.
  [[nodiscard]] std::optional<Share> take(std::size_t amount) {
    auto used = used_.load(std::memory_order_relaxed);
    do {
      if (amount > whole_ - used) return std::nullopt;
    } while (!used_.compare_exchange_weak(used, used + amount, std::memory_order_relaxed));
    return Share{*this, amount};
  }

  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t whole_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace gw::exchange
