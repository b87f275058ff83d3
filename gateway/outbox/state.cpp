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

std::optional<State> only_if(bool possible, State to) {
  return possible ? std::optional{to} : std::nullopt;
}

// Deferred, and nothing is on its way: what was sent before is known to have arrived nowhere.
bool is_waiting(State state) {
  return state == State::kQueued || state == State::kRetryWait;
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
    case Event::kPastLost:
      return "past-lost";
    case Event::kRetryLater:
      return "retry-later";
    case Event::kTimeUp:
      return "time-up";
    case Event::kRepeatStored:
      return "repeat-stored";
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

bool is_of_start(Event event) {
  return event == Event::kRestart || event == Event::kPastLost;
}

bool is_of_deferred(Event event) {
  return event == Event::kRetryLater || event == Event::kTimeUp || event == Event::kRepeatStored;
}

std::string_view word_of(State state) {
  switch (state) {
    case State::kReceived:
    case State::kQueued:
    case State::kRetryWait:
      return "Queued";
    case State::kSending:
    case State::kInDoubt:
      return "Sent";
    case State::kDelivered:
      return "Received";
    default:
      return "Error";
  }
}

std::optional<State> start_sending(State from) {
  return only_if(from == State::kReceived || is_waiting(from), State::kSending);
}

std::optional<State> recipient_stored(State from) {
  return only_if(from == State::kSending, State::kDelivered);
}

std::optional<State> recipient_refused(State from) {
  return only_if(from == State::kSending, State::kRejected);
}

std::optional<State> certain_failure(State from) {
  return only_if(from == State::kReceived || from == State::kSending || is_waiting(from), State::kFailed);
}

std::optional<State> unknown_outcome(State from) {
  return only_if(from == State::kSending, State::kInDoubt);
}

std::optional<State> restart(State from) {
  if (from == State::kReceived) return State::kAbandoned;
  if (from == State::kSending) return State::kInDoubt;
  return only_if(is_waiting(from), from);
}

std::optional<State> past_lost(State from) {
  return only_if(is_being_worked_on(from), State::kInDoubt);
}

std::optional<State> retry_later(State from) {
  return only_if(from == State::kSending || is_waiting(from), State::kRetryWait);
}

std::optional<State> time_up(State from) {
  return only_if(from == State::kSending || is_waiting(from), State::kExpired);
}

std::optional<State> repeat_stored(State from) {
  return only_if(from == State::kInDoubt, State::kDelivered);
}

std::optional<State> resolved_delivered(State from) {
  return only_if(from == State::kInDoubt, State::kDelivered);
}

std::optional<State> resolved_failed(State from) {
  return only_if(from == State::kInDoubt, State::kFailed);
}

std::optional<State> next(State state, Event event) {
  switch (event) {
    case Event::kStartSending:
      return start_sending(state);
    case Event::kRecipientStored:
      return recipient_stored(state);
    case Event::kRecipientRefused:
      return recipient_refused(state);
    case Event::kCertainFailure:
      return certain_failure(state);
    case Event::kUnknownOutcome:
      return unknown_outcome(state);
    case Event::kRestart:
      return restart(state);
    case Event::kPastLost:
      return past_lost(state);
    case Event::kRetryLater:
      return retry_later(state);
    case Event::kTimeUp:
      return time_up(state);
    case Event::kRepeatStored:
      return repeat_stored(state);
    case Event::kResolvedDelivered:
      return resolved_delivered(state);
    case Event::kResolvedFailed:
      return resolved_failed(state);
  }
  return std::nullopt;
}

}  // namespace gw::outbox
