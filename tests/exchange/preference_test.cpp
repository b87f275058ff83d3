// What a sender asks for with Prefer and TTL, and until when a task may then be on its way (OUT-06).
#include "exchange/preference.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "exchange/exchange_world.hpp"
#include "exchange/pending.hpp"
#include "exchange/time_limit.hpp"

using namespace gw;
using namespace gw::exchange;
using gw::exchange::test::kNow;

TEST_CASE("preference: respond-async asks for it, in any company and case; nothing else does (RFC 7240)",
          "[exchange]") {
  for (const auto* const value : {"respond-async", "Respond-Async", "return=minimal, respond-async",
                                  "respond-async; x=1", " respond-async , wait=3"}) {
    INFO(value);
    CHECK(async_wish({{"prefer", value}})->has_value());
  }
  for (const auto* const value : {"", "wait=5", "respond", "respond-asynchronously", "return=\"respond-async\""}) {
    INFO(value);
    CHECK_FALSE(async_wish({{"Prefer", value}})->has_value());
  }
  CHECK_FALSE(async_wish({})->has_value());
  CHECK_FALSE(async_wish({{"TTL", "60"}})->has_value());
  CHECK_FALSE(async_wish({{"TTL", "what"}})->has_value());  // not ours to judge
}

TEST_CASE("preference: wait and TTL are whole seconds; a TTL that is none is refused, a wait passed over",
          "[exchange]") {
  const auto wish = async_wish({{"Prefer", "respond-async, wait=\"12\""}, {"TTL", "90"}});
  REQUIRE(wish->has_value());
  CHECK((*wish)->wait == seconds{12});
  CHECK((*wish)->ttl == seconds{90});
  for (const auto* const ttl : {"", "1.5", "-1", "60s", "99999999999"}) {
    INFO(ttl);
    const auto refused = async_wish({{"Prefer", "respond-async"}, {"TTL", ttl}});
    REQUIRE_FALSE(refused.has_value());
    CHECK(test::verdict_on(refused) == "400 BAD_REQUEST value OUT-06");
  }
  CHECK(wait_wish({{"Prefer", "wait=soon"}}) == seconds{0});
  CHECK(wait_wish({{"Prefer", "wait=3, wait=9"}}) == seconds{3});
}

TEST_CASE("preference: what is said to the gateway alone goes no further, and all else does (SSP-06)", "[exchange]") {
  const auto kept = without_async_wish({{"A", "1"},
                                        {"Prefer", "respond-async, wait=3"},
                                        {"ttl", "60"},
                                        {"prefer", "return=minimal;x=\"1\", Respond-Async"},
                                        {"B", "2"}});
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].name == "A");
  CHECK(kept[1].name == "prefer");
  CHECK(kept[1].value == "return=minimal;x=\"1\"");
  CHECK(kept[2].name == "B");
}

TEST_CASE("time limit: the earliest of what the sender, the token, the day and the rules allow (OUT-06)",
          "[exchange]") {
  auto token = test::token_claims();
  token.expires_at = kNow + seconds{300};
  directory::Policy plain, registered;
  registered.deferred_limit = seconds{7200};
  const seconds day{24 * 3600};
  const auto is = [](const TimeLimit& limit, Instant at, std::string_view by) {
    INFO(limit.by);
    CHECK(limit.at == at);
    CHECK(limit.by.find(by) != std::string::npos);
  };
  is(time_limit({}, token, plain, day, kNow), kNow + seconds{300}, "audit token");
  is(time_limit({.ttl = seconds{60}}, token, plain, day, kNow), kNow + seconds{60}, "TTL");
  is(time_limit({.ttl = seconds{9'000}}, token, plain, day, kNow), kNow + seconds{300}, "audit token");
  is(time_limit({}, token, plain, seconds{30}, kNow), kNow + seconds{30}, "this gateway defers");
  is(time_limit({}, token, registered, day, kNow), kNow + seconds{7'200}, "registered for");
  is(time_limit({.ttl = seconds{9'000}}, token, registered, day, kNow), kNow + seconds{7'200}, "registered for");
  const auto late = london_midnight_after(kNow) - seconds{40};
  token.expires_at = late + seconds{300};
  is(time_limit({}, token, registered, day, late), late + seconds{40}, "day ends");
  is(time_limit({}, token, plain, day, late), late + seconds{40}, "day ends");
}

TEST_CASE("time limit: the day is that of Europe/London, also in summer (OUT-06, TASK-07)", "[exchange]") {
  const Instant summer{std::chrono::sys_days{std::chrono::year{2026} / 7 / 1} + std::chrono::hours{22} +
                       std::chrono::minutes{58}};
  auto token = test::token_claims(summer);
  token.expires_at = summer + seconds{300};
  const auto limit = time_limit({}, token, {}, seconds{24 * 3600}, summer);
  CHECK(limit.at == summer + std::chrono::minutes{2});  // 23:00 UTC is midnight there
}

TEST_CASE("pending: the answer begins with one of the four words, and tells what is tried until when (OUT-06, OPS-05)",
          "[exchange]") {
  outbox::StoredTask stored;
  stored.task.id = TaskId{1};
  stored.task.deferral =
      outbox::Deferral{.limit = kNow + seconds{300}, .limit_by = "the audit token ends", .due = kNow};
  stored.note = "the recipient's system could not be reached";
  const auto told = [&](outbox::State state, int attempts) {
    stored.state = state;
    stored.attempts = attempts;
    return pending(stored, "https://hub/x", seconds{7}, fhir::Format::kJson);
  };
  const auto queued = told(outbox::State::kQueued, 0);
  CHECK(queued.status == 202);
  CHECK(header_value(queued.headers, "Content-Location") == "https://hub/x");
  CHECK(header_value(queued.headers, "Retry-After") == "7");
  CHECK(queued.body.find("Queued: it is not delivered yet; the gateway tries until 2026-11-21T09:05:00.000Z, when the "
                         "audit token ends. The next try is due at 2026-11-21T09:00:00.000Z") != std::string::npos);
  CHECK(told(outbox::State::kRetryWait, 2)
            .body.find("2 tries failed; the last: the recipient's system could not be "
                       "reached.") != std::string::npos);
  CHECK(told(outbox::State::kSending, 1).body.find("Sent: it is on its way") != std::string::npos);
  CHECK(told(outbox::State::kInDoubt, 1).body.find("Sent: it may have been delivered") != std::string::npos);
}

TEST_CASE("pending: the place to ask keeps the form of the sender's URL (SSP-05)", "[exchange]") {
  CallerSettings settings;
  settings.public_url = "https://hub.example.test";
  Url url;
  url.base = "/C33333/DSTU2/1";
  CHECK(outcome_url(settings, url, TaskId{1}) ==
        "https://hub.example.test/C33333/DSTU2/1/Order/0000000000001/$gpc.gettaskoutcome");
  url.proxied = true;
  url.base = "https://provider.example.test/C33333/DSTU2/1";
  CHECK(outcome_url(settings, url, TaskId{1}) ==
        "https://hub.example.test/https://provider.example.test/C33333/DSTU2/1/Order/0000000000001/"
        "$gpc.gettaskoutcome");
}
