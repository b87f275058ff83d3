#include "outbox/view.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <variant>

#include "outbox/admission.hpp"
#include "outbox/fields.hpp"
#include "outbox/schema.hpp"

namespace gw::outbox {

namespace {

// What follows these columns: the task's body, the answer's headers and body.
constexpr std::string_view kColumns =
    "SELECT t.id, t.state, t.updated_at, t.version, t.attempts, t.reply_status, t.note, t.received_at, t.sender, "
    "t.recipient, t.to_asid, t.subject, t.source, t.target, t.identifier_system, t.identifier_value, "
    "t.given_identifier, t.mailbox, t.resolved, t.text_lost, t.body_hash, c.trace, c.from_asid, c.interaction, c.type, "
    "c.date, "
    "c.content_type, "
    "c.text_hash, c.fingerprint, ";
constexpr std::string_view kFrom = " FROM task t JOIN content c ON c.id = t.id LEFT JOIN reply r ON r.id = t.id";

constexpr std::size_t kKeptSearches = 64;

// The words of the index task_unfinished.
constexpr std::string_view kIsUnfinished = "(t.state = 1 OR t.state = 2 OR t.state = 6 OR t.state = 8 OR t.state = 9)";
constexpr std::string_view kOrganizations = "Organization/";
// may_see() in SQL; its values are in the order of kSeenBy's question marks.
constexpr std::string_view kSeenBy =
    "(t.recipient = ? OR t.source = ? OR (c.from_asid = ? AND t.source = ?)"
    " OR (t.sender = ? AND t.source NOT GLOB 'Organization/*'))";

Instant instant_of(std::int64_t count) {
  return Instant{milliseconds{count}};
}

Sha256 hash_at(const Rows& rows, int column) {
  Sha256 hash{};
  const auto bytes = rows.view(column);
  std::memcpy(hash.data(), bytes.data(), std::min(bytes.size(), hash.size()));
  return hash;
}

// One row of kColumns and the three after them.
StoredTask read_row(const Rows& rows) {
  int at = 0;
  StoredTask stored;
  auto& task = stored.task;
  task.id = TaskId{rows.integer(at++)};
  stored.state = static_cast<State>(rows.integer(at++));
  stored.updated_at = instant_of(rows.integer(at++));
  stored.version = rows.integer(at++);
  stored.attempts = static_cast<int>(rows.integer(at++));
  stored.reply.status = static_cast<int>(rows.integer(at++));
  stored.note = rows.text(at++);
  task.received_at = instant_of(rows.integer(at++));
  task.sender = OdsCode{rows.text(at++)};
  task.recipient = OdsCode{rows.text(at++)};
  task.to = Asid{rows.text(at++)};
  task.subject = rows.text(at++);
  task.source = rows.text(at++);
  task.target = rows.text(at++);
  task.identifier_system = rows.text_if(at++);
  task.identifier_value = rows.text_if(at++);
  task.given_identifier = rows.text(at++);
  stored.mailbox = rows.integer(at++) != 0;
  stored.resolved = rows.integer(at++) != 0;
  stored.text_lost = rows.integer(at++) != 0;
  task.body_hash = hash_at(rows, at++);
  task.trace = TraceId{rows.text(at++)};
  task.from = Asid{rows.text(at++)};
  task.interaction = rows.text(at++);
  task.type = rows.text(at++);
  task.date = rows.text(at++);
  task.content_type = rows.text(at++);
  task.text_hash = hash_at(rows, at++);
  task.fingerprint = hash_at(rows, at++);
  task.body = rows.text(at++);
  stored.reply.headers = decode_headers(rows.view(at++));
  stored.reply.body = rows.text(at);
  return stored;
}

// The WHERE of a search and the values for its question marks, in order.
struct Conditions {
  std::string sql;
  std::vector<std::variant<std::int64_t, std::string>> values;

  void add(std::string_view condition) { sql.append(sql.empty() ? " WHERE " : " AND ").append(condition); }
  void add(std::string_view condition, const std::optional<std::string>& value) {
    if (!value) return;
    add(condition);
    values.emplace_back(*value);
  }
};

void add_date(const Query& query, Conditions& conditions) {
  if (!query.dated_from && !query.dated_before) return;
  std::string range;
  if (query.dated_from) {
    range = "t.dated_at >= ?";
    conditions.values.emplace_back(query.dated_from->time_since_epoch().count());
  }
  if (query.dated_before) {
    range.append(range.empty() ? "" : " AND ").append("t.dated_at < ?");
    conditions.values.emplace_back(query.dated_before->time_since_epoch().count());
  }
  conditions.add((query.dated_outside ? "NOT (" : "(") + range + ")");
}

// As literals: their number is part of the statement's shape.
void add_states(const Query& query, Conditions& conditions) {
  if (query.states.empty()) return;
  std::string list;
  for (const auto state : query.states) {
    list.append(list.empty() ? "" : ", ").append(std::to_string(static_cast<int>(state)));
  }
  conditions.add("t.state IN (" + list + ")");
}

void add_bound(Conditions& conditions, std::string_view condition, const std::optional<Instant>& at) {
  if (!at) return;
  conditions.add(condition);
  conditions.values.emplace_back(first_id_of(std::max(*at, Instant{})).number);
}

Conditions conditions_of(const Query& query) {
  Conditions conditions;
  if (query.state) {
    // As a literal, and for an unfinished state with the index's own words, so that SQLite can use it.
    conditions.add("t.state = " + std::to_string(static_cast<int>(*query.state)));
    if (!is_terminal(*query.state)) conditions.add(kIsUnfinished);
  }
  if (query.problems) conditions.add("(t.state = 6 OR t.state = 10 OR t.text_lost = 1)");
  add_states(query, conditions);
  if (query.requester) {
    const auto& [organisation, reference, system, acts_for] = *query.requester;
    conditions.add(kSeenBy);
    for (const auto* value : {&organisation, &reference, &system, &acts_for, &organisation}) {
      conditions.values.emplace_back(*value);
    }
  }
  for (const auto& party : {query.party, query.other_party}) {
    if (!party) continue;
    conditions.add("(t.sender = ? OR t.recipient = ?)");
    conditions.values.insert(conditions.values.end(), 2, *party);
  }
  conditions.add("t.sender = ?", query.sender);
  conditions.add("t.recipient = ?", query.recipient);
  conditions.add("t.subject = ?", query.subject);
  conditions.add("t.source = ?", query.source);
  conditions.add("t.target = ?", query.target);
  conditions.add("t.identifier_system = ?", query.identifier_system);
  if (query.identifier_value) {
    conditions.add("(t.identifier_value = ? OR t.given_identifier = ?)");
    conditions.values.insert(conditions.values.end(), 2, *query.identifier_value);
  }
  add_date(query, conditions);
  // Ids are in time order, and the table is in the order of ids.
  add_bound(conditions, "t.id >= ?", query.received_from);
  add_bound(conditions, "t.id < ?", query.received_before);
  if (query.id) {
    conditions.add("t.id = ?");
    conditions.values.emplace_back(query.id->number);
  }
  if (query.after) {
    conditions.add(query.newest_first ? "t.id < ?" : "t.id > ?");
    conditions.values.emplace_back(query.after->number);
  }
  return conditions;
}

}  // namespace

bool may_see(const Requester& requester, const NewTask& task) {
  if (task.recipient.text() == requester.organisation || task.source == requester.reference) return true;
  if (task.from.text() == requester.system && task.source == requester.acts_for) return true;
  return task.sender.text() == requester.organisation && !task.source.starts_with(kOrganizations);
}

Result<std::unique_ptr<View>> View::open(const std::filesystem::path& path) {
  auto connection = open_for_reading(path);
  if (!connection) return connection.error();
  auto view = std::make_unique<View>(**connection);
  view->owned_ = std::move(*connection);
  if (auto prepared = view->connection_.status(); !prepared) return prepared.error();
  return view;
}

View::View(Connection& connection)
    : connection_(connection),
      deferrals_(connection),
      find_(connection, std::string{kColumns} + "c.body, r.headers, r.body" + std::string{kFrom} + " WHERE t.id = ?1"),
      backlog_(
          connection,
          "SELECT recipient, state, count(*), min(received_at) FROM task WHERE (state = 1 OR state = 2 OR state = 6 "
          "OR state = 8 OR state = 9) "
          "GROUP BY recipient, state ORDER BY 4 LIMIT ?1") {}

Result<std::optional<StoredTask>> View::find(TaskId id) {
  std::optional<StoredTask> found;
  auto rows = find_.query(id.number);
  if (rows.next()) found = read_row(rows);
  if (found && !is_terminal(found->state)) found->task.deferral = deferrals_.find(id, true);
  if (auto read = connection_.status(); !read) {
    connection_.clear_fault();
    return read.error();
  }
  return found;
}

Result<Page> View::search(const Query& query) {
  const auto conditions = conditions_of(query);
  if (searches_.size() >= kKeptSearches) searches_.clear();
  const auto sql = std::string{kColumns} + (query.with_body ? "c.body" : "''") + ", r.headers, ''" +
                   std::string{kFrom} + conditions.sql + " ORDER BY t.id" + (query.newest_first ? " DESC" : "") +
                   " LIMIT ?";
  auto& statement = searches_.try_emplace(sql, connection_, sql).first->second;
  statement.start();
  int at = 0;
  for (const auto& value : conditions.values) {
    ++at;
    if (const auto* const text = std::get_if<std::string>(&value)) {
      statement.bind(at, std::string_view{*text});
    } else {
      statement.bind(at, std::get<std::int64_t>(value));
    }
  }
  const auto count = std::min(query.count, kMaxPage);
  statement.bind(++at, static_cast<std::int64_t>(count + 1));  // one more tells whether there are more
  Page page;
  std::size_t bytes = 0;
  auto rows = statement.rows();
  while (rows.next()) {
    page.more = page.tasks.size() == count || bytes > kMaxPageBytes;
    if (page.more) break;
    auto& read = page.tasks.emplace_back(read_row(rows));
    if (!is_terminal(read.state)) read.task.deferral = deferrals_.find(read.task.id, false);
    bytes += page.tasks.back().task.body.size();
  }
  if (auto read = connection_.status(); !read) {
    connection_.clear_fault();
    return read.error();
  }
  return page;
}

Result<std::vector<Backlog>> View::backlog() {
  std::vector<Backlog> found;
  auto rows = backlog_.query(static_cast<std::int64_t>(kMostBacklog));
  while (rows.next()) {
    found.push_back({.recipient = OdsCode{rows.text(0)},
                     .state = static_cast<State>(rows.integer(1)),
                     .entries = static_cast<std::size_t>(rows.integer(2)),
                     .oldest = instant_of(rows.integer(3))});
  }
  if (auto read = connection_.status(); !read) {
    connection_.clear_fault();
    return read.error();
  }
  return found;
}

}  // namespace gw::outbox
