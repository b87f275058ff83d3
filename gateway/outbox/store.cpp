#include "outbox/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "outbox/entry_size.hpp"
#include "outbox/fields.hpp"

namespace gw::outbox {

namespace {

std::int64_t count_of_ms(Instant at) {
  return at.time_since_epoch().count();
}

// Order.date as a search compares it: the start of what it names.
std::optional<std::int64_t> dated_at(const NewTask& task) {
  const auto date = parse_fhir_datetime(task.date);
  if (!date) return std::nullopt;
  if (date->instant) return count_of_ms(*date->instant);
  return count_of_ms(Instant{std::chrono::sys_days{date->day}});
}

bool may_begin_as(State state) {
  return state == State::kReceived || state == State::kSending || state == State::kQueued || state == State::kDelivered;
}

Sha256 hash_from(std::string_view bytes) {
  Sha256 hash{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

// An attempt that ended before kSending, where attempts are counted: no connection came to be.
bool failed_to_start(State from, Event event) {
  return from != State::kSending && (event == Event::kCertainFailure || event == Event::kRetryLater);
}

// Somebody found out what became of it; what was told before is on record still.
bool was_found_out(Event event) {
  return event == Event::kResolvedDelivered || event == Event::kResolvedFailed;
}

}  // namespace

Store::Store(Connection& connection, const Clock& clock, RepeatWindows windows, RecentLimits recent)
    : connection_(connection),
      clock_(clock),
      audit_(connection),
      view_(connection),
      repeats_(connection, windows),
      recent_(recent),
      deferrals_(connection),
      begin_(connection, "BEGIN IMMEDIATE"),
      commit_(connection, "COMMIT"),
      rollback_(connection, "ROLLBACK"),
      insert_task_(connection,
                   "INSERT INTO task (id, state, updated_at, sending_at, version, attempts, audited, mailbox, "
                   "resolved, text_lost, reply_status, note, received_at, dated_at, sender, recipient, to_asid, "
                   "subject, source, target, "
                   "identifier_system, identifier_value, given_identifier, body_hash) VALUES (?1, ?2, ?3, ?4, 1, ?5, "
                   "?6, ?7, 0, 0, ?8, '', ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"),
      insert_content_(connection,
                      "INSERT INTO content (id, trace, from_asid, interaction, type, date, content_type, text_hash, "
                      "fingerprint, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
      put_reply_(connection, "INSERT OR REPLACE INTO reply (id, headers, body) VALUES (?1, ?2, ?3)"),
      set_sending_(
          connection,
          "UPDATE task SET state = ?2, updated_at = ?3, sending_at = ?3, attempts = attempts + 1 WHERE id = ?1"),
      set_state_(connection,
                 "UPDATE task SET state = ?2, updated_at = ?3, audited = ?4, note = ?5, "
                 "reply_status = iif(?6 = 0, reply_status, ?6), attempts = attempts + ?7, resolved = ?8, text_lost = "
                 "?9 WHERE id = ?1"),
      select_state_(connection, "SELECT state FROM task WHERE id = ?1"),
      select_old_(
          connection,
          "SELECT id FROM task WHERE id < ?1 AND updated_at < ?2 AND state IN (3, 4, 5, 7, 10) ORDER BY id LIMIT "
          "?3"),
      delete_task_(connection, "DELETE FROM task WHERE id = ?1"),
      delete_content_(connection, "DELETE FROM content WHERE id = ?1"),
      delete_reply_(connection, "DELETE FROM reply WHERE id = ?1"),
      probe_(connection, "INSERT OR REPLACE INTO probe (id, at) VALUES (1, ?1)"),
      empty_pages_(connection, "SELECT freelist_count * page_size FROM pragma_freelist_count(), pragma_page_size()"),
      recent_contents_(connection,
                       "SELECT c.id, c.fingerprint FROM content c JOIN task t ON t.id = c.id WHERE c.id >= ?1 AND "
                       "t.identifier_value IS NULL ORDER BY c.id DESC LIMIT ?2"),
      last_id_(connection, "SELECT max(id) FROM task"),
      count_unfinished_(connection,
                        "SELECT state, count(*) FROM task WHERE (state = 1 OR state = 2 OR state = 6 OR state = 8 OR "
                        "state = 9) GROUP BY state"),
      unfinished_(connection,
                  "SELECT t.id, t.state, c.trace, c.from_asid, t.to_asid, c.interaction FROM task t JOIN content c ON "
                  "c.id = t.id WHERE (t.state = 1 OR t.state = 2 OR t.state = 6 OR t.state = 8 OR t.state = 9) AND "
                  "t.state <> 6 "
                  "ORDER BY t.id") {}

Status Store::load() {
  if (auto loaded = audit_.load(); !loaded) return loaded;
  depth_ = {};
  auto rows = count_unfinished_.query();
  while (rows.next()) {
    if (auto* const counter = count_of(static_cast<State>(rows.integer(0)))) {
      *counter = static_cast<std::size_t>(rows.integer(1));
    }
  }
  committed_depth_ = depth_;
  const auto last = last_id();
  if (!last) return last.error();
  repeats_.load(*last);
  load_recent();
  return connection_.status();
}

void Store::load_recent() {
  std::vector<std::pair<Sha256, TaskId>> newest_first;
  {
    const auto limit = static_cast<std::int64_t>(recent_.limits().entries);
    auto rows = recent_contents_.query(first_id_of(clock_.now() - recent_.limits().window).number, limit);
    while (rows.next()) newest_first.emplace_back(hash_from(rows.view(1)), TaskId{rows.integer(0)});
  }
  for (auto at = newest_first.rbegin(); at != newest_first.rend(); ++at) recent_.add(at->first, at->second);
}

Status Store::begin() {
  connection_.clear_fault();
  begin_.run();
  auto begun = connection_.status();
  if (!begun) connection_.clear_fault();
  return begun;
}

Status Store::commit() {
  if (!connection_.failed()) commit_.run();
  if (auto done = connection_.status(); !done) return fault(FaultKind::kStorageInDoubt, done.error().detail);
  committed_depth_ = depth_;
  repeats_.committed();
  return Done{};
}

Status Store::roll_back() {
  connection_.clear_fault();
  // Some errors (disk full, I/O) have rolled back already.
  if (connection_.in_transaction()) rollback_.run();
  depth_ = committed_depth_;
  auto loaded = connection_.status();
  if (loaded) loaded = audit_.load();
  repeats_.rolled_back();
  if (loaded) loaded = connection_.status();
  connection_.clear_fault();
  if (loaded && !connection_.in_transaction()) return Done{};
  return fault(FaultKind::kStorageInDoubt, loaded ? "a transaction could not be rolled back" : loaded.error().detail);
}

AuditRecord Store::completed(AuditRecord audit, TaskId id) const {
  if (!audit.task && id.number != 0) audit.task = id;
  if (audit.at == Instant{}) audit.at = clock_.now();
  return audit;
}

Result<std::optional<Admission>> Store::repeat_of(const NewTask& task) {
  if (task.id.number <= 0) return fault(FaultKind::kInternal, "a task without an id");
  const auto repeated = repeats_.find(task);
  if (auto read = connection_.status(); !read) return read.error();
  if (!repeated) return duplicate_of(task);
  if (repeated->ruling == Ruling::kConflict) return std::optional<Admission>{Conflict{repeated->by_identifier}};
  if (repeated->ruling == Ruling::kRunning) return std::optional<Admission>{Running{repeated->id}};
  auto found = find(repeated->id);
  if (!found) return found.error();
  if (!*found) return fault(FaultKind::kInternal, "an entry without content: " + to_text(repeated->id));
  return std::optional<Admission>{Repeat{std::move(**found)}};
}

Result<std::optional<Admission>> Store::duplicate_of(const NewTask& task) {
  if (!task.guarded || task.identifier_value) return std::optional<Admission>{};
  for (const auto id : recent_.find(task.fingerprint, clock_.now())) {
    const auto state = state_of(id);
    if (!state || *state != State::kDelivered) continue;
    auto found = find(id);
    if (!found) return found.error();
    if (!*found || (*found)->task.fingerprint != task.fingerprint) continue;
    return std::optional<Admission>{Duplicate{std::move(**found)}};
  }
  return std::optional<Admission>{};
}

// Whether an entry can begin like this at all; writes nothing.
Status Store::may_begin(const NewTask& task, State state, const Reply& reply, const AuditRecord& audit) {
  if (!may_begin_as(state)) {
    return fault(FaultKind::kInternal, fmt::format("an entry cannot begin as {}", name_of(state)));
  }
  if ((state == State::kQueued) != task.deferral.has_value()) {
    return fault(FaultKind::kInternal, "an entry is queued if and only if it is deferred");
  }
  if (auto fits = check_size(bytes_of(task) + bytes_of(reply) + bytes_of(audit)); !fits) return fits;
  if (state_of(task.id)) return fault(FaultKind::kInternal, "an id was used twice: " + to_text(task.id));
  return Done{};
}

Status Store::admit(const NewTask& task, State state, const Reply& reply, AuditRecord audit) {
  if (auto may = may_begin(task, state, reply, audit); !may) return may;
  return take_in(task, state, reply, std::move(audit));
}

Result<GroupAdmission> Store::admit_all(std::vector<Entrant>& entrants) {
  GroupAdmission group;
  std::set<RepeatKey> identifiers;
  std::set<TaskId> ids;
  for (std::size_t i = 0; i < entrants.size(); ++i) {
    const auto& [task, state, reply, audit] = entrants[i];
    auto repeat = repeat_of(task);
    if (!repeat) return repeat.error();
    if (!*repeat) {
      if (auto may = may_begin(task, state, reply, audit); !may) return may.error();
    }
    if (!ids.insert(task.id).second) return fault(FaultKind::kInternal, "an id was used twice: " + to_text(task.id));
    const auto identifier = identifier_key(task);
    const bool twin = identifier && !identifiers.insert(*identifier).second;
    if (twin) return GroupAdmission{.blocked_by = i, .blocker = Conflict{.by_identifier = true}};
    const auto* const earlier = *repeat ? std::get_if<Repeat>(&**repeat) : nullptr;
    if (*repeat && (earlier == nullptr || earlier->earlier.state != State::kDelivered)) {
      return GroupAdmission{.blocked_by = i, .blocker = std::move(**repeat)};
    }
    group.each.push_back(*repeat ? std::move(**repeat) : Admission{Admitted{}});
  }
  for (std::size_t i = 0; i < entrants.size(); ++i) {
    if (!std::holds_alternative<Admitted>(group.each[i])) continue;
    auto& [task, state, reply, audit] = entrants[i];
    if (auto written = take_in(task, state, reply, std::move(audit)); !written) return written.error();
  }
  return group;
}

void Store::remember_trace(const NewTask& task, const Admission& repeat) {
  if (const auto* const running = std::get_if<Running>(&repeat)) return repeats_.remember_trace(task, running->id);
  const StoredTask* earlier = nullptr;
  if (const auto* const found = std::get_if<Repeat>(&repeat)) earlier = &found->earlier;
  if (const auto* const found = std::get_if<Duplicate>(&repeat)) earlier = &found->earlier;
  // Of a duplicate by content the bytes may differ: under this trace id they would be a conflict.
  if (earlier == nullptr || earlier->task.trace == task.trace || earlier->task.body_hash != task.body_hash) return;
  repeats_.remember_trace(task, earlier->task.id);
}

Status Store::take_in(const NewTask& task, State state, const Reply& reply, AuditRecord audit) {
  const auto audited = audit_.append(completed(std::move(audit), task.id));
  insert(task, state, reply, audited);
  if (task.deferral) deferrals_.put(task.id, *task.deferral);
  repeats_.remember(task);
  if (!task.identifier_value) recent_.add(task.fingerprint, task.id);
  count(state, true);
  return connection_.status();
}

void Store::insert(const NewTask& task, State state, const Reply& reply, std::int64_t audited) {
  const auto now = count_of_ms(clock_.now());
  const auto received = count_of_ms(task.received_at);
  const bool mailbox = state == State::kDelivered;
  const std::optional<std::int64_t> sending_at = state == State::kSending ? std::optional{now} : std::nullopt;
  insert_task_.run(task.id.number, static_cast<std::int64_t>(state), mailbox ? received : now, sending_at,
                   std::int64_t{state == State::kSending}, audited, std::int64_t{mailbox}, std::int64_t{reply.status},
                   received, dated_at(task), std::string_view{task.sender.text()},
                   std::string_view{task.recipient.text()}, std::string_view{task.to.text()},
                   std::string_view{task.subject}, std::string_view{task.source}, std::string_view{task.target},
                   task.identifier_system, task.identifier_value, std::string_view{task.given_identifier},
                   Blob{task.body_hash});
  insert_content_.run(task.id.number, std::string_view{task.trace.text()}, std::string_view{task.from.text()},
                      std::string_view{task.interaction}, std::string_view{task.type}, std::string_view{task.date},
                      std::string_view{task.content_type}, Blob{task.text_hash}, Blob{task.fingerprint},
                      as_blob(task.body));
  put_reply(task.id, reply);
}

void Store::put_reply(TaskId id, const Reply& reply) {
  if (reply.headers.empty() && reply.body.empty()) return;
  const auto headers = encode_headers(reply.headers);
  put_reply_.run(id.number, as_blob(headers), as_blob(reply.body));
}

Result<State> Store::state_of(TaskId id) {
  auto rows = select_state_.query(id.number);
  if (rows.next()) return static_cast<State>(rows.integer(0));
  if (auto read = connection_.status(); !read) return read.error();
  return fault(FaultKind::kNotFound, "no entry " + to_text(id));
}

Status Store::begin_sending(TaskId id) {
  const auto state = state_of(id);
  if (!state) return state.error();
  if (next(*state, Event::kStartSending) != State::kSending) {
    return fault(FaultKind::kInternal, fmt::format("entry {} is {}: it cannot be sent", to_text(id), name_of(*state)));
  }
  set_sending_.run(id.number, static_cast<std::int64_t>(State::kSending), count_of_ms(clock_.now()));
  count(*state, false);
  count(State::kSending, true);
  return connection_.status();
}

Result<State> Store::conclude(TaskId id, const Conclusion& conclusion, AuditRecord audit) {
  if (auto fits = check_size(bytes_of(conclusion.reply) + bytes_of(audit) + conclusion.note.size()); !fits) {
    return fits.error();
  }
  const auto state = state_of(id);
  if (!state) return state.error();
  const auto to = next(*state, conclusion.event);
  if (!to || conclusion.event == Event::kStartSending || is_of_start(conclusion.event)) {
    return fault(FaultKind::kInternal, fmt::format("entry {} is {}: {} cannot happen to it", to_text(id),
                                                   name_of(*state), name_of(conclusion.event)));
  }
  if (auto may = may_happen(id, conclusion.event); !may) return may.error();
  change(id, *state, *to, conclusion, std::move(audit));
  if (auto written = connection_.status(); !written) return written.error();
  return *to;
}

void Store::change(TaskId id, State from, State to, const Conclusion& conclusion, AuditRecord audit) {
  const auto audited = audit_.append(completed(std::move(audit), id));
  set_state_.run(id.number, static_cast<std::int64_t>(to), count_of_ms(clock_.now()), audited,
                 std::string_view{conclusion.note}, std::int64_t{conclusion.reply.status},
                 std::int64_t{failed_to_start(from, conclusion.event)}, std::int64_t{was_found_out(conclusion.event)},
                 std::int64_t{conclusion.text_lost});
  put_reply(id, conclusion.reply);
  if (is_terminal(to)) {
    deferrals_.drop(id);
  } else if (!is_of_start(conclusion.event)) {
    // What a start leaves in doubt is looked at when it was due.
    deferrals_.plan(id, conclusion.due);
  }
  count(from, false);
  count(to, true);
}

Status Store::record(AuditRecord audit) {
  if (auto fits = check_size(bytes_of(audit)); !fits) return fits;
  audit_.append(completed(std::move(audit), TaskId{}));
  return connection_.status();
}

void Store::probe() {
  probe_.run(count_of_ms(clock_.now()));
}

Result<TaskId> Store::last_id() {
  auto rows = last_id_.query();
  TaskId id;
  if (rows.next()) id = TaskId{rows.integer(0)};
  if (auto read = connection_.status(); !read) return read.error();
  return id;
}

std::size_t* Store::count_of(State state) {
  switch (state) {
    case State::kReceived:
      return &depth_.received;
    case State::kSending:
      return &depth_.sending;
    case State::kQueued:
      return &depth_.queued;
    case State::kRetryWait:
      return &depth_.retry_wait;
    case State::kInDoubt:
      return &depth_.in_doubt;
    default:
      return nullptr;
  }
}

void Store::count(State state, bool up) {
  if (auto* const counter = count_of(state)) *counter += up ? 1 : std::size_t(-1);
}

}  // namespace gw::outbox
