#include <catch2/catch.hpp>
#include <string>

#include "outbox/audit_head.hpp"
#include "outbox/audit_text.hpp"
#include "outbox/audit_verify.hpp"
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

TEST_CASE("audit: a head is read back as it was printed, and nothing else is taken for one (AUD-02)", "[outbox]") {
  AuditHead head{42, {}};
  head.hash[0] = 0xab;
  head.hash[31] = 0x01;
  const auto text = to_text(head);
  const auto read = audit_head_from(text);
  REQUIRE(read.has_value());
  CHECK(*read == head);
  const std::string digits(64, 'a');
  CHECK(audit_head_from("1:" + digits).has_value());
  CHECK(audit_head_from("0:" + std::string(64, '0')).has_value());
  for (const auto& wrong :
       {std::string{}, std::string{"1"}, "0:" + digits, "-1:" + digits, "x:" + digits, "1:a" + digits,
        "1:" + digits.substr(1), "1:" + std::string(64, 'g'), "1x:" + digits, ":" + digits}) {
    INFO(wrong);
    CHECK_FALSE(audit_head_from(wrong).has_value());
  }
}

TEST_CASE("audit: control characters and bytes that are not UTF-8 are written as \\xHH (AUD-01)", "[outbox]") {
  using namespace std::string_literals;
  std::string room;
  const auto fit = [&room](std::string_view text) { return std::string{audit_text(text, room)}; };
  CHECK(fit("").empty());
  CHECK(fit("ABC\\user, Zo\xC3\xAB \xF0\x9F\x98\x80") == "ABC\\user, Zo\xC3\xAB \xF0\x9F\x98\x80");
  CHECK(fit("a\nb\x1B[2J\x7F") == "a\\x0Ab\\x1B[2J\\x7F");
  CHECK(fit("a\0b"s) == "a\\x00b");
  CHECK(fit("\xC2\x9B\xC2\xA0") == "\\xC2\\x9B\xC2\xA0");
  CHECK(fit("\xFF\xC0\xAF\xED\xA0\x80") == "\\xFF\\xC0\\xAF\\xED\\xA0\\x80");
  CHECK(fit("\xEF\xBF\xBF|\xC3") == "\\xEF\\xBF\\xBF|\\xC3");
  // What turns the direction of writing, or ends a line for some readers.
  CHECK(fit("\xE2\x80\xAE|\xE2\x81\xA6|\xE2\x80\xA8") == "\\xE2\\x80\\xAE|\\xE2\\x81\\xA6|\\xE2\\x80\\xA8");
}

TEST_CASE("audit: a text is cut between characters, and what is escaped is never halved (AUD-01)", "[outbox]") {
  std::string room;
  const auto fit = [&room](std::string_view text) { return std::string{audit_text(text, room)}; };
  const std::string full(kAuditTextBytes, 'n');
  CHECK(fit(full) == full);
  CHECK(fit(full + "n") == std::string(kAuditTextBytes - 3, 'n') + "...");
  CHECK(fit(std::string(1U << 20U, '\n')).size() <= kAuditTextBytes);
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "\xE2\x82\xAC";
  // 340 characters of three bytes are the most that leave room for the mark.
  CHECK(fit(wide) == wide.substr(0, 340 * 3) + "...");
}

TEST_CASE("audit: hostile fields are kept bounded and escaped, and the chain over them verifies (AUD-01, AUD-02)",
          "[outbox]") {
  World world;
  world.open();
  auto record = audit_of("request", "refused\r\nrefused");
  record.user_name = std::string(100000, '\xFF');
  record.device = std::string{"a\0b", 3};
  record.identifier = "urn:x|\x1B]0;";
  REQUIRE(world.run(world.outbox->record(record)));
  CHECK(world.sql("SELECT outcome FROM audit") == "refused\\x0D\\x0Arefused");
  CHECK(world.sql("SELECT device FROM audit") == "a\\x00b");
  CHECK(world.sql("SELECT identifier FROM audit") == "urn:x|\\x1B]0;");
  CHECK(world.sql("SELECT length(user_name) <= 1024 FROM audit") == "1");
  const auto verdict = verdict_of(world);
  CHECK(verdict.records == 1);
  CHECK_FALSE(verdict.flaw);
}

TEST_CASE("audit: an outbox of the version before is brought up to this one, and its chain goes on (AUD-02)",
          "[outbox]") {
  World world;
  fill(world);
  test::keep_keys_as_version_5(world);
  REQUIRE(world
              .sql("DROP INDEX audit_times; DROP INDEX audit_marks; ALTER TABLE audit DROP COLUMN identifier;"
                   "PRAGMA user_version = 3")
              .empty());
  CHECK_FALSE(verify_audit(world.settings.path).has_value());
  world.open();
  auto record = audit_of("request", "refused");
  record.identifier = "urn:x|1";
  REQUIRE(world.run(world.outbox->record(record)));
  const auto verdict = verdict_of(world);
  CHECK(verdict.records == 11);
  CHECK_FALSE(verdict.flaw);
}
