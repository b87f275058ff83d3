// A file that an older gateway wrote is brought up to date, whole or not at all, and keeps all that is in it.
#include "outbox/schema.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "outbox/outbox_world.hpp"
#include "outbox/view.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::World;

namespace {

// The tables of version 2, as that version made them: never to be changed.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 10),
  updated_at INTEGER NOT NULL,
  sending_at INTEGER,
  version INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  audited INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  resolved INTEGER NOT NULL,
  text_lost INTEGER NOT NULL,
  reply_status INTEGER NOT NULL,
  note TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  dated_at INTEGER,
  sender TEXT NOT NULL,
  recipient TEXT NOT NULL,
  to_asid TEXT NOT NULL,
  subject TEXT NOT NULL,
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  identifier_system TEXT,
  identifier_value TEXT,
  given_identifier TEXT NOT NULL,
  body_hash BLOB NOT NULL
) STRICT;
CREATE INDEX task_unfinished ON task (state) WHERE state IN (1, 2, 6, 8, 9);
CREATE INDEX task_problem ON task (id) WHERE state IN (6, 10) OR text_lost = 1;
CREATE INDEX task_by_recipient ON task (recipient);

CREATE TABLE content (
  id INTEGER PRIMARY KEY,
  trace TEXT NOT NULL,
  from_asid TEXT NOT NULL,
  interaction TEXT NOT NULL,
  type TEXT NOT NULL,
  date TEXT NOT NULL,
  content_type TEXT NOT NULL,
  text_hash BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE reply (
  id INTEGER PRIMARY KEY,
  headers BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE trace_key (key BLOB PRIMARY KEY, task INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE identifier_key (key BLOB PRIMARY KEY, task INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_key_by_age ON identifier_key (task);
CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  task INTEGER,
  status INTEGER NOT NULL,
  trace TEXT NOT NULL,
  from_asid TEXT NOT NULL,
  to_asid TEXT NOT NULL,
  interaction TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  user_role TEXT NOT NULL,
  organisation TEXT NOT NULL,
  device TEXT NOT NULL,
  authority TEXT NOT NULL,
  patient TEXT NOT NULL,
  peer_fqdn TEXT NOT NULL,
  peer_fingerprint TEXT NOT NULL,
  peer_address TEXT NOT NULL,
  outcome TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TRIGGER task_final BEFORE UPDATE ON task WHEN OLD.state IN (3, 4, 5, 7, 10)
BEGIN SELECT RAISE(ABORT, 'a final task never changes'); END;
CREATE TRIGGER content_final BEFORE UPDATE ON content
BEGIN SELECT RAISE(ABORT, 'what was handed in never changes'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit record never changes'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit record is never removed'); END;
)sql";

std::string all_of(World& world, const std::string& table) {
  return world.sql(
      "SELECT count(*) || ':' || group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE name LIKE '" + table +
      "' ORDER BY name)");
}

/// A file of version 2 with a queued entry's neighbours: one delivered task and its audit record.
void make_version_2(World& world) {
  world.sql(kVersion2);
  world.sql("PRAGMA application_id = 0x47504354");
  world.sql("PRAGMA user_version = 2");
  world.sql(
      "INSERT INTO task VALUES (77, 3, 1, 1, 1, 1, 1, 0, 0, 0, 201, 'n', 1, 1, 'A11111', 'B22222', '200000000002', "
      "'Patient/1', 'Organization/1', 'Organization/2', NULL, NULL, '', x'00')");
  world.sql(
      "INSERT INTO content VALUES (77, 'trace', '200000000001', 'i', '1', '2026-11-21', 'c', x'00', x'00', x'7b7d')");
}

}  // namespace

TEST_CASE("schema: a file of version 2 is brought up to date when a gateway opens it, and keeps its tasks",
          "[outbox]") {
  World world;
  make_version_2(world);
  REQUIRE(all_of(world, "task").starts_with("1:"));
  SECTION("a reader alone says what to do") {
    const auto view = View::open(world.settings.path);
    REQUIRE(view.has_error());
    CHECK(view.error().detail.find("start this version's gateway on it once") != std::string::npos);
    CHECK(world.sql("PRAGMA user_version") == "2");
  }
  world.open();
  CHECK(world.state_of(TaskId{77}) == State::kDelivered);
  world.admitted(world.task(1), State::kQueued);
  world.close();
  CHECK(world.sql("PRAGMA user_version") == std::to_string(kSchemaVersion));
  CHECK(world.sql("SELECT count(*) FROM deferral") == "1");
}

TEST_CASE("schema: what an older version's file knew of repeats is known still (OUT-03)", "[outbox]") {
  World world;
  world.open();
  auto task = world.task(1);
  task.identifier_system = "urn:s";
  task.identifier_value = "X";
  const auto id = world.admitted(task, State::kDelivered, 201);
  world.close();
  test::keep_keys_as_version_5(world);
  world.sql("PRAGMA user_version = 5");
  world.open();
  auto by_identifier = task;
  by_identifier.trace = TraceId{"another"};
  for (const auto& again : {task, by_identifier}) {
    auto admission = world.admit(again, State::kDelivered, 201);
    REQUIRE(admission);
    const auto* const repeat = std::get_if<Repeat>(&*admission);
    REQUIRE(repeat != nullptr);
    CHECK(repeat->earlier.task.id == id);
  }
}

TEST_CASE("schema: an older version's file is brought up to date also when all its tasks were purged", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  world.close();
  test::keep_keys_as_version_5(world);
  world.sql("DELETE FROM task; DELETE FROM content; DELETE FROM reply; PRAGMA user_version = 5");
  world.open();
  CHECK(world.admit(world.task(1), State::kDelivered, 201).has_value());
}

TEST_CASE("schema: a new file has the tables that an old one is brought up to", "[outbox]") {
  World old_one, new_one;
  make_version_2(old_one);
  for (auto* const world : {&old_one, &new_one}) {
    world->open();
    world->close();
  }
  CHECK(all_of(old_one, "%") == all_of(new_one, "%"));
}

TEST_CASE("schema: a file that cannot be brought up to date stays as it was", "[outbox]") {
  World world;
  make_version_2(world);
  world.sql("CREATE TABLE deferral (a)");  // in the way of the step to version 3
  const auto opened = world.try_open();
  REQUIRE(opened.has_error());
  CHECK(world.sql("PRAGMA user_version") == "2");
  world.sql("DROP TABLE deferral");
  world.open();
  CHECK(world.state_of(TaskId{77}) == State::kDelivered);
}
