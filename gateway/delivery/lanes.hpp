// Which deferred task is tried next (OUT-06, OUT-09). Pure: no I/O, time is an argument.
//
// The tasks of one patient for one recipient make a lane and go in the order they came: the next one waits until the
// one before it has come to its end or rests. Lanes do not wait for each other; of one recipient only so many are at
// work at once. A task whose limit has passed has its turn wherever it stands, so that its sender learns it early;
// where that turn could not write the end, the next one waits until it is due, as any other.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "outbox/entry.hpp"

namespace gw::delivery {

struct LaneLimits {
  std::size_t at_once = 4;        ///< tasks of one recipient at work at the same time
  std::size_t waiting = 1'000;    ///< tasks of one recipient, those at work included
  milliseconds longest{900'000};  ///< a due time further ahead than this was made by a clock that was set since
  milliseconds last_try{3'000};   ///< nearer to its limit than this a task's time is up
};

/// Not thread-safe: the owner locks.
class Lanes {
 public:
  explicit Lanes(const LaneLimits& limits) : limits_(limits) {}

  /// Whether one more task for this recipient may be taken on. add() itself takes all: what is on disk is owed.
  [[nodiscard]] bool has_room(const OdsCode& recipient) const;
  /// One that is known already stays as it is.
  void add(const outbox::Planned& task);
  /// A task whose turn it is; it is at work from then on, until put_back() or remove(). Nothing: none is due.
  [[nodiscard]] std::optional<TaskId> take(Instant now);
  /// Its turn is over, and it has another one.
  void put_back(TaskId id, Instant due);
  /// Its turn is over, and it was the last one, unless it was hastened meanwhile.
  void remove(TaskId id);
  /// Due now, if it waits; if it is at work, what is on disk since is looked at before it is forgotten. False when it
  /// is not known here.
  bool hasten(TaskId id, Instant now);
  /// How long until take() can give something, as far as time alone decides; nothing: not by time.
  [[nodiscard]] std::optional<milliseconds> until_next(Instant now) const;
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }

 private:
  using Order = std::set<std::pair<Instant, TaskId>>;  ///< by time, then as they came
  struct Task {
    outbox::Planned planned;
    bool at_work = false;
    bool hastened = false;  ///< while at work: a turn that would be the last is followed by one more
  };
  struct Recipient {
    std::size_t tasks = 0, at_work = 0;
    std::map<std::string, std::set<TaskId>> lanes;  ///< by patient; each in the order they came
    Order heads;                                    ///< firsts of lanes that are not at work, by due time
    Order limits;                                   ///< all that are not at work, by when their time is up
  };

  /// From when on its time is up, and it is not left in peace any more.
  [[nodiscard]] Instant up_at(const Task& task) const;
  void rest_head(Recipient& recipient, const std::string& patient);
  void wake_head(Recipient& recipient, const std::string& patient);
  [[nodiscard]] std::optional<TaskId> due_of(const Recipient& recipient, Instant now) const;

  LaneLimits limits_;
  std::unordered_map<std::int64_t, Task> tasks_;
  std::unordered_map<OdsCode, Recipient> recipients_;
};

}  // namespace gw::delivery
