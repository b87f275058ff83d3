#include "outbox/recent_contents.hpp"

#include <algorithm>
#include <cstring>

#include "outbox/admission.hpp"

namespace gw::outbox {

namespace {

std::uint64_t key_of(const Sha256& fingerprint) {
  std::uint64_t key = 0;
  std::memcpy(&key, fingerprint.data(), sizeof(key));
  return key;
}

}  // namespace

void RecentContents::add(const Sha256& fingerprint, TaskId id) {
  if (limits_.window == seconds{0} || limits_.entries == 0) return;
  while (in_order_.size() >= limits_.entries) forget_oldest();
  const auto key = key_of(fingerprint);
  if (by_key_.count(key) >= kTasksOfOneContent) {
    const auto [first, last] = by_key_.equal_range(key);
    by_key_.erase(std::min_element(first, last, [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  in_order_.push_back({key, id});
  by_key_.emplace(key, id);
}

std::vector<TaskId> RecentContents::find(const Sha256& fingerprint, Instant now) {
  forget_before(first_id_of(now - limits_.window));
  std::vector<TaskId> found;
  const auto [first, last] = by_key_.equal_range(key_of(fingerprint));
  for (auto at = first; at != last; ++at) found.push_back(at->second);
  std::sort(found.begin(), found.end());
  return found;
}

void RecentContents::forget_before(TaskId bound) {
  while (!in_order_.empty() && in_order_.front().id < bound) forget_oldest();
}

void RecentContents::forget_oldest() {
  const auto oldest = in_order_.front();
  in_order_.pop_front();
  const auto [first, last] = by_key_.equal_range(oldest.key);
  const auto found = std::find_if(first, last, [&](const auto& entry) { return entry.second == oldest.id; });
  if (found != last) by_key_.erase(found);
}

}  // namespace gw::outbox
