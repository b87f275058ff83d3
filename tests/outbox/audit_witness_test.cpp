// The audit's head, kept outside the database: what it shows at a start, and what an operator can do then
// (RELIABILITY's crash point 16).
#include "outbox/audit_witness.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "outbox/audit_verify.hpp"
#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::Folder;
using gw::outbox::test::World;

namespace {

namespace fs = std::filesystem;

AuditHead head_of(std::int64_t number) {
  return {number, sha256(std::to_string(number))};
}

std::unique_ptr<AuditWitness> opened(const fs::path& path) {
  auto witness = AuditWitness::open(path);
  if (!witness) FAIL(witness.error().detail);
  return std::move(*witness);
}

void overwrite(const fs::path& path, std::size_t at, const std::string& bytes) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(at));
  file << bytes;
}

/// An outbox with a witness.
struct WitnessedWorld : World {
  WitnessedWorld() {
    settings.audit.witness = folder / "witness";
    open();
  }
  void refuse(int count) {
    for (int i = 0; i < count; ++i) REQUIRE(run(outbox->record(audit_of("request", "refused"))));
  }
  /// Put away the outbox as it is, as a backup does; it must be closed.
  void back_up() { fs::copy_file(settings.path, folder / "backup", fs::copy_options::overwrite_existing); }
  void restore() { fs::copy_file(folder / "backup", settings.path, fs::copy_options::overwrite_existing); }
  /// Why it is held.
  std::string why_held() {
    const auto before = sql("SELECT count(*) FROM sqlite_schema") == "0" ? "0" : sql("SELECT count(*) FROM audit");
    const auto started = try_open();
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().kind == FaultKind::kHeld);
    CHECK(sql("SELECT count(*) FROM audit") == before);
    return started.error().detail;
  }
  AuditVerdict verdict() {
    AuditCheck check;
    check.witness = settings.audit.witness;
    const auto checked = verify_audit(settings.path, check);
    REQUIRE(checked.has_value());
    return *checked;
  }
};

}  // namespace

TEST_CASE("witness: the head that was kept last is read back, and the file does not grow", "[outbox]") {
  const Folder folder;
  const auto path = folder / "witness";
  {
    const auto witness = opened(path);
    CHECK_FALSE(witness->seen().has_value());
    CHECK_FALSE(witness->is_damaged());
    REQUIRE(witness->keep({}));
    for (int i = 1; i <= 100; ++i) {
      REQUIRE(witness->keep(head_of(i)));
      CHECK(read_witness(path).value() == head_of(i));
      CHECK(fs::file_size(path) == 4096);
    }
    CHECK_FALSE(AuditWitness::open(path).has_value());  // one gateway's alone
  }
  CHECK(opened(path)->seen() == head_of(100));
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 07777U) == 0600U);
}

TEST_CASE("witness: a write torn by a power cut leaves the head before it", "[outbox]") {
  const Folder folder;
  const auto path = folder / "witness";
  const int last = GENERATE(range(9, 18));  // each line of the file in turn
  for (int i = 1; i <= last; ++i) REQUIRE(opened(path)->keep(head_of(i)));
  const auto line = static_cast<std::size_t>(last - 1) % 8 * 512;
  SECTION("in the number") {
    overwrite(path, line + 11, "x");
  }
  SECTION("in the hash") {
    overwrite(path, line + 40, "zz");
  }
  SECTION("at the line's beginning") {
    overwrite(path, line, std::string(20, '\0'));
  }
  CHECK(opened(path)->seen() == head_of(last - 1));
  REQUIRE(opened(path)->keep(head_of(last + 1)));
  CHECK(opened(path)->seen() == head_of(last + 1));
}

TEST_CASE("witness: a file without a line that can be read is damaged, not new", "[outbox]") {
  const Folder folder;
  const auto path = folder / "witness";
  std::ofstream{path} << "something else";
  CHECK(opened(path)->is_damaged());
  CHECK_FALSE(read_witness(path).has_value());
  CHECK_FALSE(AuditWitness::open(folder / "no" / "folder").has_value());
}

TEST_CASE("witness: it has the head of every answered operation, and a start goes on from there (AUD-02)", "[outbox]") {
  WitnessedWorld world;
  const auto head = [&world] { return read_witness(world.settings.audit.witness).value(); };
  CHECK(head().number == 1);  // the record that it begins with
  const auto id = world.admitted(world.task(1), State::kSending);
  CHECK(head().number == 2);
  REQUIRE(world.conclude(id, Event::kRecipientStored, 201));
  world.refuse(1);
  CHECK(head().number == 4);
  const auto verdict = world.verdict();
  CHECK(verdict.witness);
  CHECK_FALSE(verdict.flaw);
  CHECK(head() == AuditHead{verdict.records, verdict.head});
  world.reopen();
  CHECK(world.verdict().records == 4);
}

TEST_CASE("witness: a crash between the commit and the witness is no reason to hold (AUD-02)", "[outbox]") {
  WitnessedWorld world;
  world.refuse(3);
  world.close();
  const auto behind = world.folder / "behind";
  fs::copy_file(world.settings.audit.witness, behind);
  world.open();
  world.refuse(1);
  world.close();
  fs::copy_file(behind, world.settings.audit.witness, fs::copy_options::overwrite_existing);
  world.open();
  CHECK(read_witness(world.settings.audit.witness).value().number == 5);
}

TEST_CASE(
    "witness: an older copy, a cut tail, a rewritten one and a lost witness are held, and nothing is written (OUT-05)",
    "[outbox]") {
  WitnessedWorld world;
  world.admitted(world.task(1), State::kDelivered, 201);
  world.close();
  world.back_up();
  world.open();
  const auto id = world.admitted(world.task(2), State::kReceived);
  REQUIRE(world.run(world.outbox->begin_sending(id)));
  REQUIRE(world.conclude(id, Event::kRecipientStored, 201));
  world.refuse(2);
  world.close();
  const std::string unguard = "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;";
  SECTION("an older copy") {
    world.restore();
    CHECK_THAT(world.why_held(),
               Catch::Contains("ends with record 2, but its witness saw record 6") && Catch::Contains("audit accept"));
    CHECK_FALSE(world.verdict().flaw->what.empty());
    CHECK(world.verdict().flaw->number == 3);
  }
  SECTION("an older copy that went its own way") {
    world.restore();
    const auto witness = std::exchange(world.settings.audit.witness, {});
    world.open();
    world.refuse(9);
    world.close();
    world.settings.audit.witness = witness;
    CHECK_THAT(world.why_held(), Catch::Contains("record 6 is not the one that its witness saw"));
    CHECK(world.verdict().flaw->number == 6);
  }
  SECTION("records cut off at the end") {
    REQUIRE(world.sql(unguard + "DELETE FROM audit WHERE seq > 4").empty());
    CHECK_THAT(world.why_held(), Catch::Contains("ends with record 4"));
  }
  SECTION("the last record changed") {
    REQUIRE(world.sql(unguard + "UPDATE audit SET user_id = 'x' WHERE seq = 6").empty());
    CHECK_THAT(world.why_held(), Catch::Contains("last record, 6, is not as it was written"));
  }
  SECTION("no witness") {
    fs::remove(world.settings.audit.witness);
    CHECK_THAT(world.why_held(), Catch::Contains("gone, or empty"));
    CHECK_THAT(world.why_held(), Catch::Contains("gone, or empty"));  // the new file that was made changes nothing
    CHECK_THAT(world.verdict().flaw->what, Catch::Contains("cannot be told"));
  }
  SECTION("a witness that cannot be read") {
    std::ofstream{world.settings.audit.witness} << "?";
    CHECK_THAT(world.why_held(), Catch::Contains("cannot be read"));
  }
  SECTION("another outbox") {
    for (const auto* const end : {"", "-wal", "-shm"}) fs::remove(world.settings.path.string() + end);
    CHECK_THAT(world.why_held(), Catch::Contains("ends with record 0"));
  }
}

TEST_CASE(
    "witness: an operator who knows why takes a held outbox as it is; that is on record, and entries recover then "
    "(AUD-01)",
    "[outbox]") {
  WitnessedWorld world;
  const auto sent = world.admitted(world.task(1), State::kSending);
  world.close();
  REQUIRE(world.sql("UPDATE task SET state = 2").empty());  // as a crash would have left it
  world.back_up();
  world.open();
  world.refuse(4);
  world.close();
  world.restore();
  REQUIRE(world.sql("UPDATE task SET state = 2").empty());
  const auto lost = to_text(read_witness(world.settings.audit.witness).value());
  world.why_held();
  CHECK(world.sql("SELECT state FROM task") == "2");

  auto& accept = world.settings.audit.accept;
  accept = AcceptedAudit{"uid 0", "root", "restored from Tuesday's backup; the practices were rung"};
  world.open();
  accept.reset();
  CHECK(world.state_of(sent) == State::kInDoubt);
  CHECK(world.sql("SELECT user_id || '/' || user_name FROM audit WHERE kind = 'operator'") == "uid 0/root");
  const auto said = world.sql("SELECT outcome FROM audit WHERE kind = 'operator'");
  CHECK_THAT(said, Catch::Contains("audit accepted: restored from Tuesday's backup; the practices were rung; "));
  CHECK_THAT(said, Catch::Contains("saw record " + lost.substr(0, lost.find(':'))));
  CHECK_FALSE(world.verdict().flaw);
  world.reopen();
  CHECK_FALSE(world.verdict().flaw);
  world.close();

  SECTION("where nothing is wrong there is nothing to accept") {
    accept = AcceptedAudit{"uid 0", "root", "to be sure"};
    const auto started = world.try_open();
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().kind == FaultKind::kInvalid);
  }
}

TEST_CASE(
    "witness: what an older copy would still send may have been sent since: once it is accepted that is in doubt, and "
    "is not sent again (OUT-02, OUT-04)",
    "[outbox]") {
  WitnessedWorld world;
  const auto queued = world.admitted(world.task(1), State::kQueued);
  const auto retried = world.admitted(world.task(2), State::kQueued);
  Conclusion later{.event = Event::kRetryLater, .note = "n", .due = world.clock.now() + seconds{10}};
  REQUIRE(world.run(world.outbox->conclude(retried, std::move(later), audit_of("state", "retry-wait"))));
  world.close();
  world.back_up();
  world.open();
  for (const auto id : {queued, retried}) {
    REQUIRE(world.run(world.outbox->begin_sending(id)));
    REQUIRE(world.conclude(id, Event::kRecipientStored, 201));
  }
  world.close();
  world.restore();
  world.why_held();

  world.settings.audit.accept = AcceptedAudit{"uid 0", "root", "the disk was lost"};
  world.open();
  CHECK(world.outbox->recovery().in_doubt == 2);
  world.settings.audit.accept.reset();
  world.reopen();
  // Both are looked for at their recipient, where that can be done, and not sent.
  CHECK(world.outbox->recovery().planned.size() == 2);
  for (const auto id : {queued, retried}) {
    CHECK(world.state_of(id) == State::kInDoubt);
    CHECK(world.run(world.outbox->begin_sending(id)).error().kind == FaultKind::kInternal);
  }
}

TEST_CASE("witness: that it is no longer kept, or kept again, is on record (AUD-02)", "[outbox]") {
  WitnessedWorld world;
  world.refuse(1);
  const auto witness = std::exchange(world.settings.audit.witness, {});
  world.reopen();
  world.refuse(1);
  world.settings.audit.witness = witness;
  world.reopen();
  CHECK(world.sql("SELECT group_concat(outcome, ', ') FROM audit WHERE kind = 'chain'") ==
        "witness begins, witness ends, witness begins");
  CHECK_FALSE(world.verdict().flaw);
}
