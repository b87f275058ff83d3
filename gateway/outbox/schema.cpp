#include "outbox/schema.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace gw::outbox {

namespace {

constexpr int kOldestVersion = 2;

// Version 2. States by number, as state.hpp has them: terminal are 3, 4, 5, 7 and 10.
constexpr const char* kTables = R"sql(
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

// Version 3: deferred delivery (OUT-06).
constexpr const char* kDeferral = R"sql(
CREATE TABLE deferral (
  id INTEGER PRIMARY KEY,
  limit_at INTEGER NOT NULL,
  limit_by TEXT NOT NULL,
  due_at INTEGER,
  target TEXT NOT NULL,
  headers BLOB NOT NULL,
  peer_address TEXT NOT NULL,
  body BLOB NOT NULL,
  mandate TEXT NOT NULL
) STRICT;
)sql";

// Version 4: the audit (AUD-03): the task's business identifier in each record, and where in the sequence times and the chain's own
// records stand. Both indexes are small and grow at their end: the first has one record in 256, the second next to none.
constexpr const char* kAuditSearch = R"sql(
ALTER TABLE audit ADD COLUMN identifier TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_times ON audit (at) WHERE seq % 256 = 0;
CREATE INDEX audit_marks ON audit (seq) WHERE kind = 'chain';
)sql";

// Version 5: states compared one by one. SQLite builds a table in memory for a list of more than two at each statement that
// meets it, which cost as much as all the rest of a task's way through the outbox.
constexpr const char* kComparedStates = R"sql(
DROP INDEX task_unfinished;
DROP INDEX task_problem;
DROP TRIGGER task_final;
CREATE INDEX task_unfinished ON task (state)
  WHERE (state = 1 OR state = 2 OR state = 6 OR state = 8 OR state = 9);
CREATE INDEX task_problem ON task (id) WHERE (state = 6 OR state = 10 OR text_lost = 1);
CREATE TRIGGER task_final BEFORE UPDATE ON task
WHEN OLD.state = 3 OR OLD.state = 4 OR OLD.state = 5 OR OLD.state = 7 OR OLD.state = 10
BEGIN SELECT RAISE(ABORT, 'a final task never changes'); END;
)sql";

// Version 6: repeats' keys in runs (key_index.hpp). What there was becomes the first run, with a filter that lets every key
// pass; a trace id that was kept by its day is kept for its window anew.
constexpr const char* kKeyRuns = R"sql(
ALTER TABLE trace_key RENAME TO old_trace_key;
ALTER TABLE identifier_key RENAME TO old_identifier_key;
CREATE TABLE trace_recent (
  number INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  task INTEGER NOT NULL,
  day INTEGER NOT NULL
) STRICT;
CREATE TABLE trace_key (
  run INTEGER NOT NULL,
  key BLOB NOT NULL,
  task INTEGER NOT NULL,
  day INTEGER NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE trace_run (run INTEGER PRIMARY KEY, newest_day INTEGER NOT NULL, filter BLOB NOT NULL) STRICT;
CREATE TABLE identifier_recent (
  number INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  task INTEGER NOT NULL,
  day INTEGER NOT NULL
) STRICT;
CREATE TABLE identifier_key (
  run INTEGER NOT NULL,
  key BLOB NOT NULL,
  task INTEGER NOT NULL,
  day INTEGER NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE identifier_run (run INTEGER PRIMARY KEY, newest_day INTEGER NOT NULL, filter BLOB NOT NULL) STRICT;
INSERT OR REPLACE INTO trace_key
  SELECT 1, substr(key, 5), task, (SELECT (coalesce(max(id), 0) >> 21) / 86400000 FROM task) FROM old_trace_key
  ORDER BY substr(key, 5), key;
INSERT INTO identifier_key SELECT 1, key, task, (task >> 21) / 86400000 FROM old_identifier_key ORDER BY key;
INSERT INTO trace_run
  SELECT 1, max(day), x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF' FROM trace_key HAVING count(*) > 0;
INSERT INTO identifier_run
  SELECT 1, max(day), x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF' FROM identifier_key HAVING count(*) > 0;
DROP TABLE old_trace_key;
DROP TABLE old_identifier_key;
)sql";

// From kOldestVersion on, each to the next version.
constexpr std::array<const char*, 4> kSteps = {kDeferral, kAuditSearch, kComparedStates, kKeyRuns};
static_assert(kOldestVersion + kSteps.size() == kSchemaVersion);

using Setting = std::pair<const char*, const char*>;

// What must hold on the writer's connection, besides journal_mode.
constexpr std::array<Setting, 8> kWriterSettings = {{
    {"synchronous", "2"},
    {"foreign_keys", "1"},
    {"trusted_schema", "0"},
    {"cell_size_check", "1"},
    {"mmap_size", "0"},
    {"secure_delete", "1"},
    {"wal_autocheckpoint", "0"},
    {"cache_size", "-8192"},
}};

constexpr std::array<Setting, 5> kReaderSettings = {{
    {"query_only", "1"},
    {"trusted_schema", "0"},
    {"cell_size_check", "1"},
    {"mmap_size", "0"},
    {"cache_size", "-2048"},
}};

Status set(Connection& connection, std::span<const Setting> settings) {
  for (const auto& [name, wanted] : settings) {
    if (auto done = connection.execute(fmt::format("PRAGMA {} = {}", name, wanted).c_str()); !done) return done;
    const auto found = connection.value_of(fmt::format("PRAGMA {}", name).c_str());
    if (!found) return found.error();
    if (*found != wanted) {
      return fault(FaultKind::kStorage, fmt::format("SQLite keeps {} = {} where {} is needed", name, *found, wanted));
    }
  }
  return Done{};
}

Status harden(Connection& connection) {
  sqlite3* const handle = connection.handle();
  int on = 0;
  if (sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, &on) != SQLITE_OK || on != 1) {
    return fault(FaultKind::kStorage, "SQLite does not offer its defensive mode");
  }
  constexpr int kSqlBytes = 100'000;
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(kEntryBytes) + (1 << 20));
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, kSqlBytes);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  return Done{};
}

// What a file turned out to be.
struct Identity {
  bool fresh = false;  ///< it holds nothing yet
  int version = 0;
};

// The file is an outbox of a version that this program knows.
Result<Identity> identity_of(Connection& connection, const std::filesystem::path& path) {
  const auto application = connection.value_of("PRAGMA application_id");
  if (!application) return application.error();
  const auto version = connection.value_of("PRAGMA user_version");
  if (!version) return version.error();
  const auto tables = connection.value_of("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables == "0" && *application == "0" && *version == "0") return Identity{.fresh = true};
  if (*application != std::to_string(kApplicationId)) {
    return fault(FaultKind::kInvalid, fmt::format("{} is a database, but not an outbox", path.string()));
  }
  for (int known = kOldestVersion; known <= kSchemaVersion; ++known) {
    if (*version == std::to_string(known)) return Identity{.version = known};
  }
  return fault(FaultKind::kInvalid, fmt::format("{} was written by another version of the gateway (its schema is {}, "
                                                "this program knows {} to {}): use that version",
                                                path.string(), *version, kOldestVersion, kSchemaVersion));
}

Status bring_up_to_date(Connection& connection, const Identity& found) {
  if (found.version == kSchemaVersion) return Done{};
  auto made = connection.execute("BEGIN IMMEDIATE");
  if (made && found.fresh) made = connection.execute(kTables);
  const auto done = found.fresh ? 0 : static_cast<std::size_t>(found.version - kOldestVersion);
  for (auto step = done; made && step < kSteps.size(); ++step) made = connection.execute(kSteps.at(step));
  const auto mark =
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplicationId, kSchemaVersion);
  if (made) made = connection.execute(mark.c_str());
  if (made) made = connection.execute("COMMIT");
  return made;
}

}  // namespace

Status make_file(const std::filesystem::path& path) {
  constexpr mode_t kOwnerOnly = 0600;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0 && errno != EEXIST) {
    return fault(FaultKind::kStorage,
                 fmt::format("{} cannot be made: {}", path.string(), std::generic_category().message(errno)));
  }
  if (descriptor >= 0) ::close(descriptor);
  return Done{};
}

Result<std::unique_ptr<Connection>> open_for_writing(const std::filesystem::path& path) {
  if (auto made = make_file(path); !made) return made.error();
  auto connection = Connection::open(path, Connection::Access::kReadWrite);
  if (!connection) return connection;
  auto& opened = **connection;
  const auto identity = identity_of(opened, path);
  if (!identity) return identity.error();
  if (identity->fresh) {
    if (auto done = opened.execute("PRAGMA page_size = 4096"); !done) return done.error();
  }
  const auto journal = opened.value_of("PRAGMA journal_mode = WAL");
  if (!journal) return journal.error();
  if (*journal != "wal") return fault(FaultKind::kStorage, "SQLite cannot keep a write-ahead log here: " + *journal);
  if (auto done = set(opened, kWriterSettings); !done) return done.error();
  if (auto done = bring_up_to_date(opened, *identity); !done) return done.error();
  if (auto done = harden(opened); !done) return done.error();
  return connection;
}

Result<std::unique_ptr<Connection>> open_for_reading(const std::filesystem::path& path) {
  auto connection = Connection::open(path, Connection::Access::kReadOnly);
  if (!connection) return connection;
  auto& opened = **connection;
  sqlite3_db_config(opened.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (auto done = set(opened, kReaderSettings); !done) return done.error();
  if (auto done = harden(opened); !done) return done.error();
  const auto identity = identity_of(opened, path);
  if (!identity) return identity.error();
  if (identity->fresh) return fault(FaultKind::kInvalid, path.string() + " is empty, not an outbox");
  if (identity->version != kSchemaVersion) {
    return fault(FaultKind::kInvalid,
                 fmt::format("{} was written by an older version of the gateway (its schema is {}, "
                             "this program's {}): start this version's gateway on it once, which "
                             "brings it up to date",
                             path.string(), identity->version, kSchemaVersion));
  }
  return connection;
}

}  // namespace gw::outbox
