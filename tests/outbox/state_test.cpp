#include "outbox/state.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <utility>

using namespace gw::outbox;

namespace {

constexpr State kStates[] = {State::kReceived,  State::kSending, State::kDelivered, State::kRejected,
                             State::kFailed,    State::kInDoubt, State::kAbandoned, State::kQueued,
                             State::kRetryWait, State::kExpired};
constexpr Event kEvents[] = {Event::kStartSending,   Event::kRecipientStored,   Event::kRecipientRefused,
                             Event::kCertainFailure, Event::kUnknownOutcome,    Event::kRestart,
                             Event::kPastLost,       Event::kRetryLater,        Event::kTimeUp,
                             Event::kRepeatStored,   Event::kResolvedDelivered, Event::kResolvedFailed};

// Every way there is; what is not here cannot happen.
const std::map<std::pair<State, Event>, State> kWays = {
    {{State::kReceived, Event::kStartSending}, State::kSending},
    {{State::kReceived, Event::kCertainFailure}, State::kFailed},
    {{State::kReceived, Event::kRestart}, State::kAbandoned},
    {{State::kReceived, Event::kPastLost}, State::kInDoubt},
    {{State::kSending, Event::kRecipientStored}, State::kDelivered},
    {{State::kSending, Event::kRecipientRefused}, State::kRejected},
    {{State::kSending, Event::kCertainFailure}, State::kFailed},
    {{State::kSending, Event::kUnknownOutcome}, State::kInDoubt},
    {{State::kSending, Event::kRestart}, State::kInDoubt},
    {{State::kSending, Event::kPastLost}, State::kInDoubt},
    {{State::kSending, Event::kRetryLater}, State::kRetryWait},
    {{State::kSending, Event::kTimeUp}, State::kExpired},
    {{State::kQueued, Event::kStartSending}, State::kSending},
    {{State::kQueued, Event::kRetryLater}, State::kRetryWait},
    {{State::kQueued, Event::kTimeUp}, State::kExpired},
    {{State::kQueued, Event::kCertainFailure}, State::kFailed},
    {{State::kQueued, Event::kRestart}, State::kQueued},
    {{State::kQueued, Event::kPastLost}, State::kInDoubt},
    {{State::kRetryWait, Event::kStartSending}, State::kSending},
    {{State::kRetryWait, Event::kRetryLater}, State::kRetryWait},
    {{State::kRetryWait, Event::kTimeUp}, State::kExpired},
    {{State::kRetryWait, Event::kCertainFailure}, State::kFailed},
    {{State::kRetryWait, Event::kRestart}, State::kRetryWait},
    {{State::kRetryWait, Event::kPastLost}, State::kInDoubt},
    {{State::kInDoubt, Event::kRepeatStored}, State::kDelivered},
    {{State::kInDoubt, Event::kResolvedDelivered}, State::kDelivered},
    {{State::kInDoubt, Event::kResolvedFailed}, State::kFailed},
};

}  // namespace

TEST_CASE("state: every event in every state leads where the table says, or nowhere (OUT-01, OUT-05)", "[outbox]") {
  for (const auto state : kStates) {
    for (const auto event : kEvents) {
      INFO(name_of(state) << " + " << name_of(event));
      const auto way = kWays.find({state, event});
      const auto wanted = way == kWays.end() ? std::nullopt : std::optional{way->second};
      CHECK(next(state, event) == wanted);
    }
  }
}

TEST_CASE("state: nothing leaves a terminal state (OUT-02)", "[outbox]") {
  for (const auto state : kStates) {
    if (!is_terminal(state)) continue;
    for (const auto event : kEvents) CHECK_FALSE(next(state, event));
  }
}

TEST_CASE("state: from in doubt nothing leads back to sending, or to failed without a person (OUT-04)", "[outbox]") {
  for (const auto event : kEvents) {
    const auto after = next(State::kInDoubt, event);
    if (event == Event::kResolvedDelivered || event == Event::kResolvedFailed) continue;
    // Evidence that it arrived is the only other way out.
    CHECK((!after || (event == Event::kRepeatStored && after == State::kDelivered)));
  }
}

TEST_CASE("state: every state and event has a name of its own, and the state's name leads back to it", "[outbox]") {
  for (const auto state : kStates) CHECK(state_from(name_of(state)) == state);
  for (const auto event : kEvents) CHECK(name_of(event) != "unknown");
  CHECK_FALSE(state_from("unknown"));
}

TEST_CASE("state: what staff read is one of four words, and Received only where the recipient has it (OPS-05)",
          "[outbox]") {
  for (const auto state : kStates) {
    INFO(name_of(state));
    const auto word = word_of(state);
    CHECK((word == "Queued" || word == "Sent" || word == "Received" || word == "Error"));
    CHECK((word == "Received") == (state == State::kDelivered));
    CHECK((word == "Error") == (is_terminal(state) && state != State::kDelivered));
  }
}

TEST_CASE("state: an entry that is tried again has never been sent, or arrived nowhere (OUT-02, OUT-06)", "[outbox]") {
  for (const auto state : kStates) {
    INFO(name_of(state));
    CHECK(start_sending(state).has_value() ==
          (state == State::kReceived || state == State::kQueued || state == State::kRetryWait));
  }
}
