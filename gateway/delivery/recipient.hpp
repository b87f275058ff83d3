// One recipient's connections, of all io threads: who may open one, who keeps which, who waits for one. Must not know
// requests or how connections are opened.
//
// A connection occupies a Slot from before it is opened until it is closed; slots are what `connections_per_recipient`
// counts, over all threads. At most `connects_per_recipient` of them are still connecting: others wait, and may get a
// connection that comes back sooner. Each thread has a pool of its own (idle connections, last in first out, and a
// queue of waiting requests) that only this thread touches. A thread that is given no slot queues its request; when one
// can be given, that is announced to one thread that has somebody waiting, in turn. Threads that keep idle connections
// while others wait and all slots are taken give them up; a busy one gives up each seventeenth that comes back while
// another has less than its share.
//
// Two threads never miss each other: one announces (waiting, idle) before it looks, the other does the same.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "delivery/breaker.hpp"
#include "delivery/courier.hpp"
#include "net/client.hpp"

namespace gw::delivery {

class Recipient;
using TimePoint = std::chrono::steady_clock::time_point;

/// The right to have one connection, and until that is made to make it. Movable; gives itself back when destroyed.
class Slot {
 public:
  Slot() = default;
  Slot(std::shared_ptr<Recipient> of, std::size_t thread) : of_(std::move(of)), thread_(thread), connecting_(true) {}
  Slot(Slot&&) noexcept = default;
  Slot& operator=(Slot&& other) noexcept;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() { release(); }
  explicit operator bool() const { return of_ != nullptr; }
  /// The connection is made.
  void connected();
  /// It is lost, and another is made in its place: at once, and counted, though that be one too many.
  void connecting_again();

 private:
  void release();
  std::shared_ptr<Recipient> of_;
  std::size_t thread_ = 0;  ///< whose it is
  bool connecting_ = false;
};

/// A slot, and the connection in it once there is one. The connection closes before the slot is free.
struct Berth {
  Slot slot;
  std::unique_ptr<net::ClientConnection> connection;
  TimePoint usable_until{};  ///< of a connection that was kept idle: the recipient may close it after this
};

class Recipient : public std::enable_shared_from_this<Recipient> {
 public:
  /// `threads` and `stopped` must outlive the courier; `stopped` must be true before `threads` goes.
  Recipient(net::Target target, const Settings& settings, net::IoThreads& threads,
            std::shared_ptr<const std::atomic<bool>> stopped);
  Recipient(const Recipient&) = delete;
  Recipient& operator=(const Recipient&) = delete;
  ~Recipient();

  [[nodiscard]] const net::Target& target() const { return target_; }

  // From io thread `thread` alone:

  /// The idle connection that was used last, if one is alive. Closes dead and outdated ones on the way.
  [[nodiscard]] std::optional<Berth> take_idle(std::size_t thread);
  /// A slot, unless all are taken, too many are connecting, or others of this thread wait already.
  [[nodiscard]] Slot try_slot(std::size_t thread);
  /// Queue for a slot, perhaps with a connection in it. Faults: kOverloaded, kClosed.
  [[nodiscard]] asio::awaitable<Result<Berth>> wait(std::size_t thread, TimePoint deadline);
  /// Keep a reusable connection for the next request of this thread until its `usable_until`, or let somebody who waits
  /// have it.
  void give_back(std::size_t thread, Berth berth);
  /// Close idle connections and wake all who wait. `stopped` must be true.
  void close_idle(std::size_t thread);
  /// A number of [0.5, 1), to spread repeats.
  [[nodiscard]] double jitter(std::size_t thread);

  // From any thread:

  /// Null when an attempt to connect may be made now; it must be followed by exactly one of the three calls below.
  [[nodiscard]] std::optional<Fault> ask_breaker();
  void reached();
  void not_reached(const Fault& fault);
  void attempt_abandoned();
  /// The reason to refuse at once, without taking the right to probe.
  [[nodiscard]] std::optional<Fault> down() const;
  /// An answer came; keeps the health's clock.
  void answered();
  [[nodiscard]] RecipientHealth health() const;
  /// Forget all idle connections and timers; only when no io thread runs any more.
  void dismantle();

 private:
  friend class Slot;
  struct Waiter;
  /// What belongs to one io thread. The counters are read by the others.
  struct Pool {
    Pool(asio::io_context& context, unsigned seed) : sweeper(std::in_place, context), random(seed) {}
    std::vector<Berth> idle;     ///< the last is the one used last
    std::list<Waiter*> waiters;  ///< first come, first served
    std::optional<asio::steady_timer> sweeper;
    bool sweeping = false;
    std::size_t handed_over = 0;  ///< connections given to waiters since one was given up for other threads
    std::minstd_rand random;
    std::atomic<std::size_t> slots{0};  ///< of them all, this thread's
    std::atomic<std::size_t> idle_count{0};
    std::atomic<std::size_t> waiting{0};
  };

  /// How many slots are out, and how many of them have no connection yet.
  struct Slots {
    std::uint32_t open = 0;
    std::uint32_t connecting = 0;
  };

  [[nodiscard]] bool all_taken(Slots slots) const;
  [[nodiscard]] bool has_room(Slots slots) const;
  [[nodiscard]] bool another_starves(std::size_t thread) const;
  [[nodiscard]] Slot acquire(std::size_t thread);
  void subtract(Slots given_back, std::size_t thread);
  void count_connecting();
  void announce_free_slot();
  void serve_waiters(std::size_t thread);
  /// Where all slots are taken, have a thread other than `thread` give up an idle connection.
  void ask_for_idle(std::size_t thread);
  void give_up_idle(std::size_t thread);
  void arm_sweeper(std::size_t thread);
  void sweep(std::size_t thread);
  [[nodiscard]] Fault down_fault(TimePoint now) const;

  const net::Target target_;
  const Settings settings_;
  net::IoThreads& threads_;
  const std::shared_ptr<const std::atomic<bool>> stopped_;
  std::vector<std::unique_ptr<Pool>> pools_;

  std::atomic<Slots> slots_{};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> turn_{0};
  std::atomic<TimePoint::rep> last_success_{0};
  std::atomic<TimePoint::rep> last_failure_{0};

  mutable std::mutex mutex_;  ///< guards what follows; never held while anything is awaited
  Breaker breaker_;
  std::string last_fault_;
};

}  // namespace gw::delivery
