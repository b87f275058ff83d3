#include "spine/rate_limit.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace gw;
using namespace gw::spine;

namespace {

const RateLimiter::Time kStart{std::chrono::hours{1}};
constexpr Rate kRate{.per_second = 2, .burst_seconds = 3};

}  // namespace

TEST_CASE("rate limit: a quiet sender has its whole burst, and then waits for its rate (SSP-07)", "[spine]") {
  RateLimiter limiter;
  for (std::uint64_t left = 6; left-- > 0;) {
    const auto verdict = limiter.take("a", kRate, kStart);
    CHECK(verdict.allowed);
    CHECK(verdict.limit == 6);
    CHECK(verdict.remaining == left);
    CHECK(verdict.retry_after == seconds{0});
  }
  const auto refused = limiter.take("a", kRate, kStart);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.remaining == 0);
  CHECK(refused.reset == seconds{3});
  CHECK(refused.retry_after == seconds{1});

  CHECK_FALSE(limiter.take("a", kRate, kStart + milliseconds{499}).allowed);
  CHECK(limiter.take("a", kRate, kStart + milliseconds{500}).allowed);
  CHECK_FALSE(limiter.take("a", kRate, kStart + milliseconds{500}).allowed);
}

TEST_CASE("rate limit: whoever waits as long as told is served (SSP-07)", "[spine]") {
  const Rate rate{.per_second = GENERATE(1U, 2U, 3U, 7U, 1000U), .burst_seconds = 1};
  RateLimiter limiter;
  auto now = kStart;
  RateVerdict verdict;
  while ((verdict = limiter.take("a", rate, now)).allowed) {
  }
  CHECK(limiter.take("a", rate, now + verdict.retry_after).allowed);
}

TEST_CASE("rate limit: reset says when the whole limit is there again (SSP-07)", "[spine]") {
  RateLimiter limiter;
  CHECK(limiter.take("a", kRate, kStart).reset == seconds{1});
  for (int i = 0; i < 3; ++i) static_cast<void>(limiter.take("a", kRate, kStart));
  const auto fifth = limiter.take("a", kRate, kStart);
  CHECK(fifth.reset == seconds{3});
  CHECK(limiter.take("a", kRate, kStart + fifth.reset).remaining == 5);
}

TEST_CASE("rate limit: senders do not share, nor save up more than a burst (SSP-07)", "[spine]") {
  RateLimiter limiter;
  while (limiter.take("a", kRate, kStart).allowed) {
  }
  CHECK(limiter.take("b", kRate, kStart).remaining == 5);
  CHECK(limiter.take("a", kRate, kStart + std::chrono::hours{24}).remaining == 5);
}

TEST_CASE("rate limit: a changed rate holds from the next request on (SSP-07, SSP-12)", "[spine]") {
  RateLimiter limiter;
  CHECK(limiter.take("a", kRate, kStart).remaining == 5);
  const auto less = limiter.take("a", Rate{.per_second = 1, .burst_seconds = 2}, kStart);
  CHECK(less.limit == 2);
  CHECK(less.remaining == 1);
}

TEST_CASE("rate limit: a time before the last one gives nothing and takes nothing (SSP-07)", "[spine]") {
  RateLimiter limiter;
  CHECK(limiter.take("a", kRate, kStart).remaining == 5);
  CHECK(limiter.take("a", kRate, kStart - seconds{10}).remaining == 4);
  CHECK(limiter.take("a", kRate, kStart).remaining == 3);
}

TEST_CASE("rate limit: senders that were quiet for long enough are forgotten, those over their rate are not (OUT-09)",
          "[spine]") {
  RateLimiter limiter;
  auto now = kStart;
  for (std::size_t i = 0; i < 10 * RateLimiter::kFirstSweep; ++i) {
    static_cast<void>(limiter.take(std::to_string(i), kRate, now));
    now += seconds{1};
  }
  CHECK(limiter.tracked() <= RateLimiter::kFirstSweep);

  while (limiter.take("busy", kRate, now).allowed) {
  }
  for (std::size_t i = 0; i < 2 * RateLimiter::kFirstSweep; ++i) {
    static_cast<void>(limiter.take("x" + std::to_string(i), kRate, now));
  }
  CHECK_FALSE(limiter.take("busy", kRate, now).allowed);
}
