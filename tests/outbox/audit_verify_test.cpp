// What somebody with the outbox's file in hand can do to its audit, and what `audit verify` says of it (AUD-02).
#include "outbox/audit_verify.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "outbox/audit_chain.hpp"
#include "outbox/outbox_world.hpp"
#include "outbox/schema.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

namespace {

constexpr const char* kUnguard = "DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete;";

std::filesystem::path key_file(const World& world, const std::string& name, char digit, mode_t mode = 0400) {
  const auto path = world.folder / name;
  std::ofstream{path} << std::string(64, digit) << '\n';
  ::chmod(path.c_str(), mode);
  return path;
}

AuditCheck check_of(const World& world) {
  AuditCheck check;
  auto keys = read_audit_keys(world.settings.audit.key_file, world.settings.audit.old_key_files);
  REQUIRE(keys.has_value());
  check.keys = std::move(*keys);
  return check;
}

AuditVerdict verdict_of(const World& world, const AuditCheck& check) {
  const auto verdict = verify_audit(world.settings.path, check);
  REQUIRE(verdict.has_value());
  return *verdict;
}

AuditVerdict verdict_of(const World& world) {
  return verdict_of(world, check_of(world));
}

// Ten records: the key's, where there is one, those of five delivered tasks, then refusals.
void fill(World& world) {
  world.open();
  for (int i = 0; i < 5; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  const int refusals = world.settings.audit.key_file.empty() ? 5 : 4;
  for (int i = 0; i < refusals; ++i) REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  world.close();
}

// Makes the hashes from record `from` on anew, as whoever knows the format can, under `key` or none.
void forge(World& world, std::int64_t from, const AuditKey* key) {
  std::string sql = kUnguard;
  {
    const auto opened = open_for_reading(world.settings.path);
    REQUIRE(opened.has_value());
    Statement all{**opened, "SELECT " + std::string{kAuditColumns} + " FROM audit ORDER BY seq"};
    AuditHash hash_of;
    hash_of.use(key);
    Sha256 hash{};
    auto rows = all.query();
    while (rows.next()) {
      const auto row = audit_row(rows);
      if (row.number < from) {
        const auto kept = rows.view(kAuditHashColumn);
        std::copy(kept.begin(), kept.end(), hash.begin());
        continue;
      }
      hash = hash_of.of(hash, row);
      sql += "UPDATE audit SET hash = x'" + to_hex(hash) + "' WHERE seq = " + std::to_string(row.number) + ";";
    }
  }
  REQUIRE(world.sql(sql).empty());
}

struct Attack {
  const char* sql;
  std::int64_t number;  // of the record that is named
  const char* words;
};

constexpr Attack kAttacks[] = {
    {"UPDATE audit SET outcome = 'delivered' WHERE seq = 4", 4, "record 4 was changed"},
    {"UPDATE audit SET user_id = 'user-2' WHERE seq = 9", 9, "record 9 was changed"},
    {"UPDATE audit SET identifier = 'urn:x|1' WHERE seq = 9", 9, "record 9 was changed"},
    {"UPDATE audit SET task = NULL WHERE seq = 3", 3, "record 3 was changed"},
    {"UPDATE audit SET task = 0 WHERE seq = 8", 8, "record 8 was changed"},
    {"UPDATE audit SET hash = zeroblob(32) WHERE seq = 10", 10, "record 10 was changed"},
    {"UPDATE audit SET hash = x'' WHERE seq = 5", 5, "record 5 was changed"},
    // Back-dated: by a moment, by a day, and so that it fits between its neighbours.
    {"UPDATE audit SET at = at - 1 WHERE seq = 2", 2, "record 2 was changed, dated anew"},
    {"UPDATE audit SET at = at - 86400000 WHERE seq = 7", 7, "record 7 was changed, dated anew"},
    {"UPDATE audit SET at = (SELECT at FROM audit WHERE seq = 5) + 1 WHERE seq = 6", 6, "record 6 was changed"},
    // Removed: in the middle, at the beginning, and with the rest moved up.
    {"DELETE FROM audit WHERE seq = 6", 6, "record 6 is missing"},
    {"DELETE FROM audit WHERE seq = 1", 1, "record 1 is missing"},
    {"DELETE FROM audit WHERE seq <= 4", 1, "record 1 is missing"},
    {"DELETE FROM audit WHERE seq = 6; UPDATE audit SET seq = seq - 1 WHERE seq > 6", 6, "record 6 was changed"},
    {"DELETE FROM audit WHERE seq <= 2; UPDATE audit SET seq = seq - 2", 1, "record 1 was changed"},
    {"DELETE FROM audit WHERE seq >= 5", 5, "the records from 5 on are missing: a task refers to"},
    {"DELETE FROM audit", 1, "the records from 1 on are missing"},
    // Reordered.
    {"UPDATE audit SET seq = 100 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 7;"
     "UPDATE audit SET seq = 7 WHERE seq = 100",
     6, "record 6 was changed, dated anew, put in or put in another's place"},
    // Put in: a copy at the end, a copy in the middle, a number far beyond.
    {"CREATE TEMP TABLE one AS SELECT * FROM audit WHERE seq = 4; UPDATE one SET seq = 11;"
     "INSERT INTO audit SELECT * FROM one",
     11, "put in"},
    {"CREATE TEMP TABLE one AS SELECT * FROM audit WHERE seq = 8; UPDATE one SET seq = 9;"
     "UPDATE audit SET seq = 11 WHERE seq = 10; UPDATE audit SET seq = 10 WHERE seq = 9;"
     "INSERT INTO audit SELECT * FROM one",
     9, "record 9 was changed"},
    {"UPDATE audit SET seq = 1000 WHERE seq = 10", 10, "record 10 is missing: 1000 comes after 9"},
};

}  // namespace

TEST_CASE(
    "audit verify: a record changed, dated back, removed, moved, doubled or cut off is found and named, with a key and "
    "without (AUD-02)",
    "[outbox]") {
  const bool keyed = GENERATE(false, true);
  for (const auto& attack : kAttacks) {
    INFO(attack.sql << (keyed ? ", with a key" : ""));
    World world;
    if (keyed) world.settings.audit.key_file = key_file(world, "key", 'a');
    fill(world);
    REQUIRE(verdict_of(world).records == 10);
    CHECK_FALSE(verdict_of(world).flaw);
    REQUIRE(world.sql(std::string{kUnguard} + attack.sql).empty());
    const auto verdict = verdict_of(world);
    REQUIRE(verdict.flaw);
    CHECK(verdict.flaw->number == attack.number);
    CHECK_THAT(verdict.flaw->what, Catch::Contains(attack.words));
    CHECK(verdict.records == attack.number - 1);
  }
}

TEST_CASE("audit verify: a chain made anew without the key, or under another, is found (AUD-02)", "[outbox]") {
  World world;
  world.settings.audit.key_file = key_file(world, "key", 'a');
  fill(world);
  const auto other = AuditKey::read(key_file(world, "other", 'b'));
  REQUIRE(other.has_value());
  std::int64_t number = 0;
  SECTION("one record and all after it") {
    REQUIRE(world.sql(std::string{kUnguard} + "UPDATE audit SET outcome = 'delivered' WHERE seq = 4").empty());
    forge(world, 4, nullptr);
    number = 4;
  }
  SECTION("all of it") {
    forge(world, 1, nullptr);
    number = 1;
  }
  SECTION("all of it, and nothing said of a key any more") {
    REQUIRE(world
                .sql(std::string{kUnguard} +
                     "DELETE FROM audit WHERE seq = 1; UPDATE audit SET seq = seq - 1; UPDATE task SET audited = 1 "
                     "WHERE state = 1")
                .empty());
    forge(world, 1, nullptr);
    number = 1;
  }
  SECTION("all of it, under a key of the forger's own") {
    REQUIRE(world.sql(std::string{kUnguard} + "UPDATE audit SET outcome = '" + key_mark(*other) + "' WHERE seq = 1")
                .empty());
    forge(world, 1, &*other);
    number = 1;
  }
  SECTION("the last records, under a key of the forger's own that begins there") {
    REQUIRE(world
                .sql(std::string{kUnguard} + "UPDATE audit SET kind = 'chain', outcome = '" + key_mark(*other) +
                     "' WHERE seq = 7")
                .empty());
    forge(world, 7, &*other);
    number = 7;
  }
  const auto verdict = verdict_of(world);
  REQUIRE(verdict.flaw);
  CHECK(verdict.flaw->number == number);
  CHECK(verdict.records == number - 1);
}

TEST_CASE("audit verify: without a key nothing but a head kept elsewhere shows a chain made anew (AUD-02)",
          "[outbox]") {
  World world;
  fill(world);
  const auto kept = verdict_of(world);
  REQUIRE(world.sql(std::string{kUnguard} + "UPDATE audit SET outcome = 'delivered' WHERE seq = 4").empty());
  forge(world, 4, nullptr);
  CHECK_FALSE(verdict_of(world).flaw);
  AuditCheck check;
  check.kept = AuditHead{kept.records, kept.head};
  const auto verdict = verdict_of(world, check);
  REQUIRE(verdict.flaw);
  CHECK(verdict.flaw->number == 10);
  CHECK_THAT(verdict.flaw->what, Catch::Contains("made anew"));
}

TEST_CASE("audit verify: a head kept elsewhere shows refusals cut off at the end (AUD-02)", "[outbox]") {
  World world;
  fill(world);
  AuditCheck check;
  const auto whole = verdict_of(world);
  check.kept = AuditHead{whole.records, whole.head};
  CHECK_FALSE(verdict_of(world, check).flaw);
  // The last ones belong to no task: the file alone does not tell that they are gone.
  REQUIRE(world.sql(std::string{kUnguard} + "DELETE FROM audit WHERE seq > 7").empty());
  CHECK_FALSE(verdict_of(world).flaw);
  const auto cut = verdict_of(world, check);
  REQUIRE(cut.flaw);
  CHECK(cut.flaw->number == 8);
  CHECK_THAT(cut.flaw->what, Catch::Contains("the records from 8 on are missing: the given head is record 10"));
  // A witness that is named and not there takes nothing from it.
  check.witness = world.folder / "witness";
  CHECK(verdict_of(world, check).flaw);
}

TEST_CASE("audit verify: a clock that was set back while the gateway ran is no flaw (AUD-02)", "[outbox]") {
  World world;
  world.open();
  REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  world.clock.advance(-std::chrono::hours{24});
  REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  const auto verdict = verdict_of(world);
  CHECK(verdict.records == 2);
  CHECK_FALSE(verdict.flaw);
}

TEST_CASE("audit key: an audit without a key is brought under one, and from one key to the next (AUD-02)", "[outbox]") {
  World world;
  fill(world);
  auto& audit = world.settings.audit;
  audit.key_file = key_file(world, "first", 'a');
  // Named, but the gateway never ran with it: nothing vouches for what is there.
  CHECK(verdict_of(world).flaw);
  world.reopen();
  REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  auto verdict = verdict_of(world);
  CHECK(verdict.records == 12);
  CHECK_FALSE(verdict.flaw);
  CHECK(world.sql("SELECT kind FROM audit WHERE seq = 11") == "chain");
  CHECK(world.sql("SELECT outcome FROM audit WHERE seq = 11") == "key " + verdict.key);
  world.reopen();
  CHECK(verdict_of(world).records == 12);
  world.close();

  const auto first = std::exchange(audit.key_file, key_file(world, "second", 'b'));
  const auto refused = world.try_open();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == FaultKind::kInvalid);
  CHECK_THAT(refused.error().detail, Catch::Contains(verdict.key) && Catch::Contains("old_key_files"));
  audit.old_key_files = {first};
  world.open();
  REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  world.close();
  verdict = verdict_of(world);
  CHECK(verdict.records == 14);
  CHECK_FALSE(verdict.flaw);

  SECTION("whoever learns the old key can change nothing that stands under the new one, nor before it") {
    const auto old = AuditKey::read(first);
    REQUIRE(world.sql(std::string{kUnguard} + "UPDATE audit SET outcome = 'delivered' WHERE seq = 12").empty());
    forge(world, 12, &*old);
    const auto forged = verdict_of(world);
    REQUIRE(forged.flaw);
    CHECK(forged.flaw->number == 13);
  }
  SECTION("and cannot end the chain before the new key began") {
    REQUIRE(world.sql(std::string{kUnguard} + "DELETE FROM audit WHERE seq >= 13").empty());
    const auto cut = verdict_of(world);
    REQUIRE(cut.flaw);
    CHECK(cut.flaw->number == 11);
    CHECK_THAT(cut.flaw->what, Catch::Contains("not under the audit key"));
  }
  SECTION("a gateway without the key does not start on it, and nothing is verified without it") {
    audit.key_file.clear();
    audit.old_key_files.clear();
    const auto without = world.try_open();
    REQUIRE_FALSE(without.has_value());
    CHECK_THAT(without.error().detail, Catch::Contains("[audit] names no key_file"));
    const auto checked = verify_audit(world.settings.path);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().kind == FaultKind::kInvalid);
  }
}

TEST_CASE("audit key: a file that others may read, or that holds no key, is refused without telling what it holds",
          "[outbox]") {
  World world;
  const auto refusal_of = [](const std::filesystem::path& path) {
    const auto read = AuditKey::read(path);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == FaultKind::kInvalid);
    CHECK_THAT(read.error().detail, !Catch::Contains("cafe"));
    return read.error().detail;
  };
  CHECK_THAT(refusal_of(key_file(world, "open", 'a', 0440)), Catch::Contains("0440"));
  CHECK_THAT(refusal_of(world.folder / "none"), Catch::Contains("cannot be read"));
  CHECK_THAT(refusal_of(world.folder / "."), Catch::Contains("cannot be read"));
  const auto holding = [&world](const std::string& text) {
    const auto path = world.folder / "bad";
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0400);
    ::chmod(path.c_str(), 0600);
    return path;
  };
  CHECK_THAT(refusal_of(holding("")), Catch::Contains("too short"));
  CHECK_THAT(refusal_of(holding("cafe")), Catch::Contains("too short"));
  CHECK_THAT(refusal_of(holding("cafe" + std::string(60, 'x'))), Catch::Contains("form"));
  CHECK_THAT(refusal_of(holding("cafe" + std::string(61, 'a'))), Catch::Contains("form"));
  CHECK_THAT(refusal_of(holding(std::string(4096, 'a'))), Catch::Contains("form"));
  const auto good = AuditKey::read(holding(std::string(64, 'A') + "\r\n"));
  REQUIRE(good.has_value());
  CHECK(good->id() == AuditKey::read(key_file(world, "same", 'a'))->id());
  CHECK(good->id() != AuditKey::read(key_file(world, "another", 'b'))->id());
}
