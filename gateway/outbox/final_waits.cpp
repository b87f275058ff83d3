#include "outbox/final_waits.hpp"

#include <utility>

namespace gw::outbox {

void FinalWaits::add(TaskId id, SteadyTime deadline, CompletionPtr<StoredTask> done) {
  waiting_.emplace(id.number, Waiting{deadline, std::move(done)});
}

void FinalWaits::settle(TaskId id, const std::function<Result<StoredTask>()>& read, ReadyWaiters& ready) {
  const auto [first, last] = waiting_.equal_range(id.number);
  if (first == last) return;
  const auto found = read();
  for (auto at = first; at != last; ++at) {
    at->second.done->set(found);
    ready.add(std::move(at->second.done));
  }
  waiting_.erase(first, last);
}

void FinalWaits::end_late(milliseconds between, ReadyWaiters& ready) {
  const auto now = std::chrono::steady_clock::now();
  if (waiting_.empty() || now - looked_at_ < between) return;
  looked_at_ = now;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    auto& [deadline, done] = at->second;
    if (now < deadline) {
      ++at;
      continue;
    }
    done->set(fault(FaultKind::kTimeout, "the entry is still being worked on"));
    ready.add(std::move(done));
    at = waiting_.erase(at);
  }
}

void FinalWaits::close(ReadyWaiters& ready) {
  for (auto& [id, waiting] : waiting_) {
    waiting.done->set(fault(FaultKind::kClosed, "the outbox is stopping"));
    ready.add(std::move(waiting.done));
  }
  waiting_.clear();
}

}  // namespace gw::outbox
