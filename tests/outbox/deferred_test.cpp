// Deferred entries: what is kept of them and until when, how they are planned, what a restart makes of them, and which
// of them an operator may have tried again (OUT-06).
#include <catch2/catch.hpp>
#include <string>

#include "outbox/outbox_world.hpp"
#include "outbox/redrive.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

namespace {

TaskId queued(World& world, int number) {
  return world.admitted(world.task(number), State::kQueued);
}

StoredTask found(World& world, TaskId id) {
  const auto stored = world.run(world.outbox->find(id));
  REQUIRE(stored.has_value());
  REQUIRE(stored->has_value());
  return **stored;
}

Status conclude(World& world, TaskId id, Event event, std::optional<Instant> due = std::nullopt) {
  Conclusion conclusion{.event = event, .note = "n", .due = due};
  return world.run(world.outbox->conclude(id, std::move(conclusion), audit_of("state", std::string{name_of(event)})));
}

Status plan(World& world, TaskId id, std::optional<Instant> due) {
  return world.run(world.outbox->plan(id, due, audit_of("operator", "redrive")));
}

std::vector<TaskId> ids_of(const std::vector<Planned>& planned) {
  std::vector<TaskId> ids;
  for (const auto& one : planned) ids.push_back(one.id);
  return ids;
}

}  // namespace

TEST_CASE("deferred: what is needed to send it is kept byte for byte, and goes with its end (OUT-06)", "[outbox]") {
  World world;
  world.open();
  const auto id = queued(world, 1);
  const auto stored = found(world, id);
  REQUIRE(stored.task.deferral);
  const auto& deferral = *stored.task.deferral;
  const auto wanted = world.deferral();
  CHECK(deferral.limit == wanted.limit);
  CHECK(deferral.limit_by == wanted.limit_by);
  CHECK(deferral.due == wanted.due);
  CHECK(deferral.target == wanted.target);
  REQUIRE(deferral.headers.size() == 2);
  CHECK(deferral.headers[1].value == "application/json+fhir");
  CHECK(deferral.peer_address == wanted.peer_address);
  CHECK(deferral.body == wanted.body);
  CHECK(deferral.mandate == wanted.mandate);
  CHECK(stored.is_pending());
  const auto listed = world.run(world.outbox->search({.state = State::kQueued}));
  REQUIRE(listed->tasks.size() == 1);
  CHECK(listed->tasks[0].task.deferral->limit == wanted.limit);
  CHECK(listed->tasks[0].task.deferral->mandate.empty());

  const auto [event, state] = GENERATE(table<Event, State>({{Event::kRecipientStored, State::kDelivered},
                                                            {Event::kRecipientRefused, State::kRejected},
                                                            {Event::kCertainFailure, State::kFailed},
                                                            {Event::kTimeUp, State::kExpired}}));
  REQUIRE(world.run(world.outbox->begin_sending(id)));
  REQUIRE(conclude(world, id, event));
  CHECK(found(world, id).state == state);
  CHECK_FALSE(found(world, id).task.deferral);
  CHECK(world.sql("SELECT count(*) FROM deferral") == "0");
}

TEST_CASE("deferred: a try that failed for now is planned again, and counted (OUT-06)", "[outbox]") {
  World world;
  world.open();
  const auto id = queued(world, 1);
  const auto later = world.clock.now() + seconds{20};
  REQUIRE(conclude(world, id, Event::kRetryLater, later));
  CHECK(found(world, id).state == State::kRetryWait);
  CHECK(found(world, id).attempts == 1);
  CHECK(found(world, id).task.deferral->due == later);
  REQUIRE(world.run(world.outbox->begin_sending(id)));
  REQUIRE(conclude(world, id, Event::kRetryLater, later + seconds{40}));
  CHECK(found(world, id).attempts == 2);
  CHECK(found(world, id).is_pending());
}

TEST_CASE("deferred: events of deferred entries happen to no other (OUT-02, OUT-06)", "[outbox]") {
  World world;
  world.open();
  const auto sending = world.admitted(world.task(1), State::kSending);
  CHECK(conclude(world, sending, Event::kRetryLater, world.clock.now()).error().kind == FaultKind::kInternal);
  CHECK(conclude(world, sending, Event::kTimeUp).error().kind == FaultKind::kInternal);
  CHECK(world.state_of(sending) == State::kSending);
  REQUIRE(conclude(world, sending, Event::kUnknownOutcome, world.clock.now()));
  CHECK_FALSE(found(world, sending).is_pending());
  CHECK(conclude(world, sending, Event::kRepeatStored).error().kind == FaultKind::kInternal);
  CHECK(plan(world, sending, world.clock.now()).error().kind == FaultKind::kInternal);
  CHECK(world.state_of(sending) == State::kInDoubt);
}

TEST_CASE("deferred: an entry is queued if and only if it has a deferral (OUT-06)", "[outbox]") {
  World world;
  world.open();
  auto task = world.task(1);
  task.deferral = world.deferral();
  CHECK(world.admit(task, State::kReceived).error().kind == FaultKind::kInternal);
  auto plain = world.task(2);
  const auto refused =
      world.run(world.outbox->admit(std::move(plain), State::kQueued, Reply{}, audit_of("request", "queued")));
  CHECK(refused.error().kind == FaultKind::kInternal);
}

TEST_CASE("deferred: in doubt it is pending while something is planned, and rests after (OUT-04)", "[outbox]") {
  World world;
  world.open();
  const auto id = queued(world, 1);
  REQUIRE(world.run(world.outbox->begin_sending(id)));
  REQUIRE(conclude(world, id, Event::kUnknownOutcome, world.clock.now() + seconds{5}));
  CHECK(found(world, id).is_pending());
  // A repeat may be on its way: nobody's word that it failed would hold.
  CHECK(conclude(world, id, Event::kResolvedFailed).error().kind == FaultKind::kInternal);
  CHECK(found(world, id).state == State::kInDoubt);
  REQUIRE(plan(world, id, std::nullopt));
  CHECK_FALSE(found(world, id).is_pending());
  CHECK(found(world, id).state == State::kInDoubt);
  SECTION("an operator may have it looked for again") {
    REQUIRE(plan(world, id, world.clock.now()));
    CHECK(found(world, id).is_pending());
    CHECK(world.sql("SELECT outcome FROM audit ORDER BY seq DESC LIMIT 1") == "redrive");
  }
  SECTION("a repeat that the recipient answers as stored ends it, with that answer") {
    Conclusion stored{.event = Event::kRepeatStored, .reply = {.status = 200, .headers = {}, .body = "it"}};
    REQUIRE(world.run(world.outbox->conclude(id, std::move(stored), audit_of("state", "delivered"))));
    CHECK(found(world, id).state == State::kDelivered);
    CHECK(found(world, id).reply.status == 200);
    CHECK_FALSE(found(world, id).resolved);
  }
  SECTION("an operator's word ends it") {
    REQUIRE(conclude(world, id, Event::kResolvedFailed));
    CHECK(found(world, id).resolved);
  }
  if (is_terminal(found(world, id).state)) CHECK(plan(world, id, world.clock.now()).has_error());
}

TEST_CASE("deferred: a restart goes on with what waits, makes doubt of what was being sent, in the order they came",
          "[outbox]") {
  World world;
  world.open();
  const auto waiting = queued(world, 1);
  const auto sending = queued(world, 2);
  const auto resting = queued(world, 3);
  const auto retried = queued(world, 4);
  const auto expired = queued(world, 5);
  world.admitted(world.task(6), State::kReceived);
  REQUIRE(world.run(world.outbox->begin_sending(sending)));
  REQUIRE(world.run(world.outbox->begin_sending(resting)));
  REQUIRE(conclude(world, resting, Event::kUnknownOutcome));
  REQUIRE(conclude(world, retried, Event::kRetryLater, world.clock.now() + seconds{7}));
  REQUIRE(conclude(world, expired, Event::kTimeUp));
  for (int restarts = 0; restarts < 3; ++restarts) {
    world.reopen();
    const auto& planned = world.outbox->recovery().planned;
    CHECK(ids_of(planned) == std::vector{waiting, sending, retried});
    CHECK(planned[2].due == world.clock.now() + seconds{7});
    CHECK(planned[0].recipient.text() == "B22222");
    CHECK(planned[0].subject == "Patient/1");
    CHECK(world.state_of(waiting) == State::kQueued);
    CHECK(world.state_of(sending) == State::kInDoubt);
    CHECK(world.state_of(retried) == State::kRetryWait);
    CHECK(world.state_of(expired) == State::kExpired);
  }
}

TEST_CASE("deferred: a repeat of a queued task runs into it, and makes no second entry (OUT-03)", "[outbox]") {
  World world;
  world.open();
  const auto id = queued(world, 1);
  auto again = world.task(1);
  again.deferral = world.deferral();
  const auto admission = world.admit(std::move(again), State::kQueued);
  REQUIRE(admission.has_value());
  REQUIRE(std::holds_alternative<Running>(*admission));
  CHECK(std::get<Running>(*admission).id == id);
  CHECK(world.sql("SELECT count(*) FROM deferral") == "1");
}

TEST_CASE("redrive: only what waits or is in doubt, and only if it was deferred (OUT-02, OUT-06)", "[outbox]") {
  for (int number = 1; number <= 10; ++number) {
    StoredTask stored;
    stored.state = static_cast<State>(number);
    INFO(name_of(stored.state));
    const bool waits = stored.state == State::kQueued || stored.state == State::kRetryWait;
    CHECK(objection_to_redrive(stored).empty() == waits);
    stored.task.deferral = Deferral{};
    CHECK(objection_to_redrive(stored).empty() == (waits || stored.state == State::kInDoubt));
  }
}
