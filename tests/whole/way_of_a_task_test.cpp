// The whole way over real TLS sockets: what a sender is told, and what the recipient then has.
#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

TEST_CASE("way: a task to a mailbox is answered 201 and is there, once (ANS-01, OUT-02, OUT-07)", "[whole]") {
  auto& world = World::shared();
  const auto request = world.request(Way::kMailbox);
  const auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  CHECK(header_value(answer->headers, "ETag") == "W/\"1\"");
  CHECK_FALSE(header_value(answer->headers, "Last-Modified").empty());
  CHECK(header_value(answer->headers, "Location").starts_with(request.base + "/Order/"));
  CHECK(header_value(answer->headers, "Cache-Control") == "no-store");
  CHECK(answer->body.find("\"versionId\":\"1\"") != std::string::npos);
  CHECK(answer->body.find("urn:uuid:") != std::string::npos);
  CHECK(world.received("hub", trace_of(request)) == 1);
}

TEST_CASE("way: a task is relayed to the recipient's own endpoint and its answer is passed on (ANS-13, OUT-01)",
          "[whole]") {
  auto& world = World::shared();
  const auto request = world.request(Way::kRelay);
  const auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  CHECK(header_value(answer->headers, "Location").starts_with(world.demo().party("practice-b").base() + "/Order/"));
  CHECK(world.received("practice-b", trace_of(request)) == 1);
}

TEST_CASE("way: the proxied URL form reaches the same endpoint (SSP-05)", "[whole]") {
  auto& world = World::shared();
  auto task = world.task(Way::kRelay);
  task.base = world.demo().party("proxy").url() + "/" + world.demo().party("practice-b").base();
  const auto request = world.practice().request_of(task, world.now());
  const auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  CHECK(world.received("practice-b", trace_of(request)) == 1);
}

TEST_CASE("way: an answer tells the sender's allowance, whether the task is kept here or relayed (SSP-07)", "[whole]") {
  const auto way = GENERATE(Way::kMailbox, Way::kRelay);
  auto& world = World::shared();
  const auto answer = world.send(world.request(way));
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  for (const auto* const name : {"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"}) {
    INFO(name);
    CHECK(header_count(answer->headers, name) == 1);
  }
}

TEST_CASE("way: a repeat with the same trace id gets the same answer and makes no second task (OUT-03)", "[whole]") {
  const auto way = GENERATE(Way::kMailbox, Way::kRelay);
  auto& world = World::shared();
  const auto request = world.request(way);
  const auto first = world.send(request);
  const auto second = world.send(request);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->status == 201);
  CHECK(second->status == 201);
  CHECK(header_value(second->headers, "Location") == header_value(first->headers, "Location"));
  CHECK(second->body == first->body);
  CHECK(world.received(way == Way::kMailbox ? "hub" : "practice-b", trace_of(request)) == 1);
}

TEST_CASE("way: the same trace id with other content is refused with 409 (OUT-03)", "[whole]") {
  auto& world = World::shared();
  auto request = world.request(Way::kMailbox);
  REQUIRE(world.send(request)->status == 201);
  request.body = replaced(request.body, "evening clinic", "morning clinic");
  const auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 409);
  CHECK(answer->body.find("CONFLICTING_VALUES") != std::string::npos);
}

TEST_CASE("way: a stored task is read back as it was sent, by its two organisations only (ANS-09)", "[whole]") {
  auto& world = World::shared();
  const auto request = world.request(Way::kMailbox);
  const auto stored = world.send(request);
  REQUIRE(stored.has_value());
  const auto below = std::string{header_value(stored->headers, "Location")}.substr(request.base.size());
  const auto answer = world.send(world.practice().read_of(world.task(Way::kMailbox), below, world.now()));
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body == stored->body);

  auto unknown = world.practice().read_of(world.task(Way::kMailbox), "/Order/0000000000001", world.now());
  CHECK(world.send(unknown)->status == 404);
}

TEST_CASE("way: a recipient that is down gives 502, nothing is delivered later, and a new try arrives (SSP-07, OUT-02)",
          "[whole]") {
  auto& world = World::shared();
  world.demo().stop("practice-b");
  const auto request = world.request(Way::kRelay);
  const auto down = world.send(request);
  REQUIRE(down.has_value());
  CHECK(down->status == 502);
  CHECK(down->body.find("transient") != std::string::npos);
  world.restart("practice-b");
  const auto again = world.request(Way::kRelay);
  const auto up = world.send(again);
  REQUIRE(up.has_value());
  CHECK(up->status == 201);
  CHECK(world.received("practice-b", trace_of(request)) == 0);
  CHECK(world.received("practice-b", trace_of(again)) == 1);
  // The refused trace id keeps its recorded answer.
  CHECK(world.send(request)->status == 502);
  CHECK(world.received("practice-b", trace_of(request)) == 0);
}

TEST_CASE("way: who may not send is told so, and nothing is stored (SSP-04, SSP-05, TLS-02)", "[whole]") {
  auto& world = World::shared();
  SECTION("an unknown organisation") {
    auto request = world.request(Way::kMailbox);
    request.base = world.demo().party("hub").url() + "/Z99999/DSTU2/1";
    const auto answer = world.send(request);
    CHECK(answer->status == 404);
    CHECK(answer->body.find("ORGANISATION_NOT_FOUND") != std::string::npos);
  }
  SECTION("no sharing agreement") {
    const auto request = world.practice().request_of(
        {.from = "A20001", .to = "C20004", .patient = "1", .base = world.demo().party("practice-c").base()},
        world.now());
    const auto answer = world.send(request);
    CHECK(answer->status == 403);
    CHECK(answer->body.find("NO_ORGANISATIONAL_CONSENT") != std::string::npos);
    CHECK(world.received("practice-c", trace_of(request)) == 0);
  }
  SECTION("somebody else's ASID") {
    const auto answer = world.hub().send(world.request(Way::kMailbox));
    CHECK(answer->status == 403);
    CHECK(answer->body.find("ASID_CHECK_FAILED") != std::string::npos);
  }
  SECTION("no certificate") {
    auto request = world.request(Way::kMailbox);
    request.with_certificate = false;
    const auto answer = world.send(request);
    CHECK(answer->status == 496);
    CHECK(world.received("hub", trace_of(request)) == 0);
  }
}

TEST_CASE("way: metadata is a Conformance that lists what is offered, in both formats (ANS-10)", "[whole]") {
  auto& world = World::shared();
  auto request = world.practice().read_of(world.task(Way::kMailbox), "/metadata", world.now());
  request.headers =
      exchange::make_headers(world.practice().organisation("A20001"), world.practice().organisation("U20002"), nullptr,
                             exchange::kReadMetadata, exchange::User{}, world.now());
  const auto json = world.send(request);
  REQUIRE(json.has_value());
  CHECK(json->status == 200);
  CHECK(json->body.find("\"fhirVersion\":\"1.0.2\"") != std::string::npos);
  request.below = "/metadata?_format=xml";
  const auto xml = world.send(request);
  REQUIRE(xml.has_value());
  CHECK(xml->status == 200);
  CHECK(xml->body.find("<Conformance") != std::string::npos);
}

TEST_CASE("way: a transaction Bundle to a mailbox is stored whole, and a repeat of it once (TASK-12, OUT-03)",
          "[whole]") {
  auto& world = World::shared();
  auto request = world.request(Way::kMailbox);
  const auto entry = [](const std::string& order) {
    return R"({"fullUrl":"urn:uuid:)" + random_uuid() + R"(","resource":)" + order +
           R"(,"request":{"method":"POST","url":"Order"}})";
  };
  const auto second = replaced(request.body, "evening clinic", "morning clinic");
  request.below.clear();
  request.body =
      R"({"resourceType":"Bundle","type":"transaction","entry":[)" + entry(request.body) + "," + entry(second) + "]}";
  const auto first = world.send(request);
  const auto again = world.send(request);
  REQUIRE(first.has_value());
  REQUIRE(again.has_value());
  CHECK(first->status == 200);
  CHECK(first->body.find("transaction-response") != std::string::npos);
  CHECK(again->body == first->body);
  for (const auto* const number : {"0", "1"}) {
    CHECK(world.received("hub", uuid_of_name(trace_of(request), number)) == 1);
  }
}
