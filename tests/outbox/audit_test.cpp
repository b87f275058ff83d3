#include "outbox/audit_chain.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

namespace {

AuditVerdict verdict_of(const World& world) {
  const auto verdict = verify_audit(world.settings.path);
  REQUIRE(verdict);
  return *verdict;
}

// Ten records; the triggers that guard them are taken away, as someone with the file in hand can.
void fill(World& world) {
  world.open();
  for (int i = 0; i < 5; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  for (int i = 0; i < 5; ++i) REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  world.close();
}

constexpr const char* kUnguard = "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;";

}  // namespace

TEST_CASE("audit: a chain that nobody touched verifies, beside the gateway too (AUD-02)", "[outbox]") {
  World world;
  world.open();
  CHECK(verdict_of(world).records == 0);
  const auto id = world.admitted(world.task(1), State::kSending);
  REQUIRE(world.conclude(id, Event::kRecipientStored, 201));
  REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  const auto verdict = verdict_of(world);
  CHECK(verdict.records == 3);
  CHECK_FALSE(verdict.flaw);
  world.reopen();
  REQUIRE(world.run(world.outbox->record(audit_of("request", "refused"))));
  CHECK(verdict_of(world).records == 4);
  CHECK_FALSE(verdict_of(world).flaw);
}

TEST_CASE("audit: the file itself refuses to change or remove a record (AUD-02)", "[outbox]") {
  World world;
  fill(world);
  CHECK(world.sql("UPDATE audit SET outcome = 'x'").find("never changes") != std::string::npos);
  CHECK(world.sql("DELETE FROM audit").find("never removed") != std::string::npos);
}

TEST_CASE("audit: a record changed, dated back, removed, moved or cut off is found and named (AUD-02)", "[outbox]") {
  struct Attack {
    const char* sql;
    std::int64_t number;
    const char* words;
  };
  constexpr Attack attacks[] = {
      {"UPDATE audit SET outcome = 'delivered' WHERE seq = 4", 4, "record 4 was changed"},
      {"UPDATE audit SET user_id = 'user-2' WHERE seq = 9", 9, "record 9 was changed"},
      {"UPDATE audit SET at = at - 1 WHERE seq = 2", 2, "record 2 was changed"},
      {"UPDATE audit SET task = NULL WHERE seq = 3", 3, "record 3 was changed"},
      {"UPDATE audit SET task = 0 WHERE seq = 8", 8, "record 8 was changed"},
      {"UPDATE audit SET hash = zeroblob(32) WHERE seq = 10", 10, "record 10 was changed"},
      {"DELETE FROM audit WHERE seq = 6", 6, "record 6 is missing"},
      {"DELETE FROM audit WHERE seq = 1", 1, "record 1 is missing"},
      {"UPDATE audit SET seq = 100 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 7;"
       "UPDATE audit SET seq = 7 WHERE seq = 100",
       6, "record 6 was changed"},
      {"DELETE FROM audit WHERE seq = 6; UPDATE audit SET seq = seq - 1 WHERE seq > 6", 6, "record 6 was changed"},
      {"DELETE FROM audit WHERE seq >= 5", 5, "the records from 5 on are missing"},
  };
  for (const auto& attack : attacks) {
    INFO(attack.sql);
    World world;
    fill(world);
    REQUIRE(world.sql(std::string{kUnguard} + attack.sql).empty());
    const auto verdict = verdict_of(world);
    REQUIRE(verdict.flaw);
    CHECK(verdict.flaw->number == attack.number);
    CHECK(verdict.flaw->what.find(attack.words) != std::string::npos);
    CHECK(verdict.records == attack.number - 1);
  }
}

TEST_CASE("audit: a text moved into the field beside it is found (AUD-02)", "[outbox]") {
  World world;
  world.open();
  auto record = audit_of("request", "refused");
  record.user_id = "ab";
  record.user_name = "c";
  REQUIRE(world.run(world.outbox->record(record)));
  world.close();
  REQUIRE(world.sql(std::string{kUnguard} + "UPDATE audit SET user_id = 'a', user_name = 'bc'").empty());
  CHECK(verdict_of(world).flaw);
}

TEST_CASE("audit: a record without a time gets one, and a task's record names the task (AUD-01)", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kDelivered, 201);
  CHECK(world.sql("SELECT task FROM audit") == std::to_string(id.number));
  CHECK(world.sql("SELECT at FROM audit") == std::to_string(world.clock.now().time_since_epoch().count()));
}

TEST_CASE("audit: a head kept elsewhere shows refusals cut off at the end, and a chain made anew (AUD-02)",
          "[outbox]") {
  World world;
  fill(world);
  const auto kept = verdict_of(world);
  REQUIRE(kept.records == 10);
  const AuditWitness witness{kept.records, kept.head};
  const auto verdict_with = [&world](const AuditWitness& head) {
    const auto verdict = verify_audit(world.settings.path, head);
    REQUIRE(verdict.has_value());
    return *verdict;
  };
  CHECK_FALSE(verdict_with(witness).flaw);

  // The last five belong to no task: the file alone does not tell that they are gone.
  REQUIRE(world.sql(std::string{kUnguard} + "DELETE FROM audit WHERE seq > 7").empty());
  CHECK_FALSE(verdict_of(world).flaw);
  const auto cut = verdict_with(witness);
  REQUIRE(cut.flaw);
  CHECK(cut.flaw->number == 8);
  CHECK(cut.flaw->what.find("the records from 8 on are missing") != std::string::npos);

  // Whole again in number, but not the same records.
  world.open();
  for (int i = 0; i < 3; ++i) REQUIRE(world.run(world.outbox->record(audit_of("request", "another"))));
  world.close();
  CHECK_FALSE(verdict_of(world).flaw);
  const auto anew = verdict_with(witness);
  REQUIRE(anew.flaw);
  CHECK(anew.flaw->number == 10);
  CHECK(anew.flaw->what.find("made anew") != std::string::npos);
}

TEST_CASE("audit: a head is read back as it was printed, and nothing else is taken for one (AUD-02)", "[outbox]") {
  AuditWitness witness{42, {}};
  witness.hash[0] = 0xab;
  witness.hash[31] = 0x01;
  const auto text = to_text(witness);
  const auto read = witness_from(text);
  REQUIRE(read.has_value());
  CHECK(read->number == 42);
  CHECK(read->hash == witness.hash);
  const std::string digits(64, 'a');
  CHECK(witness_from("1:" + digits).has_value());
  for (const auto& wrong :
       {std::string{}, std::string{"1"}, "0:" + digits, "-1:" + digits, "x:" + digits, "1:a" + digits,
        "1:" + digits.substr(1), "1:" + std::string(64, 'g'), "1x:" + digits, ":" + digits}) {
    INFO(wrong);
    CHECK_FALSE(witness_from(wrong).has_value());
  }
}
