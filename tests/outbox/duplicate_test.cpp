// A sender's blind repeat: the same content under another trace id, without an identifier (OUT-11).
#include <catch2/catch.hpp>
#include <string>

#include "outbox/outbox_world.hpp"
#include "outbox/recent_contents.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::World;

namespace {

/// The content of task 1 under another trace id.
NewTask twin(World& world, const std::string& trace = "another") {
  auto task = world.task(1);
  task.trace = TraceId{trace};
  return task;
}

std::optional<TaskId> duplicate_of(const Result<Admission>& admission) {
  REQUIRE(admission);
  if (const auto* const found = std::get_if<Duplicate>(&*admission)) return found->earlier.task.id;
  REQUIRE(std::holds_alternative<Admitted>(*admission));
  return std::nullopt;
}

}  // namespace

TEST_CASE("duplicate: a task of the same content as one just delivered is that one, also after a restart (OUT-11)",
          "[outbox]") {
  World world;
  world.open();
  const auto first = world.admitted(world.task(1), State::kSending);
  REQUIRE(world.conclude(first, Event::kRecipientStored, 201, "stored"));
  SECTION("at once") {}
  SECTION("after a restart") {
    world.reopen();
  }
  SECTION("just inside the window") {
    world.clock.advance(std::chrono::minutes{5});
  }
  CHECK(duplicate_of(world.admit(twin(world))) == first);
  CHECK(world.sql("SELECT count(*) FROM task") == "1");
}

TEST_CASE("duplicate: a mailbox's task counts as delivered when it is stored (OUT-11, OUT-07)", "[outbox]") {
  World world;
  world.open();
  const auto first = world.admitted(world.task(1), State::kDelivered, 201);
  CHECK(duplicate_of(world.admit(twin(world), State::kDelivered, 201)) == first);
}

TEST_CASE("duplicate: what differs, is old, was not delivered or has an identifier is a task of its own (OUT-11)",
          "[outbox]") {
  const auto how = GENERATE(as<std::string>{}, "content", "age", "policy", "identifier", "in doubt", "failed",
                            "no window", "no room");
  CAPTURE(how);
  World world;
  if (how == "no window") world.settings.duplicate_window = seconds{0};
  if (how == "no room") world.settings.duplicate_entries = 0;
  world.open();
  const auto first = world.admitted(world.task(1), State::kSending);
  const auto event = how == "in doubt" ? Event::kUnknownOutcome
                     : how == "failed" ? Event::kCertainFailure
                                       : Event::kRecipientStored;
  REQUIRE(world.conclude(first, event, 201));
  if (how == "age") world.clock.advance(std::chrono::minutes{5} + milliseconds{1});
  auto next = twin(world);
  if (how == "content") next.fingerprint = sha256("other");
  if (how == "policy") next.guarded = false;
  if (how == "identifier") next.identifier_value = "urn:uuid:1";
  CHECK_FALSE(duplicate_of(world.admit(std::move(next))));
}

TEST_CASE("duplicate: of several with the content the delivered one is found (OUT-11)", "[outbox]") {
  World world;
  world.open();
  const auto failed = world.admitted(world.task(1), State::kSending);
  REQUIRE(world.conclude(failed, Event::kCertainFailure, 502));
  const auto delivered = world.admitted(twin(world, "second"), State::kDelivered, 201);
  CHECK(duplicate_of(world.admit(twin(world, "third"))) == delivered);
}

TEST_CASE("duplicate: no more contents are remembered than allowed, the newest stay (OUT-09, OUT-11)", "[outbox]") {
  RecentContents recent{{.window = seconds{60}, .entries = 2}};
  const Instant now{milliseconds{1'000'000}};
  const auto id = [&](int n) { return TaskId{(now.time_since_epoch().count() << 21) + n}; };
  for (int i = 1; i <= 3; ++i) recent.add(sha256(std::to_string(i)), id(i));
  CHECK(recent.find(sha256("1"), now).empty());
  CHECK(recent.find(sha256("2"), now) == std::vector{id(2)});
  CHECK(recent.find(sha256("3"), now) == std::vector{id(3)});
  CHECK(recent.find(sha256("3"), now + std::chrono::seconds{61}).empty());
}

TEST_CASE("duplicate: a content that comes again and again without end is remembered for its newest tasks (OUT-09)",
          "[outbox]") {
  RecentContents recent{{.window = seconds{60}, .entries = 100}};
  const Instant now{milliseconds{1'000'000}};
  const auto id = [&](std::size_t n) { return TaskId{(now.time_since_epoch().count() << 21) + static_cast<int>(n)}; };
  for (std::size_t i = 0; i < 250; ++i) recent.add(sha256("same"), id(i));
  const auto found = recent.find(sha256("same"), now);
  REQUIRE(found.size() == kTasksOfOneContent);
  CHECK(found.front() == id(250 - kTasksOfOneContent));
  CHECK(found.back() == id(249));
}
