#include "outbox/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "outbox/fields.hpp"
#include "outbox/schema.hpp"

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

std::size_t bytes_of(const Reply& reply) {
  std::size_t bytes = reply.body.size();
  for (const auto& header : reply.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

std::size_t bytes_of(const AuditRecord& audit) {
  std::size_t bytes = 0;
  for (const auto* const text :
       {&audit.kind, &audit.trace, &audit.from, &audit.to, &audit.interaction, &audit.user_id, &audit.user_name,
        &audit.user_role, &audit.organisation, &audit.device, &audit.authority, &audit.patient, &audit.peer_fqdn,
        &audit.peer_fingerprint, &audit.peer_address, &audit.outcome}) {
    bytes += text->size();
  }
  return bytes;
}

std::size_t bytes_of(const NewTask& task) {
  std::size_t bytes = task.identifier_system.value_or("").size() + task.identifier_value.value_or("").size();
  for (const auto* const text : {&task.trace.text(), &task.from.text(), &task.to.text(), &task.sender.text(),
                                 &task.recipient.text(), &task.interaction, &task.subject, &task.source, &task.target,
                                 &task.type, &task.date, &task.given_identifier, &task.content_type, &task.body}) {
    bytes += text->size();
  }
  return bytes;
}

Status check_size(std::size_t bytes) {
  if (bytes <= kEntryBytes) return Done{};
  return fault(FaultKind::kTooLarge, fmt::format("an entry of {} bytes; the outbox takes {}", bytes, kEntryBytes));
}

bool may_begin_as(State state) {
  return state == State::kReceived || state == State::kSending || state == State::kQueued || state == State::kDelivered;
}

}  // namespace

Store::Store(Connection& connection, const Clock& clock, seconds repeat_window)
    : connection_(connection),
      clock_(clock),
      window_days_(std::chrono::ceil<std::chrono::days>(repeat_window).count()),
      audit_(connection),
      view_(connection),
      begin_(connection, "BEGIN IMMEDIATE"),
      commit_(connection, "COMMIT"),
      rollback_(connection, "ROLLBACK"),
      insert_task_(connection,
                   "INSERT INTO task (id, state, updated_at, sending_at, version, attempts, audited, mailbox, "
                   "reply_status, note, received_at, dated_at, sender, recipient, to_asid, subject, source, target, "
                   "identifier_system, identifier_value, given_identifier, body_hash) VALUES (?1, ?2, ?3, ?4, 1, ?5, "
                   "?6, ?7, ?8, '', ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"),
      insert_content_(connection,
                      "INSERT INTO content (id, trace, from_asid, interaction, type, date, content_type, text_hash, "
                      "fingerprint, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
      put_reply_(connection, "INSERT OR REPLACE INTO reply (id, headers, body) VALUES (?1, ?2, ?3)"),
      set_sending_(
          connection,
          "UPDATE task SET state = ?2, updated_at = ?3, sending_at = ?3, attempts = attempts + 1 WHERE id = ?1"),
      set_state_(connection,
                 "UPDATE task SET state = ?2, updated_at = ?3, audited = ?4, note = ?5, "
                 "reply_status = iif(?6 = 0, reply_status, ?6) WHERE id = ?1"),
      select_state_(connection, "SELECT state FROM task WHERE id = ?1"),
      select_earlier_(connection, "SELECT state, reply_status, recipient, to_asid, body_hash FROM task WHERE id = ?1"),
      put_trace_(connection, "INSERT OR REPLACE INTO trace_key (key, task) VALUES (?1, ?2)"),
      find_trace_(connection, "SELECT task FROM trace_key WHERE key = ?1"),
      put_identifier_(connection, "INSERT OR REPLACE INTO identifier_key (key, task) VALUES (?1, ?2)"),
      find_identifier_(connection, "SELECT task FROM identifier_key WHERE key = ?1"),
      prune_(connection,
             "DELETE FROM trace_key WHERE key IN (SELECT key FROM trace_key WHERE key < ?1 ORDER BY key LIMIT 256)"),
      probe_(connection, "INSERT OR REPLACE INTO probe (id, at) VALUES (1, ?1)"),
      last_id_(connection, "SELECT max(id) FROM task"),
      count_unfinished_(connection, "SELECT state, count(*) FROM task WHERE state IN (1, 2, 6, 8, 9) GROUP BY state"),
      unfinished_(connection,
                  "SELECT t.id, t.state, c.trace, c.from_asid, t.to_asid, c.interaction FROM task t JOIN content c ON "
                  "c.id = t.id WHERE t.state IN (1, 2, 6, 8, 9) AND t.state <> 6 ORDER BY t.id") {}

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
  day_ = day_of(*last);
  return connection_.status();
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
  return Done{};
}

Status Store::roll_back() {
  connection_.clear_fault();
  // Some errors (disk full, I/O) have rolled back already.
  if (connection_.in_transaction()) rollback_.run();
  depth_ = committed_depth_;
  auto loaded = connection_.status();
  if (loaded) loaded = audit_.load();
  connection_.clear_fault();
  if (loaded && !connection_.in_transaction()) return Done{};
  return fault(FaultKind::kStorageInDoubt, loaded ? "a transaction could not be rolled back" : loaded.error().detail);
}

AuditRecord Store::completed(AuditRecord audit, TaskId id) const {
  if (!audit.task && id.number != 0) audit.task = id;
  if (audit.at == Instant{}) audit.at = clock_.now();
  return audit;
}

std::optional<Earlier> Store::earlier(TaskId id) {
  auto rows = select_earlier_.query(id.number);
  if (!rows.next()) return std::nullopt;
  return Earlier{
      id,          static_cast<State>(rows.integer(0)), static_cast<int>(rows.integer(1)), rows.text(2), rows.text(3),
      rows.text(4)};
}

std::optional<Earlier> Store::earlier_by_trace(const NewTask& task) {
  for (auto day = day_; day >= day_ - window_days_; --day) {
    const auto key = trace_key(day, task);
    auto rows = find_trace_.query(as_blob(key));
    if (rows.next()) return earlier(TaskId{rows.integer(0)});
  }
  return std::nullopt;
}

Result<std::optional<Admission>> Store::find_repeat(const NewTask& task, const std::optional<std::string>& identifier) {
  const auto admission_of = [this](Ruling ruling, TaskId id, bool by_identifier) -> Result<std::optional<Admission>> {
    if (ruling == Ruling::kConflict) return Admission{Conflict{by_identifier}};
    if (ruling == Ruling::kRunning) return Admission{Running{id}};
    auto found = find(id);
    if (!found) return found.error();
    if (!*found) return fault(FaultKind::kInternal, "an entry without content: " + to_text(id));
    return Admission{Repeat{std::move(**found)}};
  };
  if (const auto by_trace = earlier_by_trace(task)) {
    const auto ruling = rule_on_trace(task, *by_trace);
    if (ruling != Ruling::kFresh) return admission_of(ruling, by_trace->id, false);
  }
  if (!identifier) return std::optional<Admission>{};
  std::optional<Earlier> by_identifier;
  {
    auto rows = find_identifier_.query(as_blob(*identifier));
    if (rows.next()) by_identifier = earlier(TaskId{rows.integer(0)});
  }
  if (by_identifier) {
    const auto ruling = rule_on_identifier(task, *by_identifier);
    if (ruling != Ruling::kFresh) return admission_of(ruling, by_identifier->id, true);
  }
  return std::optional<Admission>{};
}

// Everything that may keep a task from becoming an entry; writes nothing.
Result<std::optional<Admission>> Store::examine(const NewTask& task, State state, const Reply& reply,
                                                const AuditRecord& audit) {
  if (!may_begin_as(state) || task.id.number <= 0) {
    return fault(FaultKind::kInternal,
                 fmt::format("an entry cannot begin as {}, id {}", name_of(state), task.id.number));
  }
  if (auto fits = check_size(bytes_of(task) + bytes_of(reply) + bytes_of(audit)); !fits) return fits.error();
  // The day only goes forward, so that of two requests around midnight the later one finds the earlier one's key.
  day_ = std::max(day_, day_of(task.id));
  auto repeat = find_repeat(task, identifier_key(task));
  if (!repeat || *repeat) return repeat;
  if (earlier(task.id)) return fault(FaultKind::kInternal, "an id was used twice: " + to_text(task.id));
  return repeat;
}

Result<Admission> Store::admit(const NewTask& task, State state, const Reply& reply, AuditRecord audit) {
  auto repeat = examine(task, state, reply, audit);
  if (!repeat) return repeat.error();
  if (*repeat) return std::move(**repeat);
  return take_in(task, state, reply, std::move(audit));
}

Result<GroupAdmission> Store::admit_all(std::vector<Entrant>& entrants) {
  GroupAdmission group;
  std::set<std::string> identifiers;
  std::set<TaskId> ids;
  for (std::size_t i = 0; i < entrants.size(); ++i) {
    const auto& [task, state, reply, audit] = entrants[i];
    auto repeat = examine(task, state, reply, audit);
    if (!repeat) return repeat.error();
    if (!ids.insert(task.id).second) return fault(FaultKind::kInternal, "an id was used twice: " + to_text(task.id));
    const auto identifier = identifier_key(task);
    const bool twin = identifier && !identifiers.insert(*identifier).second;
    if (twin) *repeat = Conflict{.by_identifier = true};
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

Result<Admission> Store::take_in(const NewTask& task, State state, const Reply& reply, AuditRecord audit) {
  const auto audited = audit_.append(completed(std::move(audit), task.id));
  insert(task, state, reply, audited);
  const auto identifier = identifier_key(task);
  const auto trace = trace_key(day_, task);
  put_trace_.run(as_blob(trace), task.id.number);
  if (identifier) put_identifier_.run(as_blob(*identifier), task.id.number);
  count(state, true);
  if (auto written = connection_.status(); !written) return written.error();
  return Admission{Admitted{}};
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
  if (!to || conclusion.event == Event::kStartSending || conclusion.event == Event::kRestart) {
    return fault(FaultKind::kInternal, fmt::format("entry {} is {}: {} cannot happen to it", to_text(id),
                                                   name_of(*state), name_of(conclusion.event)));
  }
  change(id, *state, *to, conclusion, std::move(audit));
  if (auto written = connection_.status(); !written) return written.error();
  return *to;
}

void Store::change(TaskId id, State from, State to, const Conclusion& conclusion, AuditRecord audit) {
  const auto audited = audit_.append(completed(std::move(audit), id));
  set_state_.run(id.number, static_cast<std::int64_t>(to), count_of_ms(clock_.now()), audited,
                 std::string_view{conclusion.note}, std::int64_t{conclusion.reply.status});
  put_reply(id, conclusion.reply);
  count(from, false);
  count(to, true);
}

Status Store::record(AuditRecord audit) {
  if (auto fits = check_size(bytes_of(audit)); !fits) return fits;
  audit_.append(completed(std::move(audit), TaskId{}));
  return connection_.status();
}

Result<Store::Restarted> Store::restart_unfinished() {
  struct Found {
    TaskId id;
    State state;
    AuditRecord audit;
  };
  std::vector<Found> found;
  {
    auto rows = unfinished_.query();
    while (rows.next()) {
      AuditRecord audit{.kind = "recovery",
                        .trace = rows.text(2),
                        .from = rows.text(3),
                        .to = rows.text(4),
                        .interaction = rows.text(5)};
      found.push_back({TaskId{rows.integer(0)}, static_cast<State>(rows.integer(1)), std::move(audit)});
    }
  }
  Restarted restarted;
  for (auto& entry : found) {
    const auto to = next(entry.state, Event::kRestart);
    if (!to || *to == entry.state) {
      ++restarted.requeued;
      continue;
    }
    ++(*to == State::kAbandoned ? restarted.abandoned : restarted.in_doubt);
    entry.audit.outcome = name_of(*to);
    const Conclusion conclusion{.event = Event::kRestart,
                                .note = fmt::format("found {} at a restart", name_of(entry.state))};
    change(entry.id, entry.state, *to, conclusion, std::move(entry.audit));
  }
  if (auto written = connection_.status(); !written) return written.error();
  return restarted;
}

Result<bool> Store::settle_given_up(TaskId id) {
  const auto found = find(id);
  if (!found) {
    connection_.note_fault(found.error());
    return found.error();
  }
  if (!*found) return false;
  const auto& [task, state] = std::tie((*found)->task, (*found)->state);
  const auto to = next(state, Event::kRestart);
  if (!to || *to == state) return false;
  AuditRecord audit{.kind = "recovery",
                    .trace = task.trace.text(),
                    .from = task.from.text(),
                    .to = task.to.text(),
                    .interaction = task.interaction,
                    .outcome = std::string{name_of(*to)}};
  const Conclusion conclusion{
      .event = Event::kRestart,
      .note = fmt::format("given up while {}: its outcome could not be written", name_of(state))};
  change(id, state, *to, conclusion, std::move(audit));
  if (auto written = connection_.status(); !written) return written.error();
  return true;
}

bool Store::prune_trace_keys() {
  const auto bound = trace_key_bound(day_ - window_days_);
  return prune_.run(as_blob(bound)) > 0;
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
