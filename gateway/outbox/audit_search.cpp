#include "outbox/audit_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include "outbox/audit_chain.hpp"
#include "outbox/repeats.hpp"
#include "outbox/schema.hpp"

namespace gw::outbox {

namespace {

constexpr std::int64_t kBetweenTimes = 256;  // of the index audit_times, which names it too
constexpr std::int64_t kReadAtOnce = 1 << 14;
/// How far the times of neighbours may be out of order: requests end later than they came, clocks are set.
constexpr std::chrono::hours kDisorder{1};

std::int64_t count_of(Instant at) {
  return at.time_since_epoch().count();
}

/// What a search's SQL says after WHERE, and the values of its question marks in order.
struct Conditions {
  std::string sql = "seq BETWEEN ? AND ?";
  std::vector<std::variant<std::int64_t, std::string>> values;

  void add(std::string_view condition) { sql.append(" AND ").append(condition); }
  /// `times`: how often the value stands in the condition.
  void add(std::string_view condition, const std::optional<std::string>& value, std::size_t times = 1) {
    if (!value) return;
    add(condition);
    values.insert(values.end(), times, *value);
  }
  void add(std::string_view condition, std::int64_t value) {
    add(condition);
    values.emplace_back(value);
  }
};

Conditions conditions_of(const AuditQuery& query) {
  Conditions conditions;
  if (query.from) conditions.add("at >= ?", count_of(*query.from));
  if (query.before) conditions.add("at < ?", count_of(*query.before));
  if (query.task) conditions.add("task = ?", query.task->number);
  conditions.add("patient = ?", query.patient);
  conditions.add("(identifier = ? OR substr(identifier, instr(identifier, '|') + 1) = ?)", query.identifier, 2);
  conditions.add("trace = ? COLLATE NOCASE", query.trace);
  conditions.add("(user_id = ? OR user_name = ?)", query.user, 2);
  conditions.add("(organisation = ? OR from_asid = ? OR to_asid = ?)", query.organisation, 3);
  return conditions;
}

AuditEntry entry_of(const Rows& rows) {
  const auto row = audit_row(rows);
  const auto& texts = row.texts;
  const auto text = [&texts](std::size_t i) { return std::string{texts.at(i)}; };
  AuditRecord record{.at = Instant{milliseconds{row.at}},
                     .kind = std::string{row.kind},
                     .trace = text(0),
                     .from = text(1),
                     .to = text(2),
                     .interaction = text(3),
                     .user_id = text(4),
                     .user_name = text(5),
                     .user_role = text(6),
                     .organisation = text(7),
                     .device = text(8),
                     .authority = text(9),
                     .patient = text(10),
                     .peer_fqdn = text(11),
                     .peer_fingerprint = text(12),
                     .peer_address = text(13),
                     .status = static_cast<int>(row.status),
                     .outcome = std::string{row.outcome},
                     .identifier = std::string{row.identifier}};
  if (row.task != 0) record.task = TaskId{row.task};
  return {row.number, std::move(record)};
}

/// Numbers from `first` to `last`.
struct Span {
  std::int64_t first = 1, last = std::numeric_limits<std::int64_t>::max();
};

std::int64_t number_from(Connection& connection, std::string_view sql, std::int64_t value) {
  Statement question{connection, sql};
  auto rows = question.query(value);
  return rows.next() ? rows.integer(0) : 0;
}

/// Where records of that time can be.
Span span_of(Connection& connection, std::optional<Instant> from, std::optional<Instant> before) {
  Span span;
  if (from) {
    const auto first = number_from(connection,
                                   "SELECT coalesce((SELECT min(seq) FROM audit WHERE seq % 256 = 0 AND at >= ?1), "
                                   "(SELECT max(seq) FROM audit WHERE seq % 256 = 0) + 256, 256)",
                                   count_of(*from - kDisorder));
    span.first = std::max<std::int64_t>(1, first - kBetweenTimes);
  }
  if (before) {
    const auto last = number_from(connection, "SELECT coalesce(max(seq), 0) FROM audit WHERE seq % 256 = 0 AND at < ?1",
                                  count_of(*before + kDisorder));
    span.last = last + kBetweenTimes;
  }
  return span;
}

}  // namespace

Result<std::unique_ptr<AuditView>> AuditView::open(const std::filesystem::path& path) {
  auto connection = open_for_reading(path);
  if (!connection) return connection.error();
  return std::unique_ptr<AuditView>{new AuditView{std::move(*connection)}};
}

Result<std::int64_t> AuditView::last() {
  Statement question{*connection_, "SELECT max(seq) FROM audit"};
  auto rows = question.query();
  const auto last = rows.next() ? rows.integer(0) : 0;
  if (auto read = connection_->status(); !read) return read.error();
  return last;
}

Status AuditView::read(const AuditQuery& query, const std::function<bool(const AuditEntry&)>& each) {
  auto from = query.from;
  if (query.task) {
    // A task's first record is no older than its id, but for a clock that was set.
    const auto made = Instant{milliseconds{query.task->number >> 21U}};
    from = from ? std::max(*from, made) : made;
  }
  auto span = span_of(*connection_, from, query.before);
  const auto end = last();
  if (!end) return end.error();
  span.last = std::min(span.last, *end);
  if (query.after > 0 && query.newest_first) span.last = std::min(span.last, query.after - 1);
  if (query.after > 0 && !query.newest_first) span.first = std::max(span.first, query.after + 1);

  const auto conditions = conditions_of(query);
  Statement some{*connection_, fmt::format("SELECT {} FROM audit WHERE {} ORDER BY seq{}", kAuditColumns,
                                           conditions.sql, query.newest_first ? " DESC" : "")};
  while (span.first <= span.last) {
    // A piece at a time, so that the write-ahead log can be emptied in between.
    Span piece = span;
    if (query.newest_first) {
      piece.first = std::max(span.first, span.last - kReadAtOnce + 1);
      span.last = piece.first - 1;
    } else {
      piece.last = std::min(span.last, span.first + kReadAtOnce - 1);
      span.first = piece.last + 1;
    }
    some.start();
    int at = 0;
    some.bind(++at, piece.first);
    some.bind(++at, piece.last);
    for (const auto& value : conditions.values) {
      ++at;
      if (const auto* const text = std::get_if<std::string>(&value)) {
        some.bind(at, std::string_view{*text});
      } else {
        some.bind(at, std::get<std::int64_t>(value));
      }
    }
    auto rows = some.rows();
    while (rows.next()) {
      if (!each(entry_of(rows))) return connection_->status();
    }
    if (auto read = connection_->status(); !read) return read;
  }
  return connection_->status();
}

}  // namespace gw::outbox
