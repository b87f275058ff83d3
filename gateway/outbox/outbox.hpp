// The outbox: every task on disk before anything else happens to it, every outcome on disk before it is told.
// Must not know HTTP sessions or how delivery works.
//
// One writer thread owns the database. It takes all operations that wait, applies them in one transaction, commits once
// (WAL, synchronous=FULL), then resumes each waiter on its own executor: durable for each, one fsync for all. Readers
// have their own connection and thread. A commit that failed is in doubt by itself: nothing is answered from it, and
// `on_commit_failure` ends the process (exit code 70); restart and recovery decide.
//
// Where to start reading: state.hpp (what may happen to an entry), admission.hpp (what counts as a repeat; repeats.hpp
// and recent_contents.hpp find it), store.hpp (each operation inside its transaction), writer.hpp (the thread that
// shares one commit among many), recovery.hpp (what a restart makes of what it finds).
#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "outbox/entry.hpp"

namespace gw::outbox {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

/// What an operator says who has found out why the audit is not as the gateway left it, and takes it as it is.
struct AcceptedAudit {
  std::string user_id, user_name, reason;
};

struct AuditSettings {
  std::filesystem::path key_file;                    ///< empty: the chain has no key (audit_key.hpp)
  std::vector<std::filesystem::path> old_key_files;  ///< that earlier records are under
  /// Where the chain's head is kept outside the database, before each answer (audit_witness.hpp); empty: nowhere.
  std::filesystem::path witness;
  /// How much of the witness a power cut may take: it is synced so often, zero: before each answer. Whatever else ends
  /// the process takes nothing of it.
  seconds witness_sync{1};
  std::optional<AcceptedAudit> accept;  ///< start on an audit that would be held (audit_start.hpp); in no other case
};

struct Settings {
  std::filesystem::path path;
  std::size_t queue_limit = 4096;  ///< operations waiting; beyond it kOverloaded, but not for entries already taken in
  std::size_t batch_limit = 256;   ///< operations in one transaction
  int checkpoint_pages = 200;
  std::int64_t min_free_bytes = 64LL << 20;   ///< below it new tasks get kStorage
  seconds repeat_window{24 * 3600};           ///< how long trace ids are remembered, at least (OUT-03)
  seconds identifier_window{90 * 24 * 3600};  ///< the same for Order.identifier; longer while not finished
  std::size_t keys_in_memory = 32'768;        ///< of each of the two; more are sorted to the disk (key_index.hpp)
  /// Finished entries are deleted after this, at least the two windows above; 0: never (least_retention()).
  seconds retention{0};
  seconds duplicate_window{300};           ///< how long a blind repeat is known by its content; 0: never (OUT-11)
  std::size_t duplicate_entries = 65'536;  ///< contents remembered for that at most, some 100 bytes each
  std::function<void(const Fault&)> on_commit_failure;  ///< must not return; empty: log and _Exit(70)
  /// Empty: none. Else one JSON line is appended for each task that came to rest in a mailbox here, after its commit:
  /// {"received","trace_id","identifier","body_sha256","id","recipient"}. It may lag behind a crash and is then made up
  /// at the next start; it never names a task that is not on disk.
  std::filesystem::path received_log;
  AuditSettings audit;
};

/// Entries must stay this long, so that repeats are told what they came to (OUT-03).
[[nodiscard]] inline seconds least_retention(const Settings& settings) {
  return std::max(settings.repeat_window, settings.identifier_window);
}

struct RecoveryReport {
  std::size_t abandoned = 0;  ///< found kReceived
  std::size_t in_doubt = 0;   ///< found kSending
  std::size_t requeued = 0;   ///< deferred entries that go on
  /// The deferred entries that something is still to be done for, in the order they came (OUT-06).
  std::vector<Planned> planned;
};

class Outbox {
 public:
  /// Lock, open, check pragmas, checkpoint, check the audit, recover unfinished entries (OUT-05), then start the
  /// threads. Errors: kHeld: the audit is not as the gateway left it (audit_start.hpp); kStorage, kStorageInDoubt,
  /// kInvalid.
  static Result<std::unique_ptr<Outbox>> open(const Settings& settings, const Clock& clock);
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  virtual ~Outbox() = default;

  [[nodiscard]] virtual const RecoveryReport& recovery() const = 0;
  /// A fresh id, above all before it. Thread-safe.
  virtual TaskId next_id() = 0;

  /// Write a new entry in `state` (kReceived; kQueued with its `deferral` when deferred; kSending when a connection is
  /// at hand already; kDelivered with `reply` for a mailbox), unless it repeats an earlier one (the rules:
  /// outbox/admission.hpp). Resumes on the caller's executor once it is durable. Only an Admitted entry has used up its
  /// audit record. Errors, of all operations here: kOverloaded (queue full), kStorage (nothing was written), kTooLarge,
  /// kClosed (after stop), kNotFound and kInternal (no such entry; a change that its state does not allow).
  virtual asio::awaitable<Result<Admission>> admit(NewTask task, State state, Reply reply, AuditRecord audit) = 0;
  /// Several as one: in one transaction each becomes an entry or is found to repeat a delivered one; or none does
  /// (TASK-12). Only Admitted ones have used up their audit record.
  virtual asio::awaitable<Result<GroupAdmission>> admit_all(std::vector<Entrant> entrants) = 0;
  /// kReceived (or a deferred state) to kSending, durable on return (I2).
  virtual asio::awaitable<Status> begin_sending(TaskId id) = 0;
  /// When a deferred entry that is not at its end is looked at again; nothing: not any more, it rests in doubt. Durable
  /// on return, with its audit record.
  virtual asio::awaitable<Status> plan(TaskId id, std::optional<Instant> due, AuditRecord audit) = 0;
  /// The entry's outcome, durable on return. Wakes whoever waits for it.
  virtual asio::awaitable<Status> conclude(TaskId id, Conclusion conclusion, AuditRecord audit) = 0;
  /// An audit record that belongs to no state change (a refused request), durable on return.
  virtual asio::awaitable<Status> record(AuditRecord audit) = 0;
  /// Delete some of the finished entries that came, and came to rest, `older_than` ago; gives how many, 0 when none are
  /// left. Unfinished entries, those in doubt and the audit stay. kInvalid when it is less than least_retention().
  virtual asio::awaitable<Result<std::size_t>> purge(seconds older_than, AuditRecord audit) = 0;
  /// Resumes when `id` is no longer being worked on: final, or in doubt. kTimeout, half a second late at most, when
  /// that has not come by `deadline`.
  virtual asio::awaitable<Result<StoredTask>> wait_until_final(TaskId id, SteadyTime deadline = SteadyTime::max()) = 0;
  /// Nobody works on `id` any more, and its outcome is not on record: an operation failed, or the work broke off. As
  /// soon as the disk allows, the entry becomes what a restart would make of it (abandoned if nothing was sent, else in
  /// doubt), audited, and whoever waits for it is woken. Does nothing to an entry that is settled or deferred. Never
  /// waits, never fails. Thread-safe.
  virtual void let_go(TaskId id) = 0;

  virtual asio::awaitable<Result<std::optional<StoredTask>>> find(TaskId id) = 0;
  /// One page of what there is.
  virtual asio::awaitable<Result<Page>> search(Query query) = 0;

  /// The unfinished entries by recipient and state (OPS-02); never more than kMostBacklog.
  virtual asio::awaitable<Result<std::vector<Backlog>>> backlog() { co_return std::vector<Backlog>{}; }

  /// False when new tasks cannot be taken (disk), with the reason.
  [[nodiscard]] virtual Status ready() const = 0;
  /// Thread-safe, and cheap: both are kept in memory.
  [[nodiscard]] virtual Depth depth() const { return {}; }
  [[nodiscard]] virtual Stats stats() const { return {}; }
  /// Lets waiting operations commit, then stops the threads. Whoever waits for a final state gets kClosed.
  virtual void stop() = 0;
};

}  // namespace gw::outbox
