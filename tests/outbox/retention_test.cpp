// What is deleted, what never is, and a copy of all of it.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <thread>

#include "outbox/audit_verify.hpp"
#include "outbox/backup.hpp"
#include "outbox/outbox_world.hpp"
#include "outbox/view.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

namespace {

constexpr std::chrono::days kLong{400};

Result<std::size_t> purge(World& world, seconds older_than) {
  return world.run(world.outbox->purge(older_than, audit_of("operator", "")));
}

std::string counts(World& world) {
  return world.sql(
      "SELECT (SELECT count(*) FROM task) || ' ' || (SELECT count(*) FROM content) || ' ' || "
      "(SELECT count(*) FROM reply)");
}

}  // namespace

TEST_CASE("retention: a purge deletes what is finished and old, and nothing else (OPS-04, OUT-05)", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  const auto refused = world.admitted(world.task(2), State::kSending);
  REQUIRE(world.conclude(refused, Event::kRecipientRefused, 422, "no"));
  const auto doubtful = world.admitted(world.task(3), State::kSending);
  REQUIRE(world.conclude(doubtful, Event::kUnknownOutcome, 504, "maybe"));
  const auto queued = world.admitted(world.task(4), State::kQueued, 202);
  world.clock.advance(kLong);
  const auto late = world.admitted(world.task(5), State::kDelivered, 201);
  const auto records = world.sql("SELECT count(*) FROM audit");

  CHECK(*purge(world, kLong - seconds{1}) == 2);
  CHECK(*purge(world, kLong - seconds{1}) == 0);
  CHECK(counts(world) == "3 3 1");
  for (const auto id : {doubtful, queued, late}) CHECK((*world.run(world.outbox->find(id))).has_value());
  CHECK(world.sql("SELECT count(*) FROM audit") == std::to_string(std::stoi(records) + 1));
  CHECK(world.sql("SELECT outcome FROM audit ORDER BY seq DESC LIMIT 1").starts_with("purged 2 finished before"));
  world.close();
  const auto verdict = verify_audit(world.settings.path);
  REQUIRE(verdict);
  CHECK_FALSE(verdict->flaw);
}

TEST_CASE("retention: what came long ago and was settled lately stays (OUT-04)", "[outbox]") {
  World world;
  world.open();
  const auto doubtful = world.admitted(world.task(1), State::kSending);
  REQUIRE(world.conclude(doubtful, Event::kUnknownOutcome, 504));
  world.clock.advance(kLong);
  REQUIRE(world.conclude(doubtful, Event::kResolvedDelivered, 0));
  CHECK(*purge(world, kLong - seconds{1}) == 0);
}

TEST_CASE("retention: nothing goes while repeats of it may come (OUT-03)", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  world.clock.advance(kLong);
  const auto refused = purge(world, least_retention(world.settings) - seconds{1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FaultKind::kInvalid);
  CHECK(refused.error().detail.find("90 days") != std::string::npos);
  CHECK(*purge(world, least_retention(world.settings)) == 1);
}

TEST_CASE("retention: more than one step's worth goes in several steps", "[outbox]") {
  World world;
  world.open();
  for (int i = 0; i < 300; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  world.clock.advance(kLong);
  const auto first = *purge(world, kLong - seconds{1});
  CHECK(first < 300);
  CHECK(first + *purge(world, kLong - seconds{1}) == 300);
}

TEST_CASE("retention: with a time set it happens by itself, beside the work (OUT-09)", "[outbox]") {
  World world;
  world.open();
  for (int i = 0; i < 50; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  world.close();
  world.clock.advance(kLong);
  world.settings.retention = kLong - std::chrono::days{1};
  world.open();
  for (int i = 50; i < 60; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  CHECK(world.sql("SELECT count(*) FROM task") == "10");
}

TEST_CASE("retention: the received log goes on when its last task was purged (OUT-07)", "[outbox]") {
  World world;
  world.settings.received_log = world.folder / "received.jsonl";
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  world.clock.advance(kLong);
  CHECK(*purge(world, kLong - seconds{1}) == 1);
  world.reopen();
  world.admitted(world.task(2), State::kDelivered, 201);
  std::ifstream log{world.settings.received_log};
  std::size_t lines = 0;
  for (std::string line; std::getline(log, line);) ++lines;
  CHECK(lines == 2);
}

TEST_CASE("backup: a copy made while tasks come is whole, an outbox of its own, and its owner's alone (OPS-04)",
          "[outbox]") {
  World world;
  world.open();
  for (int i = 0; i < 200; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  const auto copy = world.folder / "copy.db";
  Result<std::uintmax_t> size = fault(FaultKind::kInternal, "not run");
  std::thread other{[&] { size = back_up(world.settings.path, copy); }};
  for (int i = 200; i < 300; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  other.join();
  REQUIRE(size);
  CHECK(*size == std::filesystem::file_size(copy));
  struct stat found {};
  REQUIRE(::stat(copy.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777U) == 0600U);
  const auto verdict = verify_audit(copy);
  REQUIRE(verdict);
  CHECK_FALSE(verdict->flaw);
  CHECK(verdict->records >= 200);
  world.close();
  world.settings.path = copy;
  world.open();
  const auto again = world.admit(world.task(7), State::kDelivered, 201);
  REQUIRE(again);
  CHECK(std::holds_alternative<Repeat>(*again));
}

TEST_CASE("backup: it tells how far it is, and what is committed meanwhile neither comes into the copy nor delays it",
          "[outbox]") {
  World world;
  world.open();
  for (int i = 0; i < 6; ++i) {
    auto task = world.task(i);
    task.body.assign(1 << 20, 'x');
    world.admitted(std::move(task), State::kDelivered, 201);
  }
  const auto copy = world.folder / "copy.db";
  int told = 0;
  std::int64_t last = 0;
  std::int64_t all = 0;
  REQUIRE(back_up(world.settings.path, copy, [&](std::int64_t done, std::int64_t of) {
    CHECK(done > last);
    last = done;
    all = of;
    if (told < 20) world.admitted(world.task(100 + told), State::kDelivered, 201);
    ++told;
  }));
  CHECK(told > 1);
  CHECK(told < 20);
  CHECK(last == all);
  CHECK(world.sql("SELECT count(*) FROM task") == std::to_string(6 + told));
  world.close();
  world.settings.path = copy;
  world.open();
  CHECK(world.sql("SELECT count(*) FROM task") == "6");
}

TEST_CASE("backup: a file that is there is never overwritten, and a failure leaves nothing behind", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  const auto copy = world.folder / "copy.db";
  std::ofstream{copy} << "precious";
  CHECK(back_up(world.settings.path, copy).error().kind == FaultKind::kInvalid);
  CHECK(std::filesystem::file_size(copy) == 8);
  const auto nowhere = back_up(world.settings.path, world.folder / "no-such-folder" / "copy.db");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().detail.find("there is no folder ") != std::string::npos);
  CHECK(nowhere.error().detail.find(".part") == std::string::npos);
  CHECK_FALSE(back_up(world.folder / "none.db", world.folder / "other.db"));
  CHECK_FALSE(std::filesystem::exists(world.folder / "other.db"));
  CHECK_FALSE(std::filesystem::exists(world.folder / "other.db.part"));
}
