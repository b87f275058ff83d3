#include "delivery/lanes.hpp"

#include <algorithm>

namespace gw::delivery {

bool Lanes::has_room(const OdsCode& recipient) const {
  const auto found = recipients_.find(recipient);
  return found == recipients_.end() || found->second.tasks < limits_.waiting;
}

Instant Lanes::up_at(const Task& task) const {
  return std::max(task.planned.limit - limits_.last_try + milliseconds{1}, task.planned.due);
}

// Whoever changes a lane takes its head out of the order by due time first, and puts the new one in after.
void Lanes::rest_head(Recipient& recipient, const std::string& patient) {
  const auto lane = recipient.lanes.find(patient);
  if (lane == recipient.lanes.end()) return;
  const auto head = *lane->second.begin();
  recipient.heads.erase({tasks_.at(head.number).planned.due, head});
}

void Lanes::wake_head(Recipient& recipient, const std::string& patient) {
  const auto lane = recipient.lanes.find(patient);
  if (lane == recipient.lanes.end()) return;
  const auto head = *lane->second.begin();
  const auto& task = tasks_.at(head.number);
  if (!task.at_work) recipient.heads.insert({task.planned.due, head});
}

void Lanes::add(const outbox::Planned& task) {
  const auto [place, fresh] = tasks_.try_emplace(task.id.number, Task{task});
  if (!fresh) return;
  auto& recipient = recipients_[task.recipient];
  ++recipient.tasks;
  rest_head(recipient, task.subject);
  recipient.lanes[task.subject].insert(task.id);
  recipient.limits.insert({up_at(place->second), task.id});
  wake_head(recipient, task.subject);
}

std::optional<TaskId> Lanes::due_of(const Recipient& recipient, Instant now) const {
  if (recipient.at_work >= limits_.at_once) return std::nullopt;
  if (!recipient.limits.empty() && recipient.limits.begin()->first <= now) return recipient.limits.begin()->second;
  if (recipient.heads.empty()) return std::nullopt;
  if (recipient.heads.begin()->first <= now) return recipient.heads.begin()->second;
  if (recipient.heads.rbegin()->first > now + limits_.longest) return recipient.heads.rbegin()->second;
  return std::nullopt;
}

std::optional<TaskId> Lanes::take(Instant now) {
  for (auto& [ods, recipient] : recipients_) {
    const auto id = due_of(recipient, now);
    if (!id) continue;
    auto& task = tasks_.at(id->number);
    rest_head(recipient, task.planned.subject);
    recipient.limits.erase({up_at(task), *id});
    task.at_work = true;
    ++recipient.at_work;
    wake_head(recipient, task.planned.subject);
    return id;
  }
  return std::nullopt;
}

void Lanes::put_back(TaskId id, Instant due) {
  const auto found = tasks_.find(id.number);
  if (found == tasks_.end() || !found->second.at_work) return;
  auto& task = found->second;
  auto& recipient = recipients_.at(task.planned.recipient);
  rest_head(recipient, task.planned.subject);
  task.at_work = false;
  task.hastened = false;
  task.planned.due = due;
  --recipient.at_work;
  recipient.limits.insert({up_at(task), id});
  wake_head(recipient, task.planned.subject);
}

void Lanes::remove(TaskId id) {
  const auto found = tasks_.find(id.number);
  if (found == tasks_.end()) return;
  if (found->second.hastened) return put_back(id, found->second.planned.due);
  const auto task = found->second;
  auto& recipient = recipients_.at(task.planned.recipient);
  rest_head(recipient, task.planned.subject);
  if (task.at_work) --recipient.at_work;
  recipient.limits.erase({up_at(task), id});
  auto& lane = recipient.lanes.at(task.planned.subject);
  lane.erase(id);
  if (lane.empty()) recipient.lanes.erase(task.planned.subject);
  tasks_.erase(found);
  wake_head(recipient, task.planned.subject);
  if (--recipient.tasks == 0) recipients_.erase(task.planned.recipient);
}

bool Lanes::hasten(TaskId id, Instant now) {
  const auto found = tasks_.find(id.number);
  if (found == tasks_.end()) return false;
  auto& task = found->second;
  if (task.at_work) {
    task.hastened = true;
    task.planned.due = now;
    return true;
  }
  auto& recipient = recipients_.at(task.planned.recipient);
  rest_head(recipient, task.planned.subject);
  recipient.limits.erase({up_at(task), id});
  task.planned.due = now;
  recipient.limits.insert({up_at(task), id});
  wake_head(recipient, task.planned.subject);
  return true;
}

std::optional<milliseconds> Lanes::until_next(Instant now) const {
  std::optional<milliseconds> least;
  const auto note = [&](Instant at) {
    const auto wait = std::max(at - now, milliseconds{0});
    if (!least || wait < *least) least = wait;
  };
  for (const auto& [ods, recipient] : recipients_) {
    if (recipient.at_work >= limits_.at_once) continue;
    if (!recipient.heads.empty()) note(recipient.heads.begin()->first);
    if (!recipient.limits.empty()) note(recipient.limits.begin()->first);
  }
  return least;
}

}  // namespace gw::delivery
