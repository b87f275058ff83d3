// What the outbox keeps of a task, and the values that go in and out of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.hpp"
#include "base/histogram.hpp"
#include "base/http.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "outbox/state.hpp"

namespace gw::outbox {

/// What a deferred entry has beside its task until it has come to its end (OUT-06): until when it may be sent, when it
/// is looked at again, and the request that goes to the recipient. It goes with the end, the user's token first of all.
struct Deferral {
  Instant limit{};             ///< no try begins after this
  std::string limit_by;        ///< what sets the limit, in words: "the audit token ends"
  std::optional<Instant> due;  ///< when it is looked at again; nothing: it rests (in doubt, and nothing more is tried)
  std::string target;          ///< of the sender's request
  Headers headers;             ///< of the sender's request, in order
  std::string peer_address;    ///< who connected, for Forwarded
  std::string body;            ///< as it came, where that is not the task's own bytes
  std::string mandate;         ///< the user that the sender's token names, as a token of the gateway's own making
};

/// A task as it is handed in. `body` is kept byte for byte.
struct NewTask {
  TaskId id;  ///< from Outbox::next_id
  Instant received_at{};
  TraceId trace;
  Asid from, to;
  OdsCode sender;                                                  ///< organisation of `from`
  OdsCode recipient;                                               ///< organisation of the URL
  std::string interaction;                                         ///< interaction id as sent
  std::string subject, source, target;                             ///< references as "Patient/1"
  std::string type;                                                ///< "1" or "2"
  std::string date;                                                ///< Order.date as written
  std::optional<std::string> identifier_system, identifier_value;  ///< as the sender gave it
  std::string given_identifier;  ///< identifier value the gateway made, for mailbox tasks without one
  std::string content_type;
  std::string body;
  Sha256 body_hash{};
  Sha256 text_hash{};
  Sha256 fingerprint{};  ///< of source, target, patient, day, type, text (OUT-11)
  bool guarded = true;   ///< without an identifier: look for a task delivered lately with this fingerprint; not kept
  std::optional<Deferral> deferral;  ///< of an entry that begins as kQueued, and of no other
};

/// The answer that was, or will be, given for an entry: kept so that a repeat gets the same one. A mailbox entry keeps
/// no body here: it is rendered from the task.
struct Reply {
  int status = 0;
  Headers headers;
  std::string body;
};

/// One audit record (AUD-01). Number, time order and hash chain are the store's. No narrative, no token.
struct AuditRecord {
  Instant at{};
  std::string kind;  ///< "request", "state", "recovery", "operator", "retention", "chain"
  std::optional<TaskId> task;
  std::string trace, from, to, interaction;
  std::string user_id, user_name, user_role;
  std::string organisation, device, authority;
  std::string patient;  ///< NHS number, where known
  std::string peer_fqdn, peer_fingerprint, peer_address;
  int status = 0;          ///< HTTP status answered, 0 for state changes
  std::string outcome;     ///< error codes joined by space, or the new state
  std::string identifier;  ///< of the task: Order.identifier as "system|value", where it has one
};

/// An entry as read back.
struct StoredTask {
  NewTask task;
  State state = State::kReceived;
  Instant updated_at{};
  std::int64_t version = 1;
  int attempts = 0;
  bool mailbox = false;    ///< kept here for its recipient, in a mailbox
  bool text_lost = false;  ///< delivered, but the recipient showed it without its text (OUT-12)
  bool resolved = false;   ///< was in doubt until somebody found out; the reply is what was told before that
  Reply reply;
  std::string note;  ///< why it is in this state, for operators
  /// Whether its sender is told 202 for now: it is deferred, and something more is going to be done for it.
  [[nodiscard]] bool is_pending() const { return task.deferral && task.deferral->due && !is_terminal(state); }
};

/// The entry was written.
struct Admitted {};
/// The same request was answered before: give that answer again (OUT-03).
struct Repeat {
  StoredTask earlier;
};
/// The same request is being worked on: wait for it with Outbox::wait_until_final.
struct Running {
  TaskId id;
};
/// The same trace id or identifier came with other content: 409.
struct Conflict {
  bool by_identifier = false;
};

/// A task of the same content, without an identifier, was delivered lately under another trace id (OUT-11).
struct Duplicate {
  StoredTask earlier;
};

using Admission = std::variant<Admitted, Repeat, Running, Conflict, Duplicate>;

/// One of several new entries that are to be taken in together.
struct Entrant {
  NewTask task;
  State state = State::kReceived;
  Reply reply;
  AuditRecord audit;
};
/// What became of them: `each` in their order, or none was written, because of the one at `blocked_by` (a conflict, or
/// a repeat of an entry that is not delivered). Two that share an identifier conflict with each other.
struct GroupAdmission {
  std::vector<Admission> each;
  std::optional<std::size_t> blocked_by;
  Admission blocker;
};

/// How an entry ends (or comes to rest in doubt).
struct Conclusion {
  Event event = Event::kUnknownOutcome;
  Reply reply;
  std::string note;
  bool text_lost = false;      ///< the recipient shows it without its text (OUT-12)
  std::optional<Instant> due;  ///< deferred, and not at its end: when it is looked at again; nothing: it rests
};

/// A deferred entry that something is still to be done for.
struct Planned {
  TaskId id;
  OdsCode recipient;
  std::string subject;
  Instant due{}, limit{};
};

/// Who asks to see tasks, as far as the directory and the request's envelope tell (ANS-09).
struct Requester {
  std::string organisation;  ///< ODS code of the system that asks
  std::string reference;     ///< that organisation as a task's source: "Organization/1"
  std::string system;        ///< ASID of that system
  std::string acts_for;      ///< as a task's source, the organisation that its user acts for; empty: none that is known
};

/// Whether `requester` may see a task: it is the task's target or its source; or its user acts for the source, through
/// the very system that sent the task (a system may serve several organisations, and only the token says which). A
/// source that is a person stands for the organisation whose system sent it. Query::requester is the same in a search.
[[nodiscard]] bool may_see(const Requester& requester, const NewTask& task);

/// A search over delivered mailbox tasks (ANS-09) or, for operators, all entries.
struct Query {
  std::optional<State> state;
  bool problems = false;      ///< only what somebody should look into: in doubt, expired, delivered without its text
  std::vector<State> states;  ///< any of these; empty: any
  std::optional<Requester> requester;  ///< only what it may see
  std::optional<std::string> party,
      other_party;                    ///< ODS code: of the system that sent it, or of the recipient; both must hold
  std::optional<std::string> sender;  ///< ODS code of the system that sent it
  std::optional<std::string> recipient;
  std::optional<std::string> subject, source, target;
  std::optional<std::string> identifier_system, identifier_value;  ///< also finds the identifier the gateway gave
  std::optional<Instant> dated_from,
      dated_before;            ///< Order.date in [from, before); a date without a time is its start
  bool dated_outside = false;  ///< the complement of that range (prefix ne)
  std::optional<Instant> received_from, received_before;  ///< when it was handed in; reads nothing outside of it
  std::optional<TaskId> id;                               ///< this one only
  std::optional<TaskId> after;  ///< page start: what comes after this one in the order asked for
  bool newest_first = false;    ///< else in the order they came
  bool with_body = true;        ///< else the tasks' bodies are left out
  std::size_t count = 50;       ///< at most kMaxPage
};

inline constexpr std::size_t kMaxPage = 500;
/// A page of several tasks ends when their bodies are this much together.
inline constexpr std::size_t kMaxPageBytes = 4U << 20U;

/// What a search found: a page of it. The bodies of the answers are left out.
struct Page {
  std::vector<StoredTask> tasks;
  bool more = false;  ///< there are others after these
};

/// How many entries are unfinished, by state.
struct Depth {
  std::size_t received = 0, sending = 0, queued = 0, retry_wait = 0, in_doubt = 0;
};

/// What the writer did since it was opened.
struct Stats {
  std::uint64_t operations = 0;   ///< that were durable and answered
  std::uint64_t commits = 0;      ///< transactions they shared
  std::uint64_t rollbacks = 0;    ///< batches that could not be written
  std::uint64_t checkpoints = 0;  ///< of the write-ahead log into the database
  HistogramCounts commit_times;   ///< of those commits: in the main the disk's fsync
};

/// Unfinished entries of one recipient in one state.
struct Backlog {
  OdsCode recipient;
  State state = State::kReceived;
  std::size_t entries = 0;
  Instant oldest{};  ///< when the oldest of them was received
};

/// At most so many rows of backlog are told; those with the oldest entries.
inline constexpr std::size_t kMostBacklog = 200;

}  // namespace gw::outbox
