// The token's clock: iat, exp and the sender's leeway.
#include <catch2/catch.hpp>

#include "payload.hpp"

using namespace gw;
using namespace std::chrono_literals;
using test::has;
using test::issues_of;
using test::kCreateOrder;
using test::kIssued;
using test::Payload;

namespace {

constexpr Instant kIssuedAt{seconds{kIssued}};

std::string issues_at(Instant now, const spine::TokenPolicy& policy = {}) {
  return issues_of(Payload{}.check(kCreateOrder, now, policy));
}

}  // namespace

TEST_CASE("times: a token lives until the instant before exp (JWT-02)", "[spine]") {
  CHECK(issues_at(kIssuedAt + 300s - 1ms).empty());
  CHECK(has(issues_at(kIssuedAt + 300s), "exp: exp 1500000300 (2017-07-14T02:45:00.000Z) is past"));
  CHECK(has(issues_at(kIssuedAt + 24h), "is past"));
}

TEST_CASE("times: iat may lie ahead by the leeway and no more (JWT-02, SSP-12)", "[spine]") {
  CHECK(issues_at(kIssuedAt).empty());
  CHECK(issues_at(kIssuedAt - 30s).empty());
  CHECK(has(issues_at(kIssuedAt - 30s - 1ms), "iat: iat 1500000000 (2017-07-14T02:40:00.000Z) is in the future"));
  CHECK(has(issues_at(kIssuedAt - 200s), "is in the future"));
  CHECK(has(issues_at(kIssuedAt - 1ms, {.future_leeway = 0s}), "at most 0 s ahead"));
  CHECK(issues_at(kIssuedAt, {.future_leeway = 0s}).empty());
}

TEST_CASE("times: an unlimited leeway never holds iat against the clock (JWT-02, SSP-12)", "[spine]") {
  CHECK(issues_at(kIssuedAt - 24h * 365, {.future_leeway = std::nullopt}).empty());
  CHECK(has(issues_at(kIssuedAt + 301s, {.future_leeway = std::nullopt}), "is past"));
}

TEST_CASE("times: exp is iat + 300 exactly (JWT-02)", "[spine]") {
  for (const int life : {299, 301, 0, 3600}) {
    auto payload = Payload{};
    const auto text =
        issues_of(payload.set("/exp", std::to_string(kIssued + life)).check(kCreateOrder, kIssuedAt - 1s));
    CHECK(has(text, "it must be iat + 300 s exactly, which is 1500000300"));
  }
}

TEST_CASE("times: they are whole seconds since 1970 (JWT-02)", "[spine]") {
  for (const std::string claim : {"iat", "exp"}) {
    for (const std::string bad : {"1500000000.5", "1.5e9", "-1", "1500000000000", "99999999999999999999999"}) {
      auto payload = Payload{};
      const auto checked = payload.set('/' + claim, bad).check();
      INFO(bad << ": " << issues_of(checked));
      REQUIRE_FALSE(checked.has_value());
      CHECK(checked.error().issues.size() == 1);
      CHECK(has(checked.error().issues[0].diagnostics, claim + " is the number "));
    }
  }
}
