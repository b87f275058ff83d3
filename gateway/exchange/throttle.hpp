// Whether there is room for one more request: the sender's rate, the requests at work, the bytes of their bodies
// (SSP-07, OUT-09). Connections are counted by net, each recipient's queue by delivery. Must not know sockets.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "fhir/issue.hpp"
#include "spine/rate_limit.hpp"

namespace gw::exchange {

struct ThrottleSettings {
  spine::Rate sender_rate;              ///< of a sender whose directory entry says nothing else
  std::size_t requests_at_once = 4096;  ///< of all senders together
  /// Bodies of the requests at work. What is parsed and validated comes to some multiple of it.
  std::size_t bodies_at_once_bytes = std::size_t{128} << 20U;
  /// The clock that rates are counted by, which no setting of the wall clock moves. Tests put their own here.
  spine::RateLimiter::Time (*now)() = &std::chrono::steady_clock::now;
};

/// An amount that requests share. Thread-safe; outlives its holds.
class Budget {
 public:
  /// A part of the amount, given back when it is destroyed.
  class Hold {
   public:
    Hold(Budget& budget, std::size_t amount) : budget_(&budget), amount_(amount) {}
    Hold(Hold&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), amount_(other.amount_) {}
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (budget_ != nullptr) budget_->used_.fetch_sub(amount_, std::memory_order_relaxed);
    }

   private:
    Budget* budget_;
    std::size_t amount_;
  };

  explicit Budget(std::size_t limit) : limit_(limit) {}

  /// Nothing when that much is not left.
  [[nodiscard]] std::optional<Hold> take(std::size_t amount);
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

/// A request's place among those at work; destroy it when the request is answered.
struct Place {
  Headers rate;  ///< the X-Rate-Limit headers of its answer
  Budget::Hold request;
  Budget::Hold body;
};

/// Thread-safe. Outlives the places it gave.
class Throttle {
 public:
  explicit Throttle(const ThrottleSettings& settings);

  /// A place for a request whose sender was identified. `body_bytes` is the most that its body can come to.
  /// Errors: 429 (throttled) over the sender's rate, 503 (transient) when too much is at work, both with Retry-After
  /// and the X-Rate-Limit headers. A request that is refused with 503 counts towards the sender's rate.
  [[nodiscard]] fhir::Checked<Place> admit(const directory::Organisation& sender, std::size_t body_bytes,
                                           spine::RateLimiter::Time now);

 private:
  const spine::Rate default_rate_;
  spine::RateLimiter rates_;
  Budget requests_;
  Budget bodies_;
};

/// The most bytes that this request's body can come to, inflated ones included: what it says itself, and the limits
/// where it does not say, or says more (which is refused when it is read).
[[nodiscard]] std::size_t body_bytes_of(const RequestHead& head, std::size_t body_limit, std::size_t inflated_limit);

/// Add the sender's allowance to its answer, unless a recipient's own answer carries the recipient's (SSP-06).
void add_rate_headers(const Headers& rate, Response& response);

}  // namespace gw::exchange
