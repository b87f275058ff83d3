// Whoever waits for an entry to be final or in doubt. For the writer's thread. Must not know the database.
#pragma once

#include <functional>
#include <unordered_map>

#include "outbox/completion.hpp"
#include "outbox/entry.hpp"
#include "outbox/outbox.hpp"

namespace gw::outbox {

class FinalWaits {
 public:
  void add(TaskId id, SteadyTime deadline, CompletionPtr<StoredTask> done);
  /// Move those who wait for `id` to `ready`, each with what `read` gives; it is called only if somebody waits.
  void settle(TaskId id, const std::function<Result<StoredTask>()>& read, ReadyWaiters& ready);
  /// Move those whose deadline has passed to `ready` with kTimeout. Looks at most once in `between`.
  void end_late(milliseconds between, ReadyWaiters& ready);
  /// Move all to `ready` with kClosed.
  void close(ReadyWaiters& ready);

 private:
  struct Waiting {
    SteadyTime deadline;
    CompletionPtr<StoredTask> done;
  };
  std::unordered_multimap<std::int64_t, Waiting> waiting_;
  SteadyTime looked_at_{};
};

}  // namespace gw::outbox
