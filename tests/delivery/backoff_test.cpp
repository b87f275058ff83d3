#include "delivery/backoff.hpp"

#include <catch2/catch.hpp>

using namespace gw;
using namespace gw::delivery;

namespace {
const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{9}};
const BackoffSettings kSettings{.first = seconds{10}, .longest = seconds{900}, .last_try = seconds{3}};
}  // namespace

TEST_CASE("backoff: delays double up to the longest, and chance decides the upper half of each (OUT-06)",
          "[delivery]") {
  CHECK(delay_after(kSettings, 1, 0.0) == seconds{5});
  CHECK(delay_after(kSettings, 1, 0.5) == milliseconds{7'500});
  CHECK(delay_after(kSettings, 2, 0.0) == seconds{10});
  CHECK(delay_after(kSettings, 4, 0.0) == seconds{40});
  for (const int tries : {8, 9, 1000, 2'000'000'000}) CHECK(delay_after(kSettings, tries, 0.0) == seconds{450});
  for (const int tries : {0, 1, 2, 5, 9}) {
    for (const double chance : {0.0, 0.3, 0.999}) {
      const auto delay = delay_after(kSettings, tries, chance);
      CHECK(delay >= seconds{5});
      CHECK(delay < seconds{900});
    }
  }
}

TEST_CASE("backoff: no try begins so near to the limit that it could come too late (OUT-06)", "[delivery]") {
  CHECK(may_try(kSettings, kNow, kNow + seconds{3}));
  CHECK_FALSE(may_try(kSettings, kNow, kNow + milliseconds{2'999}));
  CHECK_FALSE(may_try(kSettings, kNow, kNow - seconds{1}));
}

TEST_CASE("backoff: the next try is after the delay, else once at the last moment, else never (OUT-06)", "[delivery]") {
  const auto limit = kNow + seconds{60};
  CHECK(next_try(kSettings, kNow, limit, seconds{20}) == kNow + seconds{20});
  CHECK(next_try(kSettings, kNow, limit, seconds{57}) == kNow + seconds{57});
  CHECK(next_try(kSettings, kNow, limit, seconds{58}) == kNow + seconds{57});
  CHECK(next_try(kSettings, kNow, limit, seconds{9'000}) == kNow + seconds{57});
  // Half the first delay must lie before it: a try right after one that failed is not worth it.
  CHECK(next_try(kSettings, limit - seconds{8}, limit, seconds{20}) == limit - seconds{3});
  CHECK_FALSE(next_try(kSettings, limit - milliseconds{7'999}, limit, seconds{20}));
  CHECK_FALSE(next_try(kSettings, limit, limit, seconds{1}));
}
