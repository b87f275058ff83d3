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
  kInDoubt = 6,    ///< it may have arrived; 504 that says so. Waits for an operator or late evidence
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
  kRetryLater,         ///< deferred only: certain failure inside the time limit
  kTimeUp,             ///< deferred only: the time limit passed
  kResolvedDelivered,  ///< operator or late evidence: it did arrive
  kResolvedFailed,     ///< operator: it did not arrive
};

[[nodiscard]] std::string_view name_of(State state);
[[nodiscard]] std::string_view name_of(Event event);
[[nodiscard]] std::optional<State> state_from(std::string_view name);
[[nodiscard]] bool is_terminal(State state);
/// The gateway still has something to do for it: neither terminal nor in doubt.
[[nodiscard]] bool is_being_worked_on(State state);
/// The state after `event`, or nothing where that event cannot happen in `state`.
[[nodiscard]] std::optional<State> next(State state, Event event);

}  // namespace gw::outbox
