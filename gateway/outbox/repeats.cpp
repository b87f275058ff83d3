#include "outbox/repeats.hpp"

#include <algorithm>

namespace gw::outbox {

Repeats::Repeats(Connection& connection, RepeatWindows windows)
    : window_days_(std::chrono::ceil<std::chrono::days>(windows.trace).count()),
      identifier_window_(windows.identifier),
      select_earlier_(connection, "SELECT state, reply_status, recipient, to_asid, body_hash FROM task WHERE id = ?1"),
      put_trace_(connection, "INSERT OR REPLACE INTO trace_key (key, task) VALUES (?1, ?2)"),
      find_trace_(connection, "SELECT task FROM trace_key WHERE key = ?1"),
      prune_traces_(
          connection,
          "DELETE FROM trace_key WHERE key IN (SELECT key FROM trace_key WHERE key < ?1 ORDER BY key LIMIT 256)"),
      put_identifier_(connection, "INSERT OR REPLACE INTO identifier_key (key, task) VALUES (?1, ?2)"),
      find_identifier_(connection, "SELECT task FROM identifier_key WHERE key = ?1"),
      prune_identifiers_(
          connection,
          "DELETE FROM identifier_key WHERE key IN (SELECT k.key FROM identifier_key k WHERE k.task < ?1 AND NOT "
          "EXISTS "
          "(SELECT 1 FROM task t WHERE t.id = k.task AND (t.state = 1 OR t.state = 2 OR t.state = 6 OR t.state = 8 OR "
          "t.state = 9)) ORDER BY k.task LIMIT 256)") {}

std::optional<Repeats::Found> Repeats::find(const NewTask& task) {
  // The day only goes forward, so that of two requests around midnight the later one finds the earlier one's key.
  day_ = std::max(day_, day_of(task.id));
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
  remember_trace(task, task.id);
  if (const auto identifier = identifier_key(task)) put_identifier_.run(as_blob(*identifier), task.id.number);
}

void Repeats::remember_trace(const NewTask& task, TaskId id) {
  const auto trace = trace_key(day_, task);
  put_trace_.run(as_blob(trace), id.number);
}

bool Repeats::prune(Instant now) {
  const auto bound = trace_key_bound(day_ - window_days_);
  const auto traces = prune_traces_.run(as_blob(bound));
  const auto identifiers = prune_identifiers_.run(first_id_of(now - identifier_window_).number);
  return traces + identifiers > 0;
}

std::optional<Earlier> Repeats::earlier(TaskId id) {
  auto rows = select_earlier_.query(id.number);
  if (!rows.next()) return std::nullopt;
  return Earlier{
      id,          static_cast<State>(rows.integer(0)), static_cast<int>(rows.integer(1)), rows.text(2), rows.text(3),
      rows.text(4)};
}

std::optional<Earlier> Repeats::by_trace(const NewTask& task) {
  for (auto day = day_; day >= day_ - window_days_; --day) {
    const auto key = trace_key(day, task);
    auto rows = find_trace_.query(as_blob(key));
    if (rows.next()) return earlier(TaskId{rows.integer(0)});
  }
  return std::nullopt;
}

std::optional<Earlier> Repeats::by_identifier(const NewTask& task) {
  const auto key = identifier_key(task);
  if (!key) return std::nullopt;
  auto rows = find_identifier_.query(as_blob(*key));
  if (!rows.next()) return std::nullopt;
  return earlier(TaskId{rows.integer(0)});
}

}  // namespace gw::outbox
