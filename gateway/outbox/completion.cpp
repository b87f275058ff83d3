#include "outbox/completion.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace gw::outbox {

namespace {
// With a strand for each connection there are as many executors as waiters: comparing each with all would cost more
// than a post does.
constexpr std::ptrdiff_t kComparedGroups = 8;
}  // namespace

void ReadyWaiters::add(std::unique_ptr<Waiter> waiter) {
  auto executor = waiter->executor();
  const auto compared = std::min(kComparedGroups, static_cast<std::ptrdiff_t>(groups_.size()));
  const auto found = std::find_if(groups_.rbegin(), groups_.rbegin() + compared,
                                  [&](const Group& group) { return group.executor == executor; });
  if (found != groups_.rbegin() + compared) {
    found->waiters.push_back(std::move(waiter));
    return;
  }
  groups_.push_back({std::move(executor), {}});
  groups_.back().waiters.push_back(std::move(waiter));
}

void ReadyWaiters::post() {
  for (auto& group : groups_) {
    asio::post(group.executor, [waiters = std::move(group.waiters)] {
      for (const auto& waiter : waiters) waiter->resume();
    });
  }
  groups_.clear();
}

}  // namespace gw::outbox
