#include "delivery/recipient.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/io_threads.hpp"

namespace gw::delivery {

namespace {

using Clock = std::chrono::steady_clock;

/// After so many connections in a row were handed on within one thread, one is given up if another thread waits with
/// less than its share, so that a busy thread cannot keep a recipient to itself. It costs a handshake.
constexpr std::size_t kHandedOverInARow = 16;

}  // namespace

Slot& Slot::operator=(Slot&& other) noexcept {
  if (this != &other) {
    release();
    of_ = std::move(other.of_);
    thread_ = other.thread_;
    connecting_ = other.connecting_;
  }
  return *this;
}

void Slot::connected() {
  if (of_ && std::exchange(connecting_, false)) of_->subtract({.open = 0, .connecting = 1}, thread_);
}

void Slot::connecting_again() {
  if (of_ && !std::exchange(connecting_, true)) of_->count_connecting();
}

void Slot::release() {
  const auto recipient = std::move(of_);
  if (recipient) recipient->subtract({.open = 1, .connecting = connecting_ ? 1U : 0U}, thread_);
}

/// A request that waits, from its coroutine's frame. Leaves the queue when it is served or its frame goes.
struct Recipient::Waiter {
  Waiter(Recipient& recipient, std::size_t thread)
      : of(recipient), pool(*recipient.pools_[thread]), wake(recipient.threads_.context(thread)) {
    place = pool.waiters.insert(pool.waiters.end(), this);
    ++pool.waiting;
    queued = true;
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { leave(); }

  void leave() {
    if (!queued) return;
    queued = false;
    pool.waiters.erase(place);
    --pool.waiting;
    --of.waiting_;
  }
  void serve(Berth given) {
    leave();
    berth = std::move(given);
    wake.cancel();
  }
  void turn_away() {
    leave();
    wake.cancel();
  }

  Recipient& of;
  Pool& pool;
  asio::steady_timer wake;
  std::list<Waiter*>::iterator place;
  bool queued = false;
  Berth berth;
};

Recipient::Recipient(net::Target target, const Settings& settings, net::IoThreads& threads,
                     std::shared_ptr<const std::atomic<bool>> stopped)
    : target_(std::move(target)),
      settings_(settings),
      threads_(threads),
      stopped_(std::move(stopped)),
      breaker_({.failures = settings.breaker_failures,
                .window = settings.breaker_window,
                .cooldown = settings.breaker_cooldown}) {
  std::random_device seed;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    pools_.push_back(std::make_unique<Pool>(threads.context(i), seed()));
  }
}

Recipient::~Recipient() = default;

std::optional<Berth> Recipient::take_idle(std::size_t thread) {
  auto& pool = *pools_[thread];
  const auto now = Clock::now();
  while (!pool.idle.empty()) {
    Berth last = std::move(pool.idle.back());
    pool.idle.pop_back();
    --pool.idle_count;
    if (now < last.usable_until && last.connection->reusable()) return last;
  }
  return std::nullopt;
}

Slot Recipient::try_slot(std::size_t thread) {
  return pools_[thread]->waiters.empty() ? acquire(thread) : Slot{};
}

bool Recipient::all_taken(Slots slots) const {
  return slots.open >= std::max<std::size_t>(settings_.connections_per_recipient, 1);
}

bool Recipient::has_room(Slots slots) const {
  return !all_taken(slots) && slots.connecting < std::max<std::size_t>(settings_.connects_per_recipient, 1);
}

/// Another thread waits with less than its share of the slots.
bool Recipient::another_starves(std::size_t thread) const {
  const auto share = std::max<std::size_t>(settings_.connections_per_recipient / pools_.size(), 1);
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (i != thread && pools_[i]->waiting > 0 && pools_[i]->slots < share) return true;
  }
  return false;
}

Slot Recipient::acquire(std::size_t thread) {
  auto found = slots_.load();
  while (has_room(found)) {
    if (!slots_.compare_exchange_weak(found, {found.open + 1, found.connecting + 1})) continue;
    ++pools_[thread]->slots;
    return {shared_from_this(), thread};
  }
  return {};
}

void Recipient::count_connecting() {
  auto found = slots_.load();
  while (!slots_.compare_exchange_weak(found, {found.open, found.connecting + 1})) {
  }
}

void Recipient::subtract(Slots given_back, std::size_t thread) {
  pools_[thread]->slots -= given_back.open;
  auto found = slots_.load();
  while (
      !slots_.compare_exchange_weak(found, {found.open - given_back.open, found.connecting - given_back.connecting})) {
  }
  announce_free_slot();
}

void Recipient::announce_free_slot() {
  if (waiting_ == 0 || *stopped_) return;
  if (!has_room(slots_)) return ask_for_idle(pools_.size());
  const auto first = turn_++;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    const auto thread = (first + i) % pools_.size();
    if (pools_[thread]->waiting == 0) continue;
    asio::post(threads_.context(thread), [self = shared_from_this(), thread] { self->serve_waiters(thread); });
    return;
  }
}

void Recipient::serve_waiters(std::size_t thread) {
  auto& pool = *pools_[thread];
  while (!pool.waiters.empty()) {
    auto slot = acquire(thread);
    if (!slot) return ask_for_idle(thread);
    pool.waiters.front()->serve({.slot = std::move(slot), .connection = nullptr});
  }
  // Those that were meant may have given up meanwhile; the slot is for others then.
  if (has_room(slots_)) announce_free_slot();
}

asio::awaitable<Result<Berth>> Recipient::wait(std::size_t thread, TimePoint deadline) {
  if (waiting_.fetch_add(1) >= settings_.waiting_per_recipient) {
    --waiting_;
    co_return fault(FaultKind::kOverloaded,
                    fmt::format("no connection is free ({} at most, {} made at a time) and {} tasks wait already",
                                settings_.connections_per_recipient, settings_.connects_per_recipient,
                                settings_.waiting_per_recipient));
  }
  const auto keep = shared_from_this();
  Waiter waiter(*this, thread);
  // What became free or idle before this one was in the queue was announced to nobody.
  serve_waiters(thread);
  ask_for_idle(thread);
  if (waiter.queued && !*stopped_) {
    waiter.wake.expires_at(deadline);
    co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (waiter.berth.slot) co_return std::move(waiter.berth);
  if (*stopped_) co_return fault(FaultKind::kClosed, "stopping");
  co_return fault(FaultKind::kOverloaded,
                  fmt::format("no connection became free in time ({} at most, {} made at a time)",
                              settings_.connections_per_recipient, settings_.connects_per_recipient));
}

void Recipient::give_back(std::size_t thread, Berth berth) {
  if (*stopped_ || berth.usable_until <= Clock::now()) return;
  auto& pool = *pools_[thread];
  // Else others wait for a connection that is being made: one less here would be no help.
  const bool slots_are_short = all_taken(slots_);
  const bool gives_up = pool.handed_over >= kHandedOverInARow && slots_are_short && another_starves(thread);
  if (!pool.waiters.empty() && !gives_up) {
    ++pool.handed_over;
    pool.waiters.front()->serve(std::move(berth));
    return;
  }
  pool.handed_over = 0;
  if (slots_are_short && waiting_ > 0) return;
  pool.idle.push_back(std::move(berth));
  ++pool.idle_count;
  arm_sweeper(thread);
  give_up_idle(thread);
}

void Recipient::ask_for_idle(std::size_t thread) {
  if (*stopped_ || !all_taken(slots_)) return;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (i == thread || pools_[i]->idle_count == 0) continue;
    asio::post(threads_.context(i), [self = shared_from_this(), i] { self->give_up_idle(i); });
    return;
  }
}

void Recipient::give_up_idle(std::size_t thread) {
  auto& pool = *pools_[thread];
  if (waiting_ == 0 || !all_taken(slots_)) return;
  if (pool.idle.empty()) return ask_for_idle(thread);
  const Berth oldest = std::move(pool.idle.front());
  pool.idle.erase(pool.idle.begin());
  --pool.idle_count;
}

void Recipient::arm_sweeper(std::size_t thread) {
  auto& pool = *pools_[thread];
  if (pool.sweeping || pool.idle.empty()) return;
  const auto first = std::ranges::min_element(pool.idle, {}, &Berth::usable_until);
  pool.sweeping = true;
  pool.sweeper->expires_at(first->usable_until);
  pool.sweeper->async_wait([weak = weak_from_this(), thread](boost::system::error_code) {
    if (const auto self = weak.lock()) self->sweep(thread);
  });
}

void Recipient::sweep(std::size_t thread) {
  auto& pool = *pools_[thread];
  pool.sweeping = false;
  const auto now = Clock::now();
  pool.idle_count -=
      std::erase_if(pool.idle, [now](Berth& idle) { return now >= idle.usable_until || !idle.connection->reusable(); });
  if (!*stopped_) arm_sweeper(thread);
}

void Recipient::close_idle(std::size_t thread) {
  auto& pool = *pools_[thread];
  pool.idle.clear();
  pool.idle_count = 0;
  if (pool.sweeper) pool.sweeper->cancel();
  while (!pool.waiters.empty()) pool.waiters.front()->turn_away();
}

void Recipient::dismantle() {
  for (const auto& pool : pools_) {
    pool->idle.clear();
    pool->idle_count = 0;
    pool->sweeper.reset();
  }
}

double Recipient::jitter(std::size_t thread) {
  return std::uniform_real_distribution<double>(0.5, 1.0)(pools_[thread]->random);
}

}  // namespace gw::delivery
