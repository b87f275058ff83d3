#include "outbox/outbox_world.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <stdexcept>

namespace gw::outbox::test {

Folder::Folder() {
  auto name = (std::filesystem::temp_directory_path() / "outbox-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

World::World() : World(Settings{}) {}

World::World(Settings wanted) : settings(std::move(wanted)) {
  if (settings.path.empty()) settings.path = folder / "outbox.db";
  settings.min_free_bytes = 0;
}

Result<std::unique_ptr<Outbox>> World::try_open() {
  return Outbox::open(settings, clock);
}

void World::open() {
  auto opened = try_open();
  if (!opened) FAIL(opened.error().detail);
  outbox = std::move(*opened);
}

void World::close() {
  if (outbox) outbox->stop();
  outbox.reset();
}

NewTask World::task(int number) {
  const auto text = std::to_string(number);
  NewTask task;
  task.id = outbox->next_id();
  task.received_at = clock.now();
  task.trace = TraceId{"trace-" + text};
  task.from = Asid{"200000000001"};
  task.to = Asid{"200000000002"};
  task.sender = OdsCode{"A11111"};
  task.recipient = OdsCode{"B22222"};
  task.interaction = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
  task.subject = "Patient/" + text;
  task.source = "Organization/1";
  task.target = "Organization/2";
  task.type = "1";
  task.date = "2026-11-21T10:00:00+00:00";
  task.content_type = "application/json+fhir";
  task.body = R"({"resourceType":"Order","n":)" + text + "}";
  task.body_hash = sha256(task.body);
  task.fingerprint = sha256("content of " + text);
  return task;
}

AuditRecord audit_of(std::string kind, std::string outcome) {
  AuditRecord record;
  record.kind = std::move(kind);
  record.outcome = std::move(outcome);
  record.user_id = "user-1";
  return record;
}

Deferral World::deferral() const {
  return {.limit = clock.now() + seconds{300},
          .limit_by = "the audit token ends",
          .due = clock.now(),
          .target = "/B22222/DSTU2/1/Order",
          .headers = {{"Ssp-TraceID", "trace"}, {"Content-Type", "application/json+fhir"}},
          .peer_address = "192.0.2.7:50123",
          .body = "as it came",
          .mandate = "who.sent.it"};
}

Result<Admission> World::admit(NewTask task, State state, int status) {
  if (state == State::kQueued && !task.deferral) task.deferral = deferral();
  return run(outbox->admit(std::move(task), state, Reply{.status = status}, audit_of("request", "admitted")));
}

TaskId World::admitted(NewTask task, State state, int status) {
  const auto id = task.id;
  const auto admission = admit(std::move(task), state, status);
  if (!admission) FAIL(admission.error().detail);
  REQUIRE(std::holds_alternative<Admitted>(*admission));
  return id;
}

Status World::conclude(TaskId id, Event event, int status, std::string body) {
  Headers headers;
  if (!body.empty()) headers.push_back({"Content-Type", "application/json+fhir"});
  return run(outbox->conclude(
      id, Conclusion{.event = event, .reply = {status, std::move(headers), std::move(body)}, .note = "n"},
      audit_of("request", "concluded")));
}

State World::state_of(TaskId id) {
  const auto found = run(outbox->find(id));
  if (!found) FAIL(found.error().detail);
  REQUIRE(found->has_value());
  return (*found)->state;
}

std::string World::sql(const std::string& text) {
  sqlite3* handle = nullptr;
  sqlite3_open(settings.path.c_str(), &handle);
  std::string value;
  char* error = nullptr;
  sqlite3_exec(
      handle, text.c_str(),
      [](void* into, int count, char** values, char**) {
        if (count > 0 && values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
        return 0;
      },
      &value, &error);
  if (error != nullptr) value = std::string{"error: "} + error;
  sqlite3_free(error);
  sqlite3_close(handle);
  return value;
}

void keep_keys_as_version_5(World& world) {
  // The day before the key of a trace: any, since all are taken to be of the newest.
  world.sql("CREATE TABLE old_trace AS SELECT x'00005012' || key AS key, task FROM trace_recent");
  world.sql("CREATE TABLE old_identifier AS SELECT key, task FROM identifier_recent");
  for (const std::string name : {"trace", "identifier"}) {
    for (const std::string kind : {"_recent", "_key", "_run"}) world.sql("DROP TABLE " + name + kind);
    world.sql("CREATE TABLE " + name + "_key (key BLOB PRIMARY KEY, task INTEGER NOT NULL) STRICT, WITHOUT ROWID");
    world.sql("INSERT INTO " + name + "_key SELECT CAST(key AS BLOB), task FROM old_" + name);
    world.sql("DROP TABLE old_" + name);
  }
}

}  // namespace gw::outbox::test
