// The operations on entries, inside a transaction that the writer opens and commits. Must not know threads or waiters.
//
// An operation that cannot apply (a repeat, a change that the state does not allow) is found out before it writes
// anything, so it leaves no trace and the transaction goes on. When a step itself fails, the connection is marked and
// the whole transaction must be rolled back.
#pragma once

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "outbox/audit_chain.hpp"
#include "outbox/deferrals.hpp"
#include "outbox/entry.hpp"
#include "outbox/recent_contents.hpp"
#include "outbox/repeats.hpp"
#include "outbox/statement.hpp"
#include "outbox/view.hpp"

namespace gw::outbox {

class Store {
 public:
  /// `connection` from open_for_writing, and `clock`, must outlive the store.
  Store(Connection& connection, const Clock& clock, RepeatWindows windows, RecentLimits recent);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Read where the audit and the counts stand. Once, before anything else.
  Status load();

  /// Errors: kStorage; nothing is open then.
  Status begin();
  /// Errors: kStorageInDoubt: whether the transaction is on disk is not known.
  Status commit();
  /// Errors: kStorageInDoubt, when even that failed.
  Status roll_back();

  // Inside a transaction. A fault of kind kStorage means that the connection is marked.
  /// A new entry, of a task that repeat_of() knows no earlier one of.
  Status admit(const NewTask& task, State state, const Reply& reply, AuditRecord audit);
  /// All of them or none: none is written before each was looked at. What repeats a delivered task is not written
  /// again.
  Result<GroupAdmission> admit_all(std::vector<Entrant>& entrants);
  /// A request under a new trace id was known by its identifier or content: from now on also by that trace id.
  void remember_trace(const NewTask& task, const Admission& repeat);
  Status begin_sending(TaskId id);
  /// Gives the new state.
  Result<State> conclude(TaskId id, const Conclusion& conclusion, AuditRecord audit);
  Status record(AuditRecord audit);
  /// When a deferred entry that is not at its end is looked at again; nothing: it rests. Errors: kNotFound, kInternal
  /// (it is not deferred, or at its end).
  Status plan(TaskId id, const std::optional<Instant>& due, AuditRecord audit);
  /// The deferred entries that something is still to be done for.
  Result<std::vector<Planned>> planned();
  /// Take up what a process before this one left unfinished (OUT-05): `event`, of those of a start, for each such
  /// entry, with an audit record where its state changes. Gives what became of them.
  struct Restarted {
    std::size_t abandoned = 0, in_doubt = 0, requeued = 0;
  };
  Result<Restarted> restart_unfinished(Event event);
  /// The same for one entry that this process gave up. False when there is nothing to settle.
  Result<bool> settle_given_up(TaskId id);
  /// Delete some keys of repeats that are past their windows; gives whether there may be more.
  bool prune();
  /// Delete finished entries that came, and came to rest, `older_than` ago, the oldest first, `limit` at most; gives
  /// how many. The audit keeps what it says of them, and gets `audit` if there were any.
  std::size_t purge(seconds older_than, std::size_t limit, AuditRecord audit);
  /// Write something, to see whether writing works.
  void probe();

  // Also outside of one.
  /// What an earlier entry says to this task, if one does (OUT-03, OUT-11): Repeat, Running, Conflict or Duplicate.
  /// Reads only, so it works also where nothing can be written.
  Result<std::optional<Admission>> repeat_of(const NewTask& task);
  Result<std::optional<StoredTask>> find(TaskId id) { return view_.find(id); }
  /// Errors: kNotFound, kStorage.
  Result<State> state_of(TaskId id);
  Result<TaskId> last_id();
  /// Of pages in the file that hold nothing; 0 when that cannot be read.
  std::int64_t reusable_bytes();
  /// Of what is committed and of what the open transaction changed.
  [[nodiscard]] const Depth& depth() const { return depth_; }
  Connection& connection() { return connection_; }
  /// For the start alone: everything else is appended with what it belongs to.
  AuditChain& audit() { return audit_; }
  [[nodiscard]] const AuditHead& audit_head() const { return audit_.head(); }

 private:
  /// Whether `event` can be of an entry that is, or is not, deferred, or for which something is still to be done.
  Status may_happen(TaskId id, Event event);
  Result<std::optional<Admission>> duplicate_of(const NewTask& task);
  void load_recent();
  Status may_begin(const NewTask& task, State state, const Reply& reply, const AuditRecord& audit);
  Status take_in(const NewTask& task, State state, const Reply& reply, AuditRecord audit);
  void insert(const NewTask& task, State state, const Reply& reply, std::int64_t audited);
  void put_reply(TaskId id, const Reply& reply);
  void change(TaskId id, State from, State to, const Conclusion& conclusion, AuditRecord audit);
  AuditRecord completed(AuditRecord audit, TaskId id) const;
  std::size_t* count_of(State state);
  void count(State state, bool up);

  Connection& connection_;
  const Clock& clock_;
  Depth depth_, committed_depth_;
  AuditChain audit_;
  View view_;
  Repeats repeats_;
  RecentContents recent_;
  Deferrals deferrals_;
  Statement begin_, commit_, rollback_;
  Statement insert_task_, insert_content_, put_reply_, set_sending_, set_state_, select_state_;
  Statement select_old_, delete_task_, delete_content_, delete_reply_;
  Statement probe_, empty_pages_, recent_contents_, last_id_, count_unfinished_, unfinished_;
};

}  // namespace gw::outbox
