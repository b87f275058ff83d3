// How much a sender, and all of them together, may ask for.
#include <thread>

#include "exchange/budget.hpp"
#include "exchange/rate_limiter.hpp"
#include "exchange/send_bench.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;
using directory::RequestRate;

namespace {

const Asid kSender{std::string{kSenderAsid}};
constexpr RequestRate kTwoASecond{.per_second = 2, .burst = 3};

struct SetClock final : Clock {
  [[nodiscard]] Instant now() const override { return at; }
  Instant at = kNow;
};

/// "201 3 2 1": the status, then what X-Rate-Limit-Limit, -Remaining and -Reset say.
std::string limits_of(const Response& response) {
  std::string text = std::to_string(response.status);
  for (const auto* const name : {"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"})
    text += ' ' + std::string{header_value(response.headers, name)};
  return text;
}

/// One gateway for many requests, with a clock that can be set.
struct LimitBench : Bench {
  using Bench::Bench;
  Response send(Gateway& gateway, std::string_view trace, std::string_view order = kOrder) {
    auto head = relayed_request_to("/C33333/DSTU2/1/Order");
    set_header(head, "Ssp-TraceID", std::string{trace});
    WholeBody body{order};
    return run(gateway.handle(head, body));
  }
  Parts parts() { return Parts{set_clock, source, outbox, courier, settings}; }
  SetClock set_clock;
};

}  // namespace

TEST_CASE("rate: a burst is allowed at once, then what the seconds bring (SSP-07)", "[exchange]") {
  RateLimiter limiter;
  const auto first = limiter.take(kSender, kTwoASecond, kNow);
  CHECK(first.allowed);
  CHECK(first.limit == 3);
  CHECK(first.remaining == 2);
  CHECK(first.full_in == seconds{1});
  CHECK(limiter.take(kSender, kTwoASecond, kNow).remaining == 1);
  CHECK(limiter.take(kSender, kTwoASecond, kNow).remaining == 0);

  const auto refused = limiter.take(kSender, kTwoASecond, kNow);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.remaining == 0);
  CHECK(refused.full_in == seconds{2});
  CHECK(refused.retry_in == seconds{1});

  CHECK_FALSE(limiter.take(kSender, kTwoASecond, kNow + milliseconds{499}).allowed);
  CHECK(limiter.take(kSender, kTwoASecond, kNow + milliseconds{500}).allowed);
  CHECK_FALSE(limiter.take(kSender, kTwoASecond, kNow + milliseconds{500}).allowed);
  CHECK(limiter.take(kSender, kTwoASecond, kNow + seconds{60}).remaining == 2);
}

TEST_CASE("rate: what is waited for in Retry-After is enough, whatever the rate (SSP-07)", "[exchange]") {
  for (const auto& rate : {RequestRate{1, 1}, RequestRate{3, 1}, RequestRate{7, 2}, RequestRate{1'000'000, 1}}) {
    RateLimiter limiter;
    auto verdict = limiter.take(kSender, rate, kNow);
    while (verdict.allowed) verdict = limiter.take(kSender, rate, kNow);
    CHECK(verdict.retry_in >= seconds{1});
    CHECK(limiter.take(kSender, rate, kNow + verdict.retry_in).allowed);
  }
}

TEST_CASE("rate: one sender's requests cost another none (SSP-07)", "[exchange]") {
  RateLimiter limiter;
  while (limiter.take(kSender, kTwoASecond, kNow).allowed) continue;
  CHECK(limiter.take(Asid{std::string{kReaderAsid}}, kTwoASecond, kNow).remaining == 2);
}

TEST_CASE("rate: a clock that is set back locks nobody out for longer than a bucket takes to fill (SSP-07)",
          "[exchange]") {
  RateLimiter limiter;
  CHECK(limiter.take(kSender, kTwoASecond, kNow + std::chrono::hours{1}).allowed);
  const auto set_back = limiter.take(kSender, kTwoASecond, kNow);
  CHECK_FALSE(set_back.allowed);
  CHECK(set_back.full_in == seconds{2});
  CHECK(limiter.take(kSender, kTwoASecond, kNow + seconds{1}).allowed);
}

TEST_CASE("rate: senders that have rested are forgotten (OUT-09)", "[exchange]") {
  RateLimiter limiter;
  constexpr int senders = 100'000;
  for (int i = 0; i < senders; ++i) (void)limiter.take(Asid{std::to_string(i)}, kTwoASecond, kNow + seconds{i / 100});
  CHECK(limiter.size() < 3000);
}

TEST_CASE("rate: several threads together get the burst and no more (SSP-07)", "[exchange]") {
  RateLimiter limiter;
  constexpr RequestRate rate{.per_second = 1, .burst = 1000};
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) allowed += limiter.take(kSender, rate, kNow).allowed ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(allowed == 1000);
}

TEST_CASE("budget: what does not fit is refused, and what is given back fits again (OUT-09)", "[exchange]") {
  Budget budget{10};
  {
    const auto held = budget.take(7);
    REQUIRE(held.has_value());
    CHECK_FALSE(budget.take(4).has_value());
    CHECK(budget.take(3).has_value());
    CHECK(budget.used() == 7);
  }
  CHECK(budget.used() == 0);
  CHECK(budget.take(10).has_value());
  CHECK_FALSE(budget.take(11).has_value());
}

TEST_CASE("limits: every answer tells the sender's rate, and over it 429 before the body is read (SSP-07, SSP-11)",
          "[exchange]") {
  LimitBench bench;
  bench.settings.rate = {.per_second = 1, .burst = 2};
  Gateway gateway{bench.parts()};
  CHECK(limits_of(bench.send(gateway, "00000000-0000-4000-8000-000000000001")) == "201 2 1 1");
  CHECK(limits_of(bench.send(gateway, "00000000-0000-4000-8000-000000000002", "no task")) == "400 2 0 2");
  const auto sent = bench.courier.sent;
  const auto refused = bench.send(gateway, "00000000-0000-4000-8000-000000000003");
  CHECK(limits_of(refused) == "429 2 0 2");
  CHECK(header_value(refused.headers, "Retry-After") == "1");
  CHECK(says(refused.body, "TOO_MANY_REQUESTS"));
  CHECK(says(told(refused), "429 throttled the system with this Ssp-From"));
  CHECK(bench.courier.sent == sent);
  bench.set_clock.at += seconds{1};
  CHECK(limits_of(bench.send(gateway, "00000000-0000-4000-8000-000000000004", "no task")) == "400 2 0 2");
}

TEST_CASE("limits: a request whose sender is not proven takes nothing from the sender it names (SSP-07)",
          "[exchange]") {
  LimitBench bench;
  bench.settings.rate = {.per_second = 1, .burst = 2};
  Gateway gateway{bench.parts()};
  auto head = relayed_request_to("/C33333/DSTU2/1/Order");
  head.peer.fqdns = {"other.example.test"};
  for (int i = 0; i < 5; ++i) {
    WholeBody body{kOrder};
    CHECK(limits_of(bench.run(gateway.handle(head, body))) == "403   ");
  }
  CHECK(limits_of(bench.send(gateway, kTrace)) == "201 2 1 1");
}

TEST_CASE("limits: a rate of the sender's own counts before the one for all; without any, nothing is said (SSP-07)",
          "[exchange]") {
  const auto with = [](std::string_view rate) {
    return "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Rate Limit,Policy "
           "Reason\n"
           "A11111,200000000001,,Sender Surgery,north,,sender.example.test," +
           std::string{rate} +
           ",agreed\n"
           "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
           "provider.example.test,,\n";
  };
  for (const auto& [rate, expected] : std::vector<std::pair<std::string, std::string>>{
           {"", "201 400 399 1"}, {"5/9", "201 9 8 1"}, {"5", "201 5 4 1"}, {"off", "201   "}}) {
    LimitBench bench{with(rate)};
    Gateway gateway{bench.parts()};
    CHECK(limits_of(bench.send(gateway, kTrace)) == expected);
  }
}

TEST_CASE("limits: beyond the requests or the body bytes in flight it is 503 with Retry-After (SSP-07, OUT-09)",
          "[exchange]") {
  const auto refused_with = [](std::size_t requests, std::size_t body_bytes) {
    LimitBench bench;
    bench.settings.requests_in_flight = requests;
    bench.settings.body_bytes_in_flight = body_bytes;
    Gateway gateway{bench.parts()};
    const auto response = bench.send(gateway, kTrace);
    CHECK(header_value(response.headers, "Retry-After") == (response.status == 503 ? "5" : ""));
    return response.status;
  };
  CHECK(refused_with(1, kOrder.size()) == 201);
  CHECK(refused_with(0, kOrder.size()) == 503);
  CHECK(refused_with(1, kOrder.size() - 1) == 503);
}

TEST_CASE("limits: what a request held is free again when it is answered (OUT-09)", "[exchange]") {
  LimitBench bench;
  bench.settings.requests_in_flight = 1;
  bench.settings.body_bytes_in_flight = kOrder.size();
  Gateway gateway{bench.parts()};
  for (const auto* const trace : {"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"})
    CHECK(bench.send(gateway, trace).status == 201);
}
