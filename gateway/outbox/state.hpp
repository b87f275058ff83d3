// The states of an outbox entry and the only ways between them (OUT-01 to OUT-06). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::outbox {

/// What is durable about an entry, and so what its sender was told.
enum class State : std::uint8_t {
  kReceived = 1,   ///< on disk, nothing sent; sender told nothing yet
  kSending = 2,    ///< the recipient may get bytes; sender told nothing (202 if deferred)
  kDelivered = 3,  ///< the recipient stored it; 201. Terminal
  kRejected = 4,   ///< the recipient refused it with a complete answer; same status. Terminal
  kFailed = 5,     ///< it certainly did not arrive and never will; 502/503/504. Terminal
  kInDoubt = 6,    ///< it may have arrived; 504 that says so. Waits for an operator or late evidence (202 while repeats
                   ///< to a recipient that honours If-None-Exist go on)
  kAbandoned = 7,  ///< found kReceived at a restart: never sent, never will be. Terminal
  kQueued = 8,     ///< deferred: will be sent; 202
  kRetryWait = 9,  ///< deferred: failed for now, will be sent again; 202
  kExpired = 10,   ///< deferred: the time limit passed, certainly not delivered. Terminal
};

/// What happens to an entry.
enum class Event : std::uint8_t {
  kStartSending,       ///< connection ready, first byte about to go
  kRecipientStored,    ///< complete 2xx head
  kRecipientRefused,   ///< complete 4xx or 501
  kCertainFailure,     ///< nothing can have been stored
  kUnknownOutcome,     ///< anything else after the last byte
  kRestart,            ///< the process starts and finds the entry
  kPastLost,           ///< it starts on an outbox that may be an older copy, and an operator takes it as it is
  kRetryLater,         ///< deferred only: certain failure inside the time limit
  kTimeUp,             ///< deferred only: certainly not delivered, and the time limit leaves no further try
  kRepeatStored,       ///< deferred only: a repeat under If-None-Exist was answered as stored
  kResolvedDelivered,  ///< operator or late evidence: it did arrive
  kResolvedFailed,     ///< operator: it did not arrive
};

[[nodiscard]] std::string_view name_of(State state);
[[nodiscard]] std::string_view name_of(Event event);
[[nodiscard]] std::optional<State> state_from(std::string_view name);
[[nodiscard]] bool is_terminal(State state);
/// The gateway still has something to do for it: neither terminal nor in doubt.
[[nodiscard]] bool is_being_worked_on(State state);
/// Whether `event` is what a start makes of an entry, not what a turn or an operator came to.
[[nodiscard]] bool is_of_start(Event event);
/// Whether `event` can happen to deferred entries alone (OUT-06).
[[nodiscard]] bool is_of_deferred(Event event);
/// `state` in one of the four words that staff know (OPS-05): Queued, Sent, Received, Error. Received is said only of
/// what the recipient stored; what is in doubt was sent.
[[nodiscard]] std::string_view word_of(State state);

// The transitions, one function for each event: the state after it, or nothing where it cannot happen in `from`.
[[nodiscard]] std::optional<State> start_sending(State from);
[[nodiscard]] std::optional<State> recipient_stored(State from);
[[nodiscard]] std::optional<State> recipient_refused(State from);
[[nodiscard]] std::optional<State> certain_failure(State from);
[[nodiscard]] std::optional<State> unknown_outcome(State from);
[[nodiscard]] std::optional<State> restart(State from);
/// What was done for an entry since the copy was made is not known: whatever was still to be done is in doubt.
[[nodiscard]] std::optional<State> past_lost(State from);
[[nodiscard]] std::optional<State> retry_later(State from);
[[nodiscard]] std::optional<State> time_up(State from);
/// Doubt ends here without anybody's word: the recipient says that it has the task. A repeat that is refused or fails
/// says nothing of the first sending, so no event leads from doubt to a failure but an operator's.
[[nodiscard]] std::optional<State> repeat_stored(State from);
[[nodiscard]] std::optional<State> resolved_delivered(State from);
[[nodiscard]] std::optional<State> resolved_failed(State from);

/// The state after `event`, or nothing where that event cannot happen in `state`.
[[nodiscard]] std::optional<State> next(State state, Event event);

}  // namespace gw::outbox
