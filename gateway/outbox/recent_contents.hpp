// Which tasks without an identifier came lately, by their content: a sender's blind repeat under a new trace id is
// found by it (OUT-11). In memory, since every task would pay for an index that only minutes of it are asked for; made
// up from the database at the start. For the writer's thread.
//
// It suggests: what it names may have been rolled back or may not be delivered, so whoever asks looks into the entries.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace gw::outbox {

/// Of one content, so many tasks are remembered, the newest: a sender that repeats what is refused costs no more.
inline constexpr std::size_t kTasksOfOneContent = 16;

/// How long contents are remembered, and how many at most: under a load beyond that the oldest are forgotten early.
struct RecentLimits {
  seconds window{};
  std::size_t entries = 0;
};

class RecentContents {
 public:
  explicit RecentContents(RecentLimits limits) : limits_(limits) {}

  [[nodiscard]] const RecentLimits& limits() const { return limits_; }
  void add(const Sha256& fingerprint, TaskId id);
  /// Tasks of (nearly certainly) this content inside the window, oldest first; kTasksOfOneContent at most.
  [[nodiscard]] std::vector<TaskId> find(const Sha256& fingerprint, Instant now);

 private:
  void forget_before(TaskId bound);
  void forget_oldest();

  struct Content {
    std::uint64_t key = 0;  ///< the first bytes of its fingerprint
    TaskId id;
  };
  RecentLimits limits_;
  std::deque<Content> in_order_;  // by id
  std::unordered_multimap<std::uint64_t, TaskId> by_key_;
};

}  // namespace gw::outbox
