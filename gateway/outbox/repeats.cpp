#include "outbox/repeats.hpp"

#include <algorithm>

#include "outbox/state.hpp"

namespace gw::outbox {

namespace {

std::int64_t days_in(seconds window) {
  return std::chrono::ceil<std::chrono::days>(window).count();
}

}  // namespace

Repeats::Repeats(Connection& connection, RepeatWindows windows)
    : trace_days_(days_in(windows.trace)),
      identifier_days_(days_in(windows.identifier)),
      traces_(connection, "trace", windows.run_keys),
      identifiers_(connection, "identifier", windows.run_keys),
      select_earlier_(connection, "SELECT state, reply_status, recipient, to_asid, body_hash FROM task WHERE id = ?1") {
}

void Repeats::load(TaskId last) {
  day_ = day_of(last);
  traces_.load();
  identifiers_.load();
  changed_ = false;
}

void Repeats::rolled_back() {
  if (!changed_) return;
  traces_.load();
  identifiers_.load();
  changed_ = false;
}

void Repeats::note_day(const NewTask& task) {
  // Only forward, so that of two requests around midnight the later one finds the earlier one's key.
  day_ = std::max(day_, day_of(task.id));
}

std::optional<Repeats::Found> Repeats::find(const NewTask& task) {
  note_day(task);
  // A clock that was ahead for a while makes nothing older than it is.
  today_ = std::min(day_, day_of(first_id_of(task.received_at)));
  if (const auto traced = by_trace(task)) {
    const auto ruling = rule_on_trace(task, *traced);
    if (ruling != Ruling::kFresh) return Found{ruling, traced->id, false};
  }
  if (const auto identified = by_identifier(task)) {
    const auto ruling = rule_on_identifier(task, *identified);
    if (ruling != Ruling::kFresh) return Found{ruling, identified->id, true};
  }
  return std::nullopt;
}

void Repeats::remember(const NewTask& task) {
  note_day(task);
  remember_trace(task, task.id);
  const auto identifier = identifier_key(task);
  if (!identifier) return;
  changed_ = true;
  identifiers_.put(*identifier, {task.id, day_});
}

void Repeats::remember_trace(const NewTask& task, TaskId id) {
  const auto key = trace_key(task);
  const auto known = traces_.find(key);
  if (known && known->task == id && known->day == day_) return;
  changed_ = true;
  traces_.put(key, {id, day_});
}

bool Repeats::prune(Instant now) {
  const auto today = std::min(day_, day_of(first_id_of(now)));
  const auto keep = [this](TaskId id) { return is_unfinished(id); };
  changed_ = true;  // also where there is no more to do: a run may have got its filter just now
  const bool traces = traces_.prune(today - trace_days_, keep);
  const bool identifiers = identifiers_.prune(today - identifier_days_, keep);
  return traces || identifiers;
}

std::optional<Earlier> Repeats::earlier(KeyIndex::Found found, std::int64_t window_days) {
  auto rows = select_earlier_.query(found.task.number);
  if (!rows.next()) return std::nullopt;
  const auto state = static_cast<State>(rows.integer(0));
  if (found.day < today_ - window_days && is_terminal(state)) return std::nullopt;
  return Earlier{found.task, state, static_cast<int>(rows.integer(1)), rows.text(2), rows.text(3), rows.text(4)};
}

std::optional<Earlier> Repeats::by_trace(const NewTask& task) {
  const auto found = traces_.find(trace_key(task));
  return found ? earlier(*found, trace_days_) : std::nullopt;
}

std::optional<Earlier> Repeats::by_identifier(const NewTask& task) {
  const auto key = identifier_key(task);
  if (!key) return std::nullopt;
  const auto found = identifiers_.find(*key);
  return found ? earlier(*found, identifier_days_) : std::nullopt;
}

bool Repeats::is_unfinished(TaskId id) {
  auto rows = select_earlier_.query(id.number);
  return rows.next() && !is_terminal(static_cast<State>(rows.integer(0)));
}

}  // namespace gw::outbox
