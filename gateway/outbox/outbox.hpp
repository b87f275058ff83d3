// The outbox: every task on disk before anything else happens to it, every outcome on disk before it is told.
// Must not know HTTP sessions or how delivery works.
//
// One writer thread owns the database. It takes all operations that wait, applies them in one transaction, commits once
// (WAL, synchronous=FULL), then resumes each waiter on its own executor: durable for each, one fsync for all. Readers
// have their own connection and thread. A commit that failed is in doubt by itself: nothing is answered from it, and
// `on_commit_failure` ends the process (exit code 70); restart and recovery decide.
//
// Where to start reading: state.hpp (what may happen to an entry), admission.hpp (what counts as a repeat), store.hpp
// (each operation inside its transaction), writer.hpp (the thread that shares one commit among many), recovery.hpp.
#pragma once

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

struct Settings {
  std::filesystem::path path;
  std::size_t queue_limit = 4096;  ///< operations waiting; beyond it kOverloaded, but not for entries already taken in
  std::size_t batch_limit = 256;   ///< operations in one transaction
  int checkpoint_pages = 200;
  std::int64_t min_free_bytes = 64LL << 20;             ///< below it new tasks get kStorage
  seconds repeat_window{24 * 3600};                     ///< how long trace ids are remembered, at least (OUT-03)
  std::function<void(const Fault&)> on_commit_failure;  ///< must not return; empty: log and _Exit(70)
  /// Empty: none. Else one JSON line is appended for each task that came to rest in a mailbox here, after its commit:
  /// {"received","trace_id","identifier","body_sha256","id","recipient"}. It may lag behind a crash and is then made up
  /// at the next start; it never names a task that is not on disk.
  std::filesystem::path received_log;
};

struct RecoveryReport {
  std::size_t abandoned = 0;  ///< found kReceived
  std::size_t in_doubt = 0;   ///< found kSending
  std::size_t requeued = 0;   ///< deferred entries that go on
};

class Outbox {
 public:
  /// Lock, open, check pragmas, checkpoint, recover unfinished entries (OUT-05), then start the threads.
  static Result<std::unique_ptr<Outbox>> open(const Settings& settings, const Clock& clock);
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  virtual ~Outbox() = default;

  [[nodiscard]] virtual const RecoveryReport& recovery() const = 0;
  /// A fresh id, above all before it. Thread-safe.
  virtual TaskId next_id() = 0;

  /// Write a new entry in `state` (kReceived; kQueued when deferred; kSending when a connection is at hand already;
  /// kDelivered with `reply` for a mailbox), unless it repeats an earlier one (the rules: outbox/admission.hpp).
  /// Resumes on the caller's executor once it is durable. Only an Admitted entry has used up its audit record. Errors,
  /// of all operations here: kOverloaded (queue full), kStorage (nothing was written), kTooLarge, kClosed (after stop),
  /// kNotFound and kInternal (no such entry; a change that its state does not allow).
  virtual asio::awaitable<Result<Admission>> admit(NewTask task, State state, Reply reply, AuditRecord audit) = 0;
  /// Several as one: in one transaction each becomes an entry or is found to repeat a delivered one; or none does
  /// (TASK-12). Only Admitted ones have used up their audit record.
  virtual asio::awaitable<Result<GroupAdmission>> admit_all(std::vector<Entrant> entrants) = 0;
  /// kReceived (or a deferred state) to kSending, durable on return (I2).
  virtual asio::awaitable<Status> begin_sending(TaskId id) = 0;
  /// The entry's outcome, durable on return. Wakes whoever waits for it.
  virtual asio::awaitable<Status> conclude(TaskId id, Conclusion conclusion, AuditRecord audit) = 0;
  /// An audit record that belongs to no state change (a refused request), durable on return.
  virtual asio::awaitable<Status> record(AuditRecord audit) = 0;
  /// Resumes when `id` is no longer being worked on: final, or in doubt. kTimeout, half a second late at most, when
  /// that has not come by `deadline`.
  virtual asio::awaitable<Result<StoredTask>> wait_until_final(TaskId id, SteadyTime deadline = SteadyTime::max()) = 0;
  /// Nobody works on `id` any more, and its outcome is not on record: an operation failed, or the work broke off. As
  /// soon as the disk allows, the entry becomes what a restart would make of it (abandoned if nothing was sent, else in
  /// doubt), audited, and whoever waits for it is woken. Does nothing to an entry that is settled or deferred. Never
  /// waits, never fails. Thread-safe.
  virtual void let_go(TaskId id) = 0;

  virtual asio::awaitable<Result<std::optional<StoredTask>>> find(TaskId id) = 0;
  /// In id order; never more than kMaxPage.
  virtual asio::awaitable<Result<std::vector<StoredTask>>> search(Query query) = 0;

  /// False when new tasks cannot be taken (disk), with the reason.
  [[nodiscard]] virtual Status ready() const = 0;
  /// Thread-safe, and cheap: both are kept in memory.
  [[nodiscard]] virtual Depth depth() const { return {}; }
  [[nodiscard]] virtual Stats stats() const { return {}; }
  /// Lets waiting operations commit, then stops the threads. Whoever waits for a final state gets kClosed.
  virtual void stop() = 0;
};

}  // namespace gw::outbox
