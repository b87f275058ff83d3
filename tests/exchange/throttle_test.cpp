#include "exchange/throttle.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "exchange/exchange_world.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

const spine::RateLimiter::Time kStart{std::chrono::hours{1}};

ThrottleSettings settings() {
  return {.sender_rate = {.per_second = 1, .burst_seconds = 2}, .requests_at_once = 100, .bodies_at_once_bytes = 1000};
}

directory::Organisation sender(std::string_view asid = kSenderAsid) {
  return {.ods = OdsCode{"A11111"}, .asid = Asid{std::string{asid}}};
}

}  // namespace

TEST_CASE("throttle: a sender over its rate gets 429 with Retry-After, and its allowance is told each time (SSP-07)",
          "[exchange]") {
  Throttle throttle{settings()};
  const auto first = throttle.admit(sender(), 0, kStart);
  REQUIRE(first.has_value());
  CHECK(header_value(first->rate, "X-Rate-Limit-Limit") == "2");
  CHECK(header_value(first->rate, "X-Rate-Limit-Remaining") == "1");
  CHECK(header_value(first->rate, "X-Rate-Limit-Reset") == "1");
  REQUIRE(throttle.admit(sender(), 0, kStart).has_value());

  const auto third = throttle.admit(sender(), 0, kStart);
  CHECK(verdict_on(third) == "429 TOO_MANY_REQUESTS throttled SSP-07");
  const auto refusal = third.error();
  CHECK(header_value(refusal.headers, "Retry-After") == "1");
  CHECK(header_value(refusal.headers, "X-Rate-Limit-Limit") == "2");
  CHECK(header_value(refusal.headers, "X-Rate-Limit-Remaining") == "0");
  CHECK(header_value(refusal.headers, "X-Rate-Limit-Reset") == "2");
  CHECK_FALSE(refusal.close);

  CHECK(throttle.admit(sender(kReaderAsid), 0, kStart).has_value());
  CHECK(throttle.admit(sender(), 0, kStart + seconds{1}).has_value());
}

TEST_CASE("throttle: a sender's own rate in the directory takes the place of the default (SSP-07, SSP-12)",
          "[exchange]") {
  Throttle throttle{settings()};
  auto fast = sender();
  fast.policy.requests_per_second = 50;
  const auto place = throttle.admit(fast, 0, kStart);
  REQUIRE(place.has_value());
  CHECK(header_value(place->rate, "X-Rate-Limit-Limit") == "100");
}

TEST_CASE("throttle: more requests at work than there is room for get 503 with Retry-After (SSP-07, OUT-09)",
          "[exchange]") {
  auto few = settings();
  few.requests_at_once = 1;
  Throttle throttle{few};
  {
    const auto place = throttle.admit(sender(), 0, kStart);
    REQUIRE(place.has_value());
    const auto second = throttle.admit(sender(kReaderAsid), 0, kStart);
    CHECK(verdict_on(second) == "503 INTERNAL_SERVER_ERROR transient SSP-07");
    const auto refusal = second.error();
    CHECK(header_count(refusal.headers, "Retry-After") == 1);
    CHECK(header_value(refusal.headers, "X-Rate-Limit-Remaining") == "1");
  }
  CHECK(throttle.admit(sender(kReaderAsid), 0, kStart).has_value());
}

TEST_CASE("throttle: bodies of more bytes than there is room for get 503, and room comes back (SSP-07, OUT-09)",
          "[exchange]") {
  Throttle throttle{settings()};
  {
    const auto place = throttle.admit(sender(), 600, kStart);
    REQUIRE(place.has_value());
    CHECK(verdict_on(throttle.admit(sender(kReaderAsid), 401, kStart)) == "503 INTERNAL_SERVER_ERROR transient SSP-07");
    CHECK(throttle.admit(sender(kReaderAsid), 400, kStart).has_value());
  }
  CHECK(throttle.admit(sender(kMailboxAsid), 1000, kStart).has_value());
}

TEST_CASE("throttle: a request with no room for its body leaves no place taken (OUT-09)", "[exchange]") {
  auto one = settings();
  one.requests_at_once = 1;
  Throttle throttle{one};
  CHECK_FALSE(throttle.admit(sender(), 1001, kStart).has_value());
  CHECK(throttle.admit(sender(), 1000, kStart).has_value());
}

TEST_CASE("throttle: a moved hold gives back once (OUT-09)", "[exchange]") {
  Budget budget{10};
  auto hold = budget.take(7);
  REQUIRE(hold.has_value());
  {
    const auto moved = std::move(*hold);
    CHECK(budget.used() == 7);
  }
  CHECK(budget.used() == 0);
  hold.reset();
  CHECK(budget.used() == 0);
}

TEST_CASE("throttle: a body counts as what it can come to at most (OUT-09)", "[exchange]") {
  struct Row {
    Headers headers;
    std::size_t bytes;
  };
  const std::vector<Row> rows{
      {{}, 0},
      {{{"Content-Length", "0"}}, 0},
      {{{"Content-Length", "1600"}}, 1600},
      {{{"Content-Length", "99999"}}, 4000},
      {{{"Content-Length", "99999999999999999999999"}}, 4000},
      {{{"Transfer-Encoding", "chunked"}}, 4000},
      {{{"Content-Length", "100"}, {"Content-Encoding", "gzip"}}, 8100},
  };
  for (const auto& row : rows) {
    RequestHead head;
    head.headers = row.headers;
    INFO(row.bytes);
    CHECK(body_bytes_of(head, 4000, 8000) == row.bytes);
  }
}

TEST_CASE("throttle: an answer that carries a recipient's own allowance keeps it (SSP-06, SSP-07)", "[exchange]") {
  const Headers ours{{"X-Rate-Limit-Limit", "2"}, {"X-Rate-Limit-Remaining", "1"}};
  Response own;
  add_rate_headers(ours, own);
  CHECK(header_value(own.headers, "X-Rate-Limit-Remaining") == "1");

  Response relayed;
  relayed.headers = {{"x-rate-limit-limit", "9"}};
  add_rate_headers(ours, relayed);
  CHECK(relayed.headers.size() == 1);
  CHECK(header_value(relayed.headers, "X-Rate-Limit-Limit") == "9");
}
