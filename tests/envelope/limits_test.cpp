// Who has to wait, and what is told then: rates by sender, the room for all, and each recipient's own (SSP-07, OUT-09);
// and what an answer to a bad token tells in its headers (JWT-01).
#include <catch2/catch.hpp>
#include <string>

#include "envelope/rows.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

constexpr int kSlowSender = 17;  ///< ten at once, one a second; here time stands still

Answer sent(World& world, const Change& change = {}) {
  auto request = world.good_request();
  if (change) change(request, world);
  return world.send(request);
}

Change from(int asid, Change change = {}) {
  return [asid, change = std::move(change)](Request& request, World& world) {
    if (change) change(request, world);
    request.send_as(asid);
  };
}

std::string allowance(const Answer& answer) {
  std::string all;
  for (const auto* const name : {"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"})
    all.append(all.empty() ? "" : " ").append(header_value(answer.headers, name));
  return all;
}

}  // namespace

TEST_CASE("limits: each answer tells what is left of its sender's rate, and nobody else's is touched (SSP-07)",
          "[envelope]") {
  World world;
  const auto stored = sent(world, from(kSlowSender));
  CHECK(stored.verdict() == "201");
  CHECK(allowance(stored) == "10 9 1");
  const auto read = sent(world, from(kSlowSender, get("/Order", "search:order")));
  CHECK(read.verdict() == "200");
  CHECK(allowance(read) == "10 8 2");
  const auto refused = sent(world, from(kSlowSender, order("/date", R"("2017-08-17")")));
  CHECK(refused.verdict() == "422 INVALID_RESOURCE business-rule");
  CHECK(allowance(refused) == "10 7 3");
  const auto relayed = sent(world, from(kSlowSender, [](Request& request, World&) { request.send_to("C33333", 3); }));
  CHECK(relayed.verdict() == "201");
  CHECK(allowance(relayed) == "10 6 4");
  // Whoever was not let in that far costs its ASID nothing.
  CHECK(sent(world, from(kSlowSender, certificate("other"))).status == 403);
  CHECK(sent(world, from(kSlowSender, claim("/aud", R"("me")"))).status == 400);
  for (int left = 5; left >= 0; --left) {
    CHECK(allowance(sent(world, from(kSlowSender))) == "10 " + std::to_string(left) + ' ' + std::to_string(10 - left));
  }
  const auto over = sent(world, from(kSlowSender));
  CHECK(over.verdict() == "429 TOO_MANY_REQUESTS throttled");
  CHECK(allowance(over) == "10 0 10");
  CHECK(header_value(over.headers, "Retry-After") == "1");
  CHECK(sent(world).verdict() == "201");
  CHECK(sent(world, from(6)).verdict() == "201");

  // Its place among the checks (SSP-11): after the two organisations, before the body.
  CHECK(sent(world, from(kSlowSender, header("Ssp-To", "299999999999"))).verdict() == "400 BAD_REQUEST invalid");
  CHECK(sent(world, from(kSlowSender, header("Content-Type", "text/plain"))).status == 429);
}

TEST_CASE("limits: with no room for another request it is 503 with Retry-After until one has ended (SSP-07, OUT-09)",
          "[envelope]") {
  World world{[](app::Config& config) { config.exchange.throttle.requests_at_once = 1; }};
  {
    const auto at_work = world.occupy_recipient();
    const auto reached = world.reached();
    for (const auto& change : {Change{}, get("/Order", "search:order"),
                               Change{[](Request&request, World&) { request.send_to("C33333", 3); }}}) {
      const auto answer = sent(world, change);
      CHECK(answer.verdict() == "503 INTERNAL_SERVER_ERROR transient");
      CHECK_FALSE(header_value(answer.headers, "Retry-After").empty());
      CHECK_THAT(answer.body, Contains("[SSP-07]"));
    }
    CHECK(world.reached() == reached);
  }
  CHECK(sent(world).verdict() == "201");
}

TEST_CASE("limits: a recipient that has enough to do keeps nobody from the others (SSP-07, OUT-09)", "[envelope]") {
  World world;
  const auto at_work = world.occupy_recipient();
  const auto reached = world.reached();
  const auto to = [](std::string ods, int asid) {
    return [ods = std::move(ods), asid](Request& request, World&) { request.send_to(ods, asid); };
  };
  const auto busy = sent(world, to("N13131", 13));
  CHECK(busy.verdict() == "503 INTERNAL_SERVER_ERROR transient");
  CHECK_FALSE(header_value(busy.headers, "Retry-After").empty());
  CHECK(world.reached() == reached);
  CHECK(sent(world, to("C33333", 3)).verdict() == "201");
  CHECK(sent(world).verdict() == "201");
}

TEST_CASE("token: WWW-Authenticate tells a request without a token from one with a bad token (JWT-01)", "[envelope]") {
  World world;
  const auto challenge = [&world](const std::vector<std::string>& authorization) {
    const auto answer = sent(world, [&](Request& request, World&) { request.authorization = authorization; });
    CHECK(answer.verdict() == "400 BAD_REQUEST invalid");
    return std::string{header_value(answer.headers, "WWW-Authenticate")};
  };
  const auto jwt = world.good_request().jwt();
  const std::string no_request = R"(Bearer error="invalid_request")";
  const std::string no_token = R"(Bearer error="invalid_token")";
  CHECK_THAT(challenge({}), Catch::StartsWith(no_request));
  CHECK_THAT(challenge({""}), Catch::StartsWith(no_request));
  CHECK_THAT(challenge({"Basic dXNlcjpwYXNzd29yZA=="}), Catch::StartsWith(no_request));
  CHECK_THAT(challenge({"Bearer " + jwt, "Bearer " + jwt}), Catch::StartsWith(no_request));
  CHECK_THAT(challenge({"Bearer abc"}), Catch::StartsWith(no_token));
  CHECK_THAT(challenge({"Bearer !.!."}), Catch::StartsWith(no_token));
  CHECK_THAT(challenge({"Bearer " + jwt + "c2ln"}), Catch::StartsWith(no_token));
}
