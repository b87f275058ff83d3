#include "delivery/breaker.hpp"

#include <catch2/catch.hpp>

using gw::milliseconds;
using gw::seconds;
using gw::delivery::Breaker;
using gw::delivery::BreakerSettings;
using State = gw::delivery::Breaker::State;

namespace {

constexpr BreakerSettings kSettings{.failures = 3, .window = seconds{30}, .cooldown = seconds{5}};

Breaker::Time at(milliseconds since_start) {
  return Breaker::Time{} + std::chrono::hours{1} + since_start;
}

/// A breaker that opened at second 2.
Breaker opened() {
  Breaker breaker(kSettings);
  for (int second = 0; second < 3; ++second) breaker.failed(at(seconds{second}));
  return breaker;
}

}  // namespace

TEST_CASE("breaker: stays closed below its number of failures, and opens with the last one (OUT-09)", "[delivery]") {
  Breaker breaker(kSettings);
  CHECK(breaker.allow(at(seconds{0})));
  CHECK_FALSE(breaker.failed(at(seconds{0})));
  CHECK_FALSE(breaker.failed(at(seconds{1})));
  CHECK(breaker.state() == State::kClosed);
  CHECK(breaker.allow(at(seconds{1})));
  CHECK(breaker.failed(at(seconds{2})));
  CHECK(breaker.state() == State::kOpen);
  CHECK(breaker.failures() == 3);
  CHECK(breaker.failing_since() == at(seconds{0}));
}

TEST_CASE("breaker: a success between failures begins the count anew", "[delivery]") {
  Breaker breaker(kSettings);
  breaker.failed(at(seconds{0}));
  breaker.failed(at(seconds{1}));
  CHECK_FALSE(breaker.succeeded());
  breaker.failed(at(seconds{2}));
  breaker.failed(at(seconds{3}));
  CHECK(breaker.state() == State::kClosed);
  CHECK(breaker.failing_since() == at(seconds{2}));
}

TEST_CASE("breaker: failures further apart than the window are not in a row", "[delivery]") {
  Breaker breaker(kSettings);
  breaker.failed(at(seconds{0}));
  breaker.failed(at(seconds{30}));
  CHECK(breaker.failures() == 2);
  breaker.failed(at(milliseconds{60'001}));
  CHECK(breaker.failures() == 1);
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: open refuses until the cooldown is over, and says how long that is", "[delivery]") {
  auto breaker = opened();
  CHECK_FALSE(breaker.allow(at(milliseconds{2'000})));
  CHECK_FALSE(breaker.allow(at(milliseconds{6'999})));
  CHECK(breaker.until_next_try(at(milliseconds{4'000})) == seconds{3});
  CHECK(breaker.until_next_try(at(milliseconds{8'000})) == seconds{0});
  CHECK(breaker.allow(at(milliseconds{7'000})));
  CHECK(breaker.state() == State::kHalfOpen);
}

TEST_CASE("breaker: half-open lets one probe through", "[delivery]") {
  auto breaker = opened();
  REQUIRE(breaker.allow(at(seconds{7})));
  CHECK_FALSE(breaker.allow(at(seconds{7})));
  CHECK_FALSE(breaker.allow(at(seconds{11})));
  CHECK(breaker.until_next_try(at(seconds{11})) == seconds{1});
}

TEST_CASE("breaker: the probe's success closes it and is told once", "[delivery]") {
  auto breaker = opened();
  REQUIRE(breaker.allow(at(seconds{7})));
  CHECK(breaker.succeeded());
  CHECK(breaker.state() == State::kClosed);
  CHECK(breaker.failures() == 0);
  CHECK(breaker.allow(at(seconds{7})));
  CHECK_FALSE(breaker.succeeded());
}

TEST_CASE("breaker: the probe's failure opens it for another cooldown, without a second alarm", "[delivery]") {
  auto breaker = opened();
  REQUIRE(breaker.allow(at(seconds{7})));
  CHECK_FALSE(breaker.failed(at(seconds{8})));
  CHECK(breaker.state() == State::kOpen);
  CHECK_FALSE(breaker.allow(at(milliseconds{12'999})));
  CHECK(breaker.allow(at(seconds{13})));
  CHECK(breaker.failing_since() == at(seconds{0}));
}

TEST_CASE("breaker: an abandoned probe makes room for the next one", "[delivery]") {
  auto breaker = opened();
  REQUIRE(breaker.allow(at(seconds{7})));
  breaker.abandoned();
  CHECK(breaker.allow(at(seconds{7})));
}

TEST_CASE("breaker: a probe that never ends does not close the way for ever", "[delivery]") {
  auto breaker = opened();
  REQUIRE(breaker.allow(at(seconds{7})));
  CHECK(breaker.allow(at(seconds{12})));
  CHECK_FALSE(breaker.allow(at(seconds{12})));
}

TEST_CASE("breaker: stragglers that fail while it is open do not put off the probe", "[delivery]") {
  auto breaker = opened();
  CHECK_FALSE(breaker.failed(at(seconds{6})));
  CHECK(breaker.allow(at(seconds{7})));
}

TEST_CASE("breaker: a straggler that succeeds closes it at once", "[delivery]") {
  auto breaker = opened();
  CHECK(breaker.succeeded());
  CHECK(breaker.allow(at(seconds{3})));
}

TEST_CASE("breaker: with zero failures it never opens", "[delivery]") {
  Breaker breaker({.failures = 0});
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(breaker.failed(at(milliseconds{i})));
  CHECK(breaker.allow(at(seconds{1})));
}
