// Which earlier entry a new task repeats: the keys of OUT-03, how they are looked up, and how long they are kept. What
// a key's entry means for the task is decided in admission.hpp. Must not know the writer.
//
// A trace id is remembered for a window of days, an identifier for a longer one; the keys of entries that are not
// finished stay, since they must never be sent twice (OUT-04).
#pragma once

#include <optional>

#include "base/time.hpp"
#include "outbox/admission.hpp"
#include "outbox/entry.hpp"
#include "outbox/key_index.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

/// How long keys lead to their entries, at least.
struct RepeatWindows {
  seconds trace{};
  seconds identifier{};
  std::size_t run_keys = 0;  ///< of each kind that wait in memory to be sorted (key_index.hpp)
};

/// Lives on the writer's connection; its steps mark that connection when they fail.
class Repeats {
 public:
  /// What the keys of a task lead to, where they decide something: never Ruling::kFresh.
  struct Found {
    Ruling ruling = Ruling::kRepeat;
    TaskId id;
    bool by_identifier = false;
  };

  Repeats(Connection& connection, RepeatWindows windows);

  /// Once, before use. `last`: the newest entry there is, whose day is "today" to begin with.
  void load(TaskId last);
  /// What was put and pruned since the last of these two is on disk now, or is not.
  void committed() { changed_ = false; }
  void rolled_back();

  /// Reads only. `task.id` must be set.
  std::optional<Found> find(const NewTask& task);
  /// Make the task's keys lead to it, inside the caller's transaction.
  void remember(const NewTask& task);
  /// Make the trace id of a request that repeats `id` lead there too, so that its own repeat gets the same answer.
  void remember_trace(const NewTask& task, TaskId id);
  /// Delete some keys that are past their windows; gives whether there may be more.
  bool prune(Instant now);

 private:
  void note_day(const NewTask& task);
  std::optional<Earlier> earlier(KeyIndex::Found found, std::int64_t window_days);
  std::optional<Earlier> by_trace(const NewTask& task);
  std::optional<Earlier> by_identifier(const NewTask& task);
  bool is_unfinished(TaskId id);

  std::int64_t trace_days_;
  std::int64_t identifier_days_;
  std::int64_t day_ = 0;    // the newest day that an entry was asked for; never goes back
  std::int64_t today_ = 0;  // of the task at hand: what windows are counted from
  bool changed_ = false;    // by the transaction at hand
  KeyIndex traces_;
  KeyIndex identifiers_;
  Statement select_earlier_;
};

}  // namespace gw::outbox
