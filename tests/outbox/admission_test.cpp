#include <catch2/catch.hpp>
#include <string>

#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::World;

namespace {

std::string name_of_admission(const Result<Admission>& admission) {
  if (!admission) return "fault: " + admission.error().detail;
  if (std::holds_alternative<Admitted>(*admission)) return "admitted";
  if (const auto* const repeat = std::get_if<Repeat>(&*admission)) {
    return "repeat " + std::to_string(repeat->earlier.reply.status);
  }
  if (std::holds_alternative<Running>(*admission)) return "running";
  return std::get<Conflict>(*admission).by_identifier ? "conflict by identifier" : "conflict by trace";
}

// Bring a fresh task with trace 1 and identifier X into the state that `how` names.
TaskId bring(World& world, const std::string& how) {
  auto task = world.task(1);
  task.identifier_system = "urn:s";
  task.identifier_value = "X";
  if (how == "delivered") {
    const auto id = world.admitted(task, State::kSending);
    REQUIRE(world.conclude(id, Event::kRecipientStored, 201, "stored"));
    return id;
  }
  if (how == "mailbox") return world.admitted(task, State::kDelivered, 201);
  if (how == "queued") return world.admitted(task, State::kQueued, 202);
  const auto id = world.admitted(task, how == "received" || how == "abandoned" ? State::kReceived : State::kSending);
  if (how == "rejected") REQUIRE(world.conclude(id, Event::kRecipientRefused, 422, "no"));
  if (how == "failed") REQUIRE(world.conclude(id, Event::kCertainFailure, 502, "not sent"));
  if (how == "failed unanswered") REQUIRE(world.conclude(id, Event::kCertainFailure, 0));
  if (how == "in doubt") REQUIRE(world.conclude(id, Event::kUnknownOutcome, 504, "maybe"));
  if (how.starts_with("resolved")) {
    REQUIRE(world.conclude(id, Event::kUnknownOutcome, 504, "maybe"));
    const auto event = how == "resolved as failed" ? Event::kResolvedFailed : Event::kResolvedDelivered;
    REQUIRE(world.conclude(id, event, 0));
    CHECK((*world.run(world.outbox->find(id)))->resolved);
  }
  if (how == "abandoned") world.reopen();
  return id;
}

struct Line {
  const char* earlier;
  const char* same_trace;       // same content
  const char* same_identifier;  // another trace, same content
  const char* other_content;    // another trace, same identifier, other body
};

constexpr Line kTable[] = {
    {"received", "running", "running", "conflict by identifier"},
    {"sending", "running", "running", "conflict by identifier"},
    {"queued", "running", "running", "conflict by identifier"},
    {"delivered", "repeat 201", "repeat 201", "conflict by identifier"},
    {"mailbox", "repeat 201", "repeat 201", "conflict by identifier"},
    {"in doubt", "repeat 504", "repeat 504", "conflict by identifier"},
    {"resolved as delivered", "repeat 504", "repeat 504", "conflict by identifier"},
    {"resolved as failed", "repeat 504", "admitted", "admitted"},
    {"rejected", "repeat 422", "admitted", "admitted"},
    {"failed", "repeat 502", "admitted", "admitted"},
    {"failed unanswered", "admitted", "admitted", "admitted"},
    {"abandoned", "admitted", "admitted", "admitted"},
};

NewTask again(World& world, int trace) {
  auto task = world.task(1);
  task.trace = TraceId{"trace-" + std::to_string(trace)};
  task.identifier_system = "urn:s";
  task.identifier_value = "X";
  return task;
}

}  // namespace

TEST_CASE("admission: a repeat is answered by what became of the first, for every state of it (OUT-03)", "[outbox]") {
  for (const auto& line : kTable) {
    INFO("earlier: " << line.earlier);
    {
      World world;
      world.open();
      bring(world, line.earlier);
      CHECK(name_of_admission(world.admit(again(world, 1))) == line.same_trace);
    }
    {
      World world;
      world.open();
      bring(world, line.earlier);
      CHECK(name_of_admission(world.admit(again(world, 2))) == line.same_identifier);
    }
    {
      World world;
      world.open();
      bring(world, line.earlier);
      auto other = again(world, 2);
      other.body += " ";
      other.body_hash = sha256(other.body);
      CHECK(name_of_admission(world.admit(other)) == line.other_content);
    }
  }
}

TEST_CASE("admission: the same trace id with another body, recipient or system is a conflict (OUT-03)", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  auto body = world.task(1);
  body.body += " ";
  body.body_hash = sha256(body.body);
  CHECK(name_of_admission(world.admit(body)) == "conflict by trace");
  auto recipient = world.task(1);
  recipient.recipient = OdsCode{"C33333"};
  CHECK(name_of_admission(world.admit(recipient)) == "conflict by trace");
  auto system = world.task(1);
  system.to = Asid{"200000000009"};
  CHECK(name_of_admission(world.admit(system)) == "conflict by trace");
}

TEST_CASE("admission: another sender's trace id or identifier is its own (OUT-03)", "[outbox]") {
  World world;
  world.open();
  bring(world, "delivered");
  auto other = again(world, 1);
  other.from = Asid{"200000000007"};
  other.sender = OdsCode{"C33333"};
  CHECK(name_of_admission(world.admit(other)) == "admitted");
}

TEST_CASE("admission: the recorded answer comes back whole, also after a restart (OUT-03)", "[outbox]") {
  World world;
  world.open();
  const auto id = bring(world, "delivered");
  world.reopen();
  auto admission = world.admit(again(world, 1));
  REQUIRE(admission);
  const auto& earlier = std::get<Repeat>(*admission).earlier;
  CHECK(earlier.task.id == id);
  CHECK(earlier.task.body == again(world, 1).body);
  CHECK(earlier.reply.status == 201);
  CHECK(earlier.reply.body == "stored");
  REQUIRE(earlier.reply.headers.size() == 1);
  CHECK(earlier.reply.headers[0].name == "Content-Type");
}

TEST_CASE("admission: of twins that wait for the same commit, one is admitted and one is its repeat (OUT-03)",
          "[outbox]") {
  World world;
  world.open();
  for (const auto& [state, expected] : {std::pair{State::kDelivered, "repeat 201"}, {State::kReceived, "running"}}) {
    const int number = state == State::kDelivered ? 1 : 2;
    std::optional<Result<Admission>> first, second;
    const auto status = state == State::kDelivered ? 201 : 0;
    world.start(world.outbox->admit(world.task(number), state, Reply{.status = status}, {}), first);
    world.start(world.outbox->admit(world.task(number), state, Reply{.status = status}, {}), second);
    world.drain();
    CHECK(name_of_admission(*first) == "admitted");
    CHECK(name_of_admission(*second) == expected);
  }
}

TEST_CASE("admission: a request that was known by its identifier is known by its own trace id from then on (OUT-03)",
          "[outbox]") {
  World world;
  world.open();
  const auto first = world.admitted(again(world, 1), State::kReceived);
  CHECK(name_of_admission(world.admit(again(world, 2))) == "running");
  REQUIRE(world.conclude(first, Event::kCertainFailure, 502));
  // By its identifier it would be a fresh attempt: its sender was told that the first one failed.
  CHECK(name_of_admission(world.admit(again(world, 2))) == "repeat 502");
  CHECK(name_of_admission(world.admit(again(world, 3))) == "admitted");
}

TEST_CASE("admission: a fresh attempt takes both keys over (OUT-03)", "[outbox]") {
  World world;
  world.open();
  bring(world, "rejected");
  const auto second = world.admitted(again(world, 2), State::kDelivered, 201);
  const auto admission = world.admit(again(world, 3));
  REQUIRE(name_of_admission(admission) == "repeat 201");
  CHECK(std::get<Repeat>(*admission).earlier.task.id == second);
}

TEST_CASE("admission: a trace id is remembered for its window, and forgotten some time after it (OUT-03)", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  world.clock.advance(std::chrono::hours{24} - milliseconds{1});
  CHECK(name_of_admission(world.admit(world.task(1), State::kDelivered, 201)) == "repeat 201");
  world.clock.advance(std::chrono::hours{24 * 3});
  world.reopen();
  world.admitted(world.task(2), State::kDelivered, 201);
  CHECK(name_of_admission(world.admit(world.task(1), State::kDelivered, 201)) == "admitted");
}

TEST_CASE("admission: repeats are known however many tasks came between, also after a restart (OUT-03)", "[outbox]") {
  World world;
  world.settings.keys_in_memory = 16;
  world.open();
  constexpr int count = 300;
  for (int number = 0; number < count; ++number) world.admitted(world.task(number), State::kDelivered, 201);
  const auto all_known = [&world] {
    for (int number = 0; number < count; ++number) {
      CAPTURE(number);
      REQUIRE(name_of_admission(world.admit(world.task(number), State::kDelivered, 201)) == "repeat 201");
    }
  };
  all_known();
  world.reopen();
  all_known();
}

TEST_CASE("admission: what was not admitted leaves no trace", "[outbox]") {
  World world;
  world.open();
  bring(world, "delivered");
  const auto before = world.sql("SELECT (SELECT count(*) FROM task) || ' ' || (SELECT count(*) FROM audit)");
  CHECK(name_of_admission(world.admit(again(world, 1))) == "repeat 201");
  CHECK(world.sql("SELECT (SELECT count(*) FROM task) || ' ' || (SELECT count(*) FROM audit)") == before);
}

TEST_CASE("admission: an identifier is remembered for its window, and one that is in doubt beyond it (OUT-03, OUT-04)",
          "[outbox]") {
  World world;
  world.settings.identifier_window = std::chrono::hours{24 * 10};
  world.open();
  const auto how = GENERATE(std::string{"delivered"}, std::string{"in doubt"});
  CAPTURE(how);
  bring(world, how);
  const auto kept = how == "delivered" ? "repeat 201" : "repeat 504";
  world.clock.advance(std::chrono::hours{24 * 9});
  world.reopen();
  world.admitted(world.task(7), State::kDelivered, 201);
  CHECK(name_of_admission(world.admit(again(world, 2))) == kept);
  world.clock.advance(std::chrono::hours{24 * 3});
  world.reopen();
  world.admitted(world.task(8), State::kDelivered, 201);
  CHECK(name_of_admission(world.admit(again(world, 3))) == (how == "delivered" ? "admitted" : kept));
}

TEST_CASE("admission: several are taken in together, or none is, and no trace is left (TASK-12)", "[outbox]") {
  World world;
  world.open();
  const auto entrant = [&world](int number) {
    return Entrant{world.task(number), State::kDelivered, Reply{.status = 201}, test::audit_of("request", "delivered")};
  };
  const auto counts = [&world] {
    return world.sql("SELECT (SELECT count(*) FROM task) || ' ' || (SELECT count(*) FROM audit)");
  };
  const auto together = [&world](std::vector<Entrant> entrants) {
    auto group = world.run(world.outbox->admit_all(std::move(entrants)));
    if (!group) FAIL(group.error().detail);
    return std::move(*group);
  };
  const auto first = together({entrant(1), entrant(2)});
  REQUIRE(first.each.size() == 2);
  CHECK_FALSE(first.blocked_by.has_value());
  CHECK(std::holds_alternative<Admitted>(first.each[0]));
  CHECK(counts() == "2 2");

  const auto overlapping = together({entrant(2), entrant(3)});
  REQUIRE(overlapping.each.size() == 2);
  CHECK(std::holds_alternative<Repeat>(overlapping.each[0]));
  CHECK(std::holds_alternative<Admitted>(overlapping.each[1]));
  CHECK(counts() == "3 3");

  auto other = entrant(1);
  other.task.body_hash = sha256("other");
  const auto clash = together({entrant(4), std::move(other)});
  CHECK(clash.blocked_by == 1U);
  CHECK(std::holds_alternative<Conflict>(clash.blocker));
  CHECK(counts() == "3 3");
  world.admitted(world.task(4), State::kDelivered, 201);  // its trace id is still free

  auto running = entrant(5);
  world.admitted(running.task, State::kReceived);
  running.task.id = world.outbox->next_id();
  CHECK(together({entrant(6), std::move(running)}).blocked_by == 1U);

  std::vector<Entrant> twins{entrant(7), entrant(8)};
  for (auto& twin : twins) twin.task.identifier_value = "the same";
  CHECK(together(std::move(twins)).blocked_by == 1U);
  std::vector<Entrant> bad{entrant(9), entrant(10)};
  bad[1].task.id = bad[0].task.id;
  CHECK_FALSE(world.run(world.outbox->admit_all(std::move(bad))).has_value());
  CHECK(counts() == "5 5");
}
