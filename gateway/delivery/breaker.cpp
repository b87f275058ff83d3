#include "delivery/breaker.hpp"

namespace gw::delivery {

bool Breaker::allow(Time now) {
  switch (state_) {
    case State::kClosed:
      return true;
    case State::kOpen:
      if (now < last_failure_ + settings_.cooldown) return false;
      state_ = State::kHalfOpen;
      break;
    case State::kHalfOpen:
      if (probing_ && now < probing_since_ + settings_.cooldown) return false;
      break;
  }
  probing_ = true;
  probing_since_ = now;
  return true;
}

bool Breaker::succeeded() {
  const bool was_down = state_ != State::kClosed;
  state_ = State::kClosed;
  failures_ = 0;
  probing_ = false;
  return was_down;
}

bool Breaker::failed(Time now) {
  // Attempts that were under way when it opened tell nothing new.
  if (state_ == State::kOpen) return false;
  if (state_ == State::kHalfOpen) {
    state_ = State::kOpen;
    probing_ = false;
    last_failure_ = now;
    ++failures_;
    return false;
  }
  if (failures_ == 0 || now > last_failure_ + settings_.window) {
    failures_ = 0;
    failing_since_ = now;
  }
  last_failure_ = now;
  ++failures_;
  if (settings_.failures == 0 || failures_ < settings_.failures) return false;
  state_ = State::kOpen;
  return true;
}

void Breaker::abandoned() {
  probing_ = false;
}

milliseconds Breaker::until_next_try(Time now) const {
  Time next = now;
  if (state_ == State::kOpen) next = last_failure_ + settings_.cooldown;
  if (state_ == State::kHalfOpen && probing_) next = probing_since_ + settings_.cooldown;
  return next > now ? std::chrono::ceil<milliseconds>(next - now) : milliseconds{0};
}

}  // namespace gw::delivery
