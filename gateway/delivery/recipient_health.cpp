// The part of a recipient that says whether it can be reached: its breaker, its figures, and a log line each time it is
// lost or back.
#include <fmt/format.h>

#include <chrono>

#include "base/log.hpp"
#include "delivery/recipient.hpp"

namespace gw::delivery {

namespace {

using Clock = std::chrono::steady_clock;

std::optional<milliseconds> age(TimePoint::rep at, TimePoint now) {
  if (at == 0) return std::nullopt;
  return std::chrono::duration_cast<milliseconds>(now - TimePoint{TimePoint::duration{at}});
}

}  // namespace

Fault Recipient::down_fault(TimePoint now) const {
  const auto down_for = std::chrono::duration_cast<seconds>(now - breaker_.failing_since());
  const auto next = std::chrono::ceil<seconds>(breaker_.until_next_try(now));
  return fault(FaultKind::kUnreachable,
               fmt::format("not reachable for {} s, {} attempts failed in a row, the last one: {}; next try in {} s",
                           down_for.count(), breaker_.failures(), last_fault_, next.count()));
}

std::optional<Fault> Recipient::ask_breaker() {
  const auto now = Clock::now();
  const std::scoped_lock lock(mutex_);
  if (breaker_.allow(now)) return std::nullopt;
  return down_fault(now);
}

std::optional<Fault> Recipient::down() const {
  const auto now = Clock::now();
  const std::scoped_lock lock(mutex_);
  if (breaker_.state() == Breaker::State::kClosed || breaker_.until_next_try(now) == milliseconds{0}) {
    return std::nullopt;
  }
  return down_fault(now);
}

void Recipient::reached() {
  answered();
  bool back = false;
  {
    const std::scoped_lock lock(mutex_);
    back = breaker_.succeeded();
  }
  if (back) log::info("recipient is back", {{"host", target_.host}, {"port", target_.port}});
}

void Recipient::not_reached(const Fault& fault) {
  const auto now = Clock::now();
  last_failure_ = now.time_since_epoch().count();
  bool lost = false;
  {
    const std::scoped_lock lock(mutex_);
    last_fault_ = fault.detail;
    lost = breaker_.failed(now);
  }
  if (lost) {
    log::warn("recipient is down", {{"host", target_.host}, {"port", target_.port}, {"cause", fault.detail}});
  }
}

void Recipient::attempt_abandoned() {
  const std::scoped_lock lock(mutex_);
  breaker_.abandoned();
}

void Recipient::answered() {
  last_success_ = Clock::now().time_since_epoch().count();
}

RecipientHealth Recipient::health() const {
  const auto now = Clock::now();
  const auto slots = slots_.load();
  RecipientHealth health{.host = target_.host,
                         .port = target_.port,
                         .since_success = age(last_success_, now),
                         .since_failure = age(last_failure_, now),
                         .last_fault = {},
                         .open = slots.open,
                         .connecting = slots.connecting,
                         .waiting = waiting_};
  for (const auto& pool : pools_) health.idle += pool->idle_count;
  const std::scoped_lock lock(mutex_);
  health.breaker = breaker_.state();
  health.failures = breaker_.failures();
  health.last_fault = last_fault_;
  return health;
}

}  // namespace gw::delivery
