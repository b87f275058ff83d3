#include "outbox/deferrals.hpp"

#include "outbox/fields.hpp"

namespace gw::outbox {

namespace {

std::int64_t count_of(Instant at) {
  return at.time_since_epoch().count();
}

Instant instant_of(std::int64_t count) {
  return Instant{milliseconds{count}};
}

std::optional<std::int64_t> count_of(const std::optional<Instant>& at) {
  return at ? std::optional{count_of(*at)} : std::nullopt;
}

}  // namespace

Deferrals::Deferrals(Connection& connection)
    : put_(connection,
           "INSERT INTO deferral (id, limit_at, limit_by, due_at, target, headers, peer_address, body, mandate) VALUES "
           "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      plan_(connection, "UPDATE deferral SET due_at = ?2 WHERE id = ?1"),
      drop_(connection, "DELETE FROM deferral WHERE id = ?1"),
      holds_(connection, "SELECT 1 FROM deferral WHERE id = ?1"),
      is_planned_(connection, "SELECT 1 FROM deferral WHERE id = ?1 AND due_at IS NOT NULL"),
      planned_(connection,
               "SELECT d.id, t.recipient, t.subject, d.due_at, d.limit_at FROM deferral d JOIN task t ON t.id = d.id "
               "WHERE d.due_at IS NOT NULL ORDER BY d.id") {}

void Deferrals::put(TaskId id, const Deferral& deferral) {
  const auto headers = encode_headers(deferral.headers);
  put_.run(id.number, count_of(deferral.limit), std::string_view{deferral.limit_by}, count_of(deferral.due),
           std::string_view{deferral.target}, as_blob(headers), std::string_view{deferral.peer_address},
           as_blob(deferral.body), std::string_view{deferral.mandate});
}

void Deferrals::plan(TaskId id, const std::optional<Instant>& due) {
  plan_.run(id.number, count_of(due));
}

bool Deferrals::holds(TaskId id) {
  auto rows = holds_.query(id.number);
  return rows.next();
}

bool Deferrals::is_planned(TaskId id) {
  auto rows = is_planned_.query(id.number);
  return rows.next();
}

std::vector<Planned> Deferrals::planned() {
  std::vector<Planned> all;
  auto rows = planned_.query();
  while (rows.next()) {
    all.push_back({.id = TaskId{rows.integer(0)},
                   .recipient = OdsCode{rows.text(1)},
                   .subject = rows.text(2),
                   .due = instant_of(rows.integer(3)),
                   .limit = instant_of(rows.integer(4))});
  }
  return all;
}

DeferralView::DeferralView(Connection& connection)
    : find_(connection,
            "SELECT limit_at, limit_by, due_at, target, peer_address, mandate, headers, body FROM deferral WHERE id = "
            "?1") {}

std::optional<Deferral> DeferralView::find(TaskId id, bool whole) {
  auto rows = find_.query(id.number);
  if (!rows.next()) return std::nullopt;
  Deferral found{.limit = instant_of(rows.integer(0)), .limit_by = rows.text(1)};
  if (!rows.is_null(2)) found.due = instant_of(rows.integer(2));
  if (!whole) return found;
  found.target = rows.text(3);
  found.peer_address = rows.text(4);
  found.mandate = rows.text(5);
  found.headers = decode_headers(rows.view(6));
  found.body = rows.text(7);
  return found;
}

}  // namespace gw::outbox
