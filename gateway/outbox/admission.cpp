#include "outbox/admission.hpp"

#include <algorithm>
#include <chrono>

#include "outbox/fields.hpp"

namespace gw::outbox {

namespace {

constexpr int kIdCounterBits = 21;

bool is_same(const NewTask& task, const Earlier& earlier) {
  return std::equal(task.body_hash.begin(), task.body_hash.end(), earlier.body_hash.begin(), earlier.body_hash.end(),
                    [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) &&
         task.recipient.text() == earlier.recipient && task.to.text() == earlier.to;
}

RepeatKey key_of(std::initializer_list<std::string_view> pieces) {
  std::string canonical;
  for (const auto piece : pieces) append_field(canonical, piece);
  const auto hash = sha256(canonical);
  RepeatKey key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

}  // namespace

Ruling rule_on_trace(const NewTask& task, const Earlier& earlier) {
  if (!is_same(task, earlier)) return Ruling::kConflict;
  if (is_being_worked_on(earlier.state)) return Ruling::kRunning;
  const bool unanswered = earlier.state == State::kFailed && earlier.reply_status == 0;
  return unanswered || earlier.state == State::kAbandoned ? Ruling::kFresh : Ruling::kRepeat;
}

Ruling rule_on_identifier(const NewTask& task, const Earlier& earlier) {
  if (is_terminal(earlier.state) && earlier.state != State::kDelivered) return Ruling::kFresh;
  if (!is_same(task, earlier)) return Ruling::kConflict;
  return is_being_worked_on(earlier.state) ? Ruling::kRunning : Ruling::kRepeat;
}

TaskId first_id_of(Instant at) {
  return TaskId{at.time_since_epoch().count() << kIdCounterBits};
}

std::int64_t day_of(TaskId id) {
  return std::chrono::floor<std::chrono::days>(milliseconds{id.number >> kIdCounterBits}).count();
}

RepeatKey trace_key(const NewTask& task) {
  return key_of({"trace", task.from.text(), task.trace.text()});
}

std::optional<RepeatKey> identifier_key(const NewTask& task) {
  if (!task.identifier_value) return std::nullopt;
  return key_of({"identifier", task.sender.text(), task.identifier_system.value_or(""), *task.identifier_value});
}

}  // namespace gw::outbox
