#include "outbox/state.hpp"

#include <array>
#include <utility>

namespace gw::outbox {

namespace {

constexpr std::array<std::pair<State, std::string_view>, 10> kNames = {{
    {State::kReceived, "received"},
    {State::kSending, "sending"},
    {State::kDelivered, "delivered"},
    {State::kRejected, "rejected"},
    {State::kFailed, "failed"},
    {State::kInDoubt, "in-doubt"},
    {State::kAbandoned, "abandoned"},
    {State::kQueued, "queued"},
    {State::kRetryWait, "retry-wait"},
    {State::kExpired, "expired"},
}};

// Nothing was sent yet, or what was sent is known to have arrived nowhere.
std::optional<State> next_when_deferred(State state, Event event) {
  switch (event) {
    case Event::kStartSending:
      return State::kSending;
    case Event::kRetryLater:
      return State::kRetryWait;
    case Event::kTimeUp:
      return State::kExpired;
    case Event::kCertainFailure:
      return State::kFailed;
    case Event::kRestart:
      return state;
    default:
      return std::nullopt;
  }
}

std::optional<State> next_when_received(Event event) {
  switch (event) {
    case Event::kStartSending:
      return State::kSending;
    case Event::kCertainFailure:
      return State::kFailed;
    case Event::kRestart:
      return State::kAbandoned;
    default:
      return std::nullopt;
  }
}

std::optional<State> next_when_sending(Event event) {
  switch (event) {
    case Event::kRecipientStored:
      return State::kDelivered;
    case Event::kRecipientRefused:
      return State::kRejected;
    case Event::kCertainFailure:
      return State::kFailed;
    case Event::kUnknownOutcome:
    case Event::kRestart:
      return State::kInDoubt;
    case Event::kRetryLater:
      return State::kRetryWait;
    default:
      return std::nullopt;
  }
}

std::optional<State> next_when_in_doubt(Event event) {
  if (event == Event::kResolvedDelivered) return State::kDelivered;
  if (event == Event::kResolvedFailed) return State::kFailed;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(State state) {
  for (const auto& [value, name] : kNames) {
    if (value == state) return name;
  }
  return "unknown";
}

std::string_view name_of(Event event) {
  switch (event) {
    case Event::kStartSending:
      return "start-sending";
    case Event::kRecipientStored:
      return "recipient-stored";
    case Event::kRecipientRefused:
      return "recipient-refused";
    case Event::kCertainFailure:
      return "certain-failure";
    case Event::kUnknownOutcome:
      return "unknown-outcome";
    case Event::kRestart:
      return "restart";
    case Event::kRetryLater:
      return "retry-later";
    case Event::kTimeUp:
      return "time-up";
    case Event::kResolvedDelivered:
      return "resolved-delivered";
    case Event::kResolvedFailed:
      return "resolved-failed";
  }
  return "unknown";
}

std::optional<State> state_from(std::string_view name) {
  for (const auto& [value, text] : kNames) {
    if (text == name) return value;
  }
  return std::nullopt;
}

bool is_terminal(State state) {
  switch (state) {
    case State::kDelivered:
    case State::kRejected:
    case State::kFailed:
    case State::kAbandoned:
    case State::kExpired:
      return true;
    default:
      return false;
  }
}

bool is_being_worked_on(State state) {
  return !is_terminal(state) && state != State::kInDoubt;
}

std::optional<State> next(State state, Event event) {
  switch (state) {
    case State::kReceived:
      return next_when_received(event);
    case State::kSending:
      return next_when_sending(event);
    case State::kQueued:
    case State::kRetryWait:
      return next_when_deferred(state, event);
    case State::kInDoubt:
      return next_when_in_doubt(event);
    default:
      return std::nullopt;
  }
}

}  // namespace gw::outbox
