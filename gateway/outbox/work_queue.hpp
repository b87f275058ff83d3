// A bounded queue in front of one thread that takes all that waits, up to a limit. Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace gw::outbox {

template <class Work>
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t limit) : limit_(limit) {}

  /// Take `work` over, or leave it as it is and say why: kOverloaded, kClosed. `owed` work is let in beyond the limit.
  Status push(Work& work, bool owed = false) {
    {
      const std::lock_guard lock{mutex_};
      if (closed_) return fault(FaultKind::kClosed, "the outbox is stopping");
      if (!owed && waiting_.size() >= limit_)
        return fault(FaultKind::kOverloaded, "too many operations wait for the outbox");
      waiting_.push_back(std::move(work));
      if (!thread_sleeps_) return Done{};
      thread_sleeps_ = false;
    }
    changed_.notify_one();
    return Done{};
  }

  /// Wait at most `patience`, then give what is there, up to `limit`. False once closed and empty.
  bool take(std::vector<Work>& taken, std::size_t limit, std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    thread_sleeps_ = waiting_.empty() && !closed_;
    changed_.wait_for(lock, patience, [this] { return !waiting_.empty() || closed_; });
    thread_sleeps_ = false;
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, waiting_.size()));
    std::move(waiting_.begin(), end, std::back_inserter(taken));
    waiting_.erase(waiting_.begin(), end);
    return !taken.empty() || !closed_;
  }

  /// Nothing more is taken in; what waits still comes out.
  void close() {
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  bool thread_sleeps_ = false;
  bool closed_ = false;
};

}  // namespace gw::outbox
