// Deferred delivery as its sender sees it (OUT-06): 202, where to ask, and in the end the truth.
#include <catch2/catch.hpp>

#include "app/commands.hpp"
#include "app/control.hpp"
#include "base/digest.hpp"
#include "deferred/deferred_world.hpp"
#include "exchange/exchange_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;
using Catch::StartsWith;
using exchange::test::kNow;

namespace {

constexpr const char* kIdempotent = "yes,,proved by their conformance test";
constexpr const char* kRegistered = ",7200,their night shift takes tasks late";

/// The place of `words` among what arrived; -1: nowhere.
int place_of(const std::vector<std::string>& arrived, std::string_view words) {
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    if (arrived[i].find(words) != std::string::npos) return static_cast<int>(i);
  }
  return -1;
}

std::size_t count_of(const std::vector<std::string>& arrived, std::string_view words) {
  std::size_t count = 0;
  for (const auto& one : arrived) count += one.find(words) != std::string::npos ? 1U : 0U;
  return count;
}

/// What the running gateway answers its operator about a task.
Result<std::string> ask(const DeferredWorld& world, const Answer& deferred, std::string verb, std::string as = {}) {
  const auto url = deferred.header("Content-Location");
  const auto begin = url.find("/Order/") + 7;
  const app::OperatorCommand command{.verb = std::move(verb),
                                     .id = url.substr(begin, url.find('/', begin) - begin),
                                     .as = std::move(as),
                                     .reason = "they rang: it works again",
                                     .days = {},
                                     .user = "ada"};
  const auto done = app::ask_gateway(world.config().outbox.path, command);
  if (!done) return done.error();
  return done->text;
}

Result<std::string> redrive(const DeferredWorld& world, const Answer& deferred) {
  return ask(world, deferred, "redrive");
}

}  // namespace

TEST_CASE("deferred: 202 with a place to ask, which then gives the recipient's own 201 (OUT-06, ANS-13)",
          "[deferred]") {
  DeferredWorld world{kNow};
  DeferredWorld::Task task;
  task.extra = "Prefer: respond-async; x=1, return=representation, wait=0\r\nTTL: 250\r\n";
  task.base = GENERATE("/C33333/DSTU2/1", "/https://provider.example.test:8443/C33333/DSTU2/1");
  const auto deferred = world.post(task);
  CAPTURE(deferred.head, deferred.body);
  REQUIRE(deferred.status == 202);
  CHECK(deferred.header("Preference-Applied") == "respond-async");
  CHECK(deferred.header("Retry-After") == "5");
  CHECK_THAT(deferred.header("Content-Location"), StartsWith("https://hub.example.test" + task.base + "/Order/"));
  CHECK_THAT(deferred.body, Contains("Queued: ") && Contains("the sender's own TTL ends"));
  const auto outcome = world.outcome(deferred);
  CHECK(outcome.status == 201);
  CHECK_THAT(outcome.header("Location"), Contains("/Order/7/_history/1"));
  CHECK(outcome.header("ETag") == "W/\"1\"");
  const auto arrived = world.arrived();
  REQUIRE(arrived.size() == 1);
  CHECK_THAT(arrived[0],
             Contains("Prefer: return=representation\r\n") && Contains("Please ring.") && Contains("Forwarded: for="));
  CHECK_THAT(arrived[0], !Contains("respond-async") && !Contains("TTL:"));
  CHECK(world.poll(deferred).status == 201);  // again, and for good
}

TEST_CASE("deferred: a sender that would rather wait a while is given the outcome itself (OUT-06)", "[deferred]") {
  DeferredWorld world{kNow};
  DeferredWorld::Task task{.extra = "Prefer: respond-async, wait=20\r\n"};
  const auto answer = world.post(task);
  CHECK(answer.status == 201);
  CHECK_THAT(answer.header("Location"), Contains("/Order/7/"));
}

TEST_CASE("deferred: what a mailbox here takes is delivered at once, so it is 201 (OUT-06, OUT-07)", "[deferred]") {
  DeferredWorld world{kNow};
  DeferredWorld::Task task{.base = "/B82001/DSTU2/1"};
  const auto answer = world.post(task);
  CHECK(answer.status == 201);
  CHECK(answer.header("Content-Location") == answer.header("Location"));
}

TEST_CASE("deferred: the usual checks come first, and a TTL that cannot be read is refused (SSP-11, OUT-06)",
          "[deferred]") {
  DeferredWorld world{kNow};
  DeferredWorld::Task blank{.text = " "};
  CHECK(world.post(blank).status == 422);
  DeferredWorld::Task unclear{.extra = "Prefer: respond-async\r\nTTL: soon\r\n"};
  const auto refused = world.post(unclear);
  CHECK(refused.status == 400);
  CHECK_THAT(refused.body, Contains("TTL is 'soon'"));
  CHECK(world.arrived().empty());
}

TEST_CASE("deferred: a recipient that is down gets it when it is up again, after growing pauses (OUT-06)",
          "[deferred]") {
  DeferredWorld world{kNow};
  const auto mood = GENERATE(Mood::kDown, Mood::kBusy);
  world.recipient_is(mood);
  DeferredWorld::Task task;
  const auto deferred = world.post(task);
  REQUIRE(deferred.status == 202);
  const auto pending = world.poll_until(deferred, "One try failed");
  CHECK(pending.status == 202);
  CHECK(pending.header("Content-Location") == deferred.header("Content-Location"));
  CHECK_THAT(pending.body, Contains("Queued: ") && !Contains("will not be"));
  world.clock.advance(seconds{31});
  world.poll_until(deferred, "2 tries failed");
  world.recipient_is(Mood::kStores);
  world.clock.advance(seconds{31});
  CHECK(world.outcome(deferred).status == 201);
  CHECK(count_of(world.arrived(), "Please ring.") == (mood == Mood::kBusy ? 3 : 1));
}

TEST_CASE("deferred: a recipient that asks for a longer pause than the longest delay is not tried at once (OUT-06)",
          "[deferred]") {
  DeferredWorld world{kNow, ",,", [](app::Config& config) { config.exchange.deferred.backoff.longest = seconds{20}; }};
  world.recipient_is(Mood::kBusy);  // for 30 s, as it says
  DeferredWorld::Task task;
  const auto deferred = world.post(task);
  world.poll_until(deferred, "One try failed");
  constexpr int looks = 20;
  for (int i = 0; i < looks; ++i) world.poll(deferred);
  CHECK(count_of(world.arrived(), "Please ring.") == 1);
  world.clock.advance(seconds{20});
  world.poll_until(deferred, "2 tries failed");
}

TEST_CASE(
    "deferred: an operator's redrive tries a waiting task now; one whose sender was told it failed is refused "
    "(OUT-02, OUT-06)",
    "[deferred]") {
  DeferredWorld world{kNow};
  world.recipient_is(Mood::kDown);
  DeferredWorld::Task first;
  const auto waits = world.post(first);
  world.poll_until(waits, "One try failed");
  world.recipient_is(Mood::kStores);
  const auto done = redrive(world, waits);
  REQUIRE(done.has_value());
  CHECK_THAT(*done, Contains("is tried now"));
  CHECK(world.outcome(waits).status == 201);
  CHECK_THAT(redrive(world, waits).error().detail, Contains("a second time"));
  CHECK_THAT(world.audit(), Contains("redrive: they rang"));

  world.recipient_is(Mood::kDown);
  DeferredWorld::Task second;
  second.text = "Another one.";
  const auto expires = world.post(second);
  world.poll_until(expires, "One try failed");
  world.clock.advance(seconds{300});
  CHECK(world.outcome(expires).status == 504);
  const auto refused = redrive(world, expires);
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == FaultKind::kInvalid);
  CHECK_THAT(refused.error().detail, Contains("told that it was not delivered and never will be"));
}

TEST_CASE("deferred: tasks of one patient arrive in the order they were sent, others do not wait for them (OUT-06)",
          "[deferred]") {
  DeferredWorld world{kNow};
  world.recipient_is(Mood::kDown);
  std::vector<Answer> deferred;
  const char* const patients[] = {"1", "1", "2", "1"};
  for (int i = 0; i < 4; ++i) {
    DeferredWorld::Task task{.text = "Number " + std::to_string(i) + ".", .patient = patients[i]};
    deferred.push_back(world.post(task));
    REQUIRE(deferred.back().status == 202);
  }
  world.poll_until(deferred[0], "One try failed");
  world.poll_until(deferred[2], "One try failed");
  CHECK_THAT(world.poll(deferred[1]).body, !Contains("failed"));  // its turn has not come
  world.recipient_is(Mood::kStores);
  world.clock.advance(seconds{11});
  for (const auto& one : deferred) CHECK(world.outcome(one).status == 201);
  const auto arrived = world.arrived();
  REQUIRE(arrived.size() == 4);
  CHECK(place_of(arrived, "Number 0.") < place_of(arrived, "Number 1."));
  CHECK(place_of(arrived, "Number 1.") < place_of(arrived, "Number 3."));
}

TEST_CASE(
    "deferred: with its audit token a task's time is up, its sender is told, and it never comes later (OUT-02, "
    "OUT-06)",
    "[deferred]") {
  DeferredWorld world{kNow};
  world.recipient_is(Mood::kDown);
  DeferredWorld::Task task;
  const auto deferred = world.post(task);
  CHECK_THAT(deferred.body, Contains("until 2026-11-21T09:05:00.000Z, when the audit token ends"));
  world.poll_until(deferred, "One try failed");
  world.clock.advance(seconds{298});
  const auto outcome = world.outcome(deferred);
  CHECK(outcome.status == 504);
  CHECK_THAT(outcome.body, Contains("Error: the task was not delivered and will not be") &&
                               Contains("the audit token ends") && Contains("One try failed") && Contains("timeout"));
  world.recipient_is(Mood::kStores);
  world.clock.advance(seconds{900});
  const auto again = world.post(task);  // its repeat is told the same
  CHECK(again.status == 504);
  CHECK(world.arrived().empty());
}

TEST_CASE("deferred: towards midnight a task fails early, since the recipient must refuse it on another day (OUT-06)",
          "[deferred]") {
  const auto before_midnight = london_midnight_after(kNow) - seconds{60};
  DeferredWorld world{before_midnight, kRegistered};
  world.recipient_is(Mood::kDown);
  DeferredWorld::Task task;
  const auto deferred = world.post(task);
  REQUIRE(deferred.status == 202);
  CHECK_THAT(deferred.body, Contains("when the task's day ends"));
  world.poll_until(deferred, "One try failed");
  world.recipient_is(Mood::kStores);
  world.clock.advance(milliseconds{57'001});  // still that day, but too late for a try
  const auto outcome = world.outcome(deferred);
  CHECK(outcome.status == 504);
  CHECK_THAT(outcome.body, Contains("the task's day ends"));
  CHECK(world.arrived().empty());
  SECTION("in the last seconds there is nothing to defer: it is tried while its sender waits") {
    world.clock.advance(milliseconds{500});
    DeferredWorld::Task late{.text = "Late."};
    CHECK(world.post(late).status == 201);
  }
}

TEST_CASE(
    "deferred: a recipient registered for it gets a task under a token of the gateway's own that names the user, "
    "audited (OUT-06)",
    "[deferred]") {
  DeferredWorld world{kNow, kRegistered};
  world.recipient_is(Mood::kDown);
  DeferredWorld::Task task;
  const auto deferred = world.post(task);
  CHECK_THAT(deferred.body, Contains("the recipient is registered for"));
  world.poll_until(deferred, "One try failed");
  CHECK_THAT(world.audit(), !Contains("fresh-token"));
  world.recipient_is(Mood::kStores);
  world.clock.advance(std::chrono::minutes{20});
  CHECK(world.outcome(deferred).status == 201);
  CHECK_THAT(world.audit(), Contains("state 0 111222333444 https://hub.example.test fresh-token"));

  const auto arrived = world.arrived();
  REQUIRE(arrived.size() == 1);
  RequestHead head;
  const auto at = arrived[0].find("Authorization: ") + 15;
  head.headers = {{"Authorization", arrived[0].substr(at, arrived[0].find("\r\n", at) - at)}};
  const auto* const create = spine::find_interaction("urn:nhs:names:services:gpconnect:fhir:rest:create:order");
  const auto token = spine::read_token(head, *create, world.clock.now());
  REQUIRE(token.has_value());
  CHECK(token->issuer == "https://hub.example.test");
  CHECK(token->user_id == exchange::test::token_claims().user_id);
  CHECK(token->user_sds_id == "111222333444");
  CHECK(token->patient == exchange::test::token_claims().patient);
  CHECK_THAT(token->device, StartsWith("gpconnect-gateway"));
}

TEST_CASE("deferred: a restart goes on where it was (OUT-05, OUT-06)", "[deferred]") {
  DeferredWorld world{kNow};
  world.recipient_is(Mood::kDown);
  DeferredWorld::Task task;
  const auto deferred = world.post(task);
  world.poll_until(deferred, "One try failed");
  world.restart();
  CHECK(world.poll(deferred).status == 202);
  world.recipient_is(Mood::kStores);
  world.clock.advance(seconds{11});
  CHECK(world.outcome(deferred).status == 201);
  world.restart();
  CHECK(world.poll(deferred).status == 201);
  CHECK(world.arrived().size() == 1);
}

TEST_CASE("deferred: a repeat is given the same place to ask, then the outcome; never a second task (OUT-03, OUT-06)",
          "[deferred]") {
  DeferredWorld world{kNow};
  world.recipient_is(Mood::kDown);
  DeferredWorld::Task task{.identifier = random_uuid()};
  const auto deferred = world.post(task);
  REQUIRE(deferred.status == 202);
  auto renamed = task;
  renamed.trace.clear();
  for (auto* const again : {&task, &renamed}) {
    const auto repeat = world.post(*again);
    CHECK(repeat.status == 202);
    CHECK(repeat.header("Content-Location") == deferred.header("Content-Location"));
  }
  auto changed = task;
  changed.text = "Something else.";
  CHECK(world.post(changed).status == 409);
  world.poll_until(deferred, "One try failed");
  world.recipient_is(Mood::kStores);
  world.clock.advance(seconds{11});
  CHECK(world.outcome(deferred).status == 201);
  CHECK(world.post(task).status == 201);
  CHECK(world.arrived().size() == 1);
}

TEST_CASE("deferred: only the organisation that sent it may ask; unknown ids are unknown (OUT-06, ANS-09)",
          "[deferred]") {
  DeferredWorld world{kNow};
  DeferredWorld::Task task;
  const auto deferred = world.post(task);
  const auto refused = world.poll(deferred, "", true);
  CHECK(refused.status == 403);
  CHECK_THAT(refused.body, Contains("ACCESS_DENIED"));
  for (const auto* const id : {"0000000000001", "x"}) {
    CHECK(world.get("/C33333/DSTU2/1/Order/" + std::string{id} + "/$gpc.gettaskoutcome").status == 404);
  }
  const auto url = deferred.header("Content-Location");
  const auto elsewhere = "/B82001" + url.substr(url.find("/DSTU2"));
  CHECK(world.get(elsewhere).status == 404);  // not sent there
}

TEST_CASE("deferred: a refusal of the recipient is passed on by the poll as it is, and ends it (OUT-06, ANS-13)",
          "[deferred]") {
  DeferredWorld world{kNow};
  world.recipient_is(Mood::kRefuses);
  DeferredWorld::Task task;
  const auto outcome = world.outcome(world.post(task));
  CHECK(outcome.status == 422);
  CHECK(outcome.body == R"({"resourceType":"OperationOutcome","id":"theirs"})");
  world.clock.advance(seconds{60});
  CHECK(world.arrived().size() == 1);
}

TEST_CASE("deferred: what may have arrived is in doubt, and not sent again (OUT-04, OUT-06)", "[deferred]") {
  DeferredWorld world{kNow};
  world.recipient_is(Mood::kBreaks);
  DeferredWorld::Task task{.identifier = random_uuid()};
  const auto deferred = world.post(task);
  const auto outcome = world.outcome(deferred);
  CHECK(outcome.status == 504);
  CHECK_THAT(outcome.body, Contains("may have been delivered"));
  world.clock.advance(seconds{60});
  CHECK_THAT(world.poll(deferred).body, Contains("may have been delivered"));
  // An operator's wish changes nothing at a recipient that is not registered for repeats.
  REQUIRE(redrive(world, deferred).has_value());
  CHECK(world.outcome(deferred).status == 504);
  CHECK(world.arrived().size() == 1);
  REQUIRE(ask(world, deferred, "resolve", "delivered").has_value());
  CHECK(world.poll(deferred).status == 201);
}

TEST_CASE("deferred: a recipient that honours If-None-Exist is asked under it until it is clear (OUT-04, OUT-06)",
          "[deferred]") {
  DeferredWorld world{kNow, kIdempotent};
  world.recipient_is(Mood::kBreaks);
  DeferredWorld::Task task{.identifier = random_uuid()};
  const auto deferred = world.post(task);
  const auto pending = world.poll_until(deferred, "it may have been delivered");
  CHECK(pending.status == 202);
  CHECK_THAT(pending.body, Contains("Sent: "));
  // Its operator may not say what the gateway is about to find out.
  CHECK_THAT(ask(world, deferred, "resolve", "not-delivered").error().detail, Contains("still looks for task"));
  world.recipient_is(Mood::kStores);
  world.clock.advance(seconds{11});
  const auto outcome = world.outcome(deferred);
  CHECK(outcome.status == 201);
  CHECK_THAT(outcome.header("Location"), Contains("/Order/7/"));
  const auto arrived = world.arrived();
  REQUIRE(arrived.size() >= 2);
  CHECK_THAT(arrived.front(), !Contains("If-None-Exist"));
  for (std::size_t i = 1; i < arrived.size(); ++i) CHECK_THAT(arrived[i], Contains("If-None-Exist: identifier="));
}

TEST_CASE("deferred: more tasks than a recipient's queue has room for are refused, whatever is queued goes on (OUT-09)",
          "[deferred]") {
  DeferredWorld world{kNow, ",,", [](app::Config& config) { config.exchange.deferred.waiting_per_recipient = 1; }};
  world.recipient_is(Mood::kDown);
  DeferredWorld::Task first{.text = "First."};
  const auto deferred = world.post(first);
  REQUIRE(deferred.status == 202);
  DeferredWorld::Task second{.text = "Second."};
  const auto refused = world.post(second);
  CHECK(refused.status == 503);
  CHECK_FALSE(refused.header("Retry-After").empty());
  world.poll_until(deferred, "One try failed");
  world.recipient_is(Mood::kStores);
  world.clock.advance(seconds{11});
  CHECK(world.outcome(deferred).status == 201);
  CHECK(world.post(second).status == 202);
}
