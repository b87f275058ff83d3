// Pools, limits, repeats and breaker of the courier, over scripted connections.
#include "delivery/courier.hpp"

#include <catch2/catch.hpp>

#include "delivery/keep_alive.hpp"
#include "delivery/scripted_dialer.hpp"

using namespace gw;
using namespace gw::test;
using delivery::Breaker;
using delivery::Courier;
using delivery::Delivery;
using delivery::Lease;
using delivery::Route;
using delivery::Settings;
using delivery::Verdict;

namespace {

const Route kRoute{.target = {.host = "gp.example.test", .port = 443, .connect_to = ""}, .base_path = "/A"};

Settings quick() {
  Settings settings;
  settings.connect_backoff = milliseconds{1};
  settings.breaker_failures = 0;
  return settings;
}

/// A courier over scripted connections, on two io threads.
struct World {
  explicit World(const Settings& settings) : runner(2), courier(Courier::make(runner.threads(), dialer, settings)) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    dialer.let_go();
    courier->stop();
    runner.threads().stop();
  }

  std::future<LeaseResult> start_connect(std::size_t thread, milliseconds time = seconds{15}) {
    return runner.start(thread, courier->connect(kRoute, in(time)));
  }
  LeaseResult connect(std::size_t thread = 0, milliseconds time = seconds{15}) {
    return Runner::finish(start_connect(thread, time));
  }
  Delivery send(LeaseResult lease, std::size_t thread = 0, milliseconds time = seconds{15}) {
    return runner.run(thread, send_and_drop(std::move(lease.value()), in(time)));
  }
  void give_back(LeaseResult lease, std::size_t thread = 0) { runner.run(thread, drop(std::move(lease.value()))); }
  std::unique_ptr<Lease> take(std::size_t thread) { return runner.run(thread, take_now(*courier, kRoute)); }
  delivery::RecipientHealth health() { return courier->health().at(0); }
  bool somebody_waits(std::size_t count = 1) {
    return eventually([&] { return health().waiting == count; });
  }

  ScriptedDialer dialer;
  Runner runner;
  std::unique_ptr<Courier> courier;
};

}  // namespace

TEST_CASE("courier: many tasks go over one kept connection", "[delivery]") {
  World world(quick());
  for (int i = 0; i < 50; ++i) CHECK(world.send(world.connect()).verdict == Verdict::kDelivered);
  CHECK(world.dialer.dials() == 1);
  CHECK(world.dialer.line(0)->exchanges == 50);
  CHECK(world.health().idle == 1);
  CHECK(world.health().open == 1);
}

TEST_CASE("courier: take gives an idle connection, and nothing where there is none", "[delivery]") {
  World world(quick());
  CHECK(world.take(0) == nullptr);
  world.send(world.connect());
  CHECK(world.take(1) == nullptr);
  auto lease = world.take(0);
  REQUIRE(lease != nullptr);
  CHECK(world.take(0) == nullptr);
  CHECK(world.send(std::move(lease)).verdict == Verdict::kDelivered);
  CHECK(world.dialer.dials() == 1);
}

TEST_CASE("courier: a lease that was not used gives its connection back", "[delivery]") {
  World world(quick());
  world.give_back(world.connect());
  CHECK(world.health().idle == 1);
  world.give_back(world.connect());
  CHECK(world.dialer.dials() == 1);
}

TEST_CASE("courier: a kept connection that was taken and not used is kept no longer than before", "[delivery]") {
  auto settings = quick();
  settings.idle = milliseconds{300};
  World world(settings);
  world.send(world.connect());
  const auto until = in(settings.idle);
  // Taken and given back again and again, each time before it is too old.
  while (std::chrono::steady_clock::now() < until) world.give_back(world.connect());
  world.give_back(world.connect());
  CHECK(world.dialer.dials() >= 2);
}

TEST_CASE("courier: the connection that was used last is used first", "[delivery]") {
  World world(quick());
  auto first = world.connect();
  auto second = world.connect();
  world.give_back(std::move(first));
  world.give_back(std::move(second));
  world.send(world.connect());
  CHECK(world.dialer.line(0)->exchanges == 0);
  CHECK(world.dialer.line(1)->exchanges == 1);
}

TEST_CASE("courier: a kept connection that the recipient closed is not handed out", "[delivery]") {
  World world(quick());
  world.send(world.connect());
  world.dialer.line(0)->peer_closed = true;
  CHECK(world.send(world.connect()).verdict == Verdict::kDelivered);
  CHECK(world.dialer.dials() == 2);
  CHECK(world.dialer.line(0)->exchanges == 1);
  CHECK(world.dialer.live() == 1);
}

TEST_CASE("courier: a kept connection that closes after it was handed out is replaced before anything is sent",
          "[delivery]") {
  World world(quick());
  world.send(world.connect());
  auto lease = world.connect();
  world.dialer.line(0)->peer_closed = true;
  CHECK(world.send(std::move(lease)).verdict == Verdict::kDelivered);
  CHECK(world.dialer.dials() == 2);
  CHECK(world.dialer.line(0)->exchanges == 1);
  CHECK(world.dialer.line(1)->exchanges == 1);
}

TEST_CASE("courier: a kept connection that took no byte of the request is replaced once (SSP-08)", "[delivery]") {
  World world(quick());
  world.send(world.connect());
  world.dialer.line(0)->result = broken_at(net::Progress::kNothingSent);
  world.dialer.answer_with(broken_at(net::Progress::kNothingSent));
  const auto delivery = world.send(world.connect());
  CHECK(delivery.verdict == Verdict::kFailed);
  CHECK(delivery.status == 502);
  CHECK(world.dialer.dials() == 2);
}

TEST_CASE("courier: nothing is repeated once a byte of the request was sent (OUT-04)", "[delivery]") {
  World world(quick());
  world.send(world.connect());
  const auto progress = GENERATE(net::Progress::kPartlySent, net::Progress::kAllSent);
  world.dialer.line(0)->result = broken_at(progress);
  const auto delivery = world.send(world.connect());
  CHECK(delivery.verdict == (progress == net::Progress::kAllSent ? Verdict::kInDoubt : Verdict::kFailed));
  CHECK(world.dialer.dials() == 1);
  CHECK(world.dialer.live() == 0);
  CHECK(world.health().open == 0);
}

TEST_CASE("courier: a connection is not kept after an answer that broke off", "[delivery]") {
  World world(quick());
  world.dialer.answer_with(answered_with(201, {}, false));
  CHECK(world.send(world.connect()).verdict == Verdict::kDelivered);
  CHECK(world.dialer.live() == 0);
  CHECK(world.health().open == 0);
}

TEST_CASE("courier: a connection outlives neither the idle limit nor the recipient's own", "[delivery]") {
  auto settings = quick();
  const bool theirs = GENERATE(false, true);
  if (!theirs) settings.idle = milliseconds{20};
  World world(settings);
  if (theirs) world.dialer.answer_with(answered_with(201, {{"Keep-Alive", "timeout=1"}}));
  world.send(world.connect());
  CHECK(eventually([&] { return world.dialer.live() == 0; }));
  CHECK(eventually([&] { return world.health().open == 0; }));
  CHECK(world.take(0) == nullptr);
}

TEST_CASE("courier: the recipient's Keep-Alive counts except for its last second", "[delivery]") {
  const auto usable = [](const char* value) { return delivery::usable_for({{"keep-alive", value}}, seconds{4}); };
  CHECK(delivery::usable_for({}, seconds{4}) == seconds{4});
  CHECK(usable("timeout=3") == seconds{2});
  CHECK(usable("max=100, Timeout = 2 ") == seconds{1});
  CHECK(usable("timeout=60") == seconds{4});
  CHECK(usable("timeout=1, max=5") == seconds{0});
  CHECK(usable("timeout=0") == seconds{0});
  CHECK(usable("max=100") == seconds{4});
  CHECK(usable("timeout=") == seconds{4});
  CHECK(usable("timeout=-1") == seconds{4});
  CHECK(usable("timeout=3x") == seconds{4});
  CHECK(usable("timeout=99999999999999999999") == seconds{4});
  CHECK(usable(",,=,timeout") == seconds{4});
}

TEST_CASE("courier: beyond the limit a request waits, and gets the connection that comes back (OUT-09)", "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 1;
  World world(settings);
  auto held = world.connect();
  auto waiting = world.start_connect(0);
  REQUIRE(world.somebody_waits());
  world.give_back(std::move(held));
  auto got = Runner::finish(std::move(waiting));
  REQUIRE(got.has_value());
  CHECK(world.dialer.dials() == 1);
  world.give_back(std::move(got));
}

TEST_CASE("courier: those who wait are served in the order they came", "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 1;
  World world(settings);
  auto held = world.connect();
  auto first = world.start_connect(0);
  REQUIRE(world.somebody_waits(1));
  auto second = world.start_connect(0);
  REQUIRE(world.somebody_waits(2));
  world.give_back(std::move(held));
  auto got = Runner::finish(std::move(first));
  CHECK(second.wait_for(seconds{0}) == std::future_status::timeout);
  world.give_back(std::move(got));
  world.give_back(Runner::finish(std::move(second)));
}

TEST_CASE("courier: a connection that ends instead of coming back makes room for a new one", "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 1;
  World world(settings);
  auto held = world.connect();
  const std::size_t thread = GENERATE(0U, 1U);
  auto waiting = world.start_connect(thread);
  REQUIRE(world.somebody_waits());
  world.dialer.line(0)->result = broken_at(net::Progress::kAllSent);
  world.send(std::move(held));
  auto got = Runner::finish(std::move(waiting));
  REQUIRE(got.has_value());
  CHECK(world.dialer.dials() == 2);
  CHECK(world.dialer.most_live() == 1);
  world.give_back(std::move(got), thread);
}

TEST_CASE("courier: an idle connection of one thread makes room for a request of another", "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 1;
  settings.idle = seconds{60};
  World world(settings);
  world.send(world.connect(0), 0);
  REQUIRE(world.health().idle == 1);
  CHECK(world.send(world.connect(1), 1).verdict == Verdict::kDelivered);
  CHECK(world.dialer.dials() == 2);
  CHECK(world.dialer.most_live() == 1);
}

TEST_CASE("courier: only so many connect at a time; others wait for a connection that comes back, or are next (OUT-09)",
          "[delivery]") {
  auto settings = quick();
  settings.connects_per_recipient = 2;
  World world(settings);
  world.dialer.hold();
  const auto are_connecting = [&](std::size_t count) {
    return eventually([&] { return world.dialer.held() == count && world.health().connecting == count; });
  };
  auto first = world.start_connect(0);
  REQUIRE(are_connecting(1));
  auto second = world.start_connect(0);
  REQUIRE(are_connecting(2));
  auto third = world.start_connect(0);
  REQUIRE(world.somebody_waits(1));
  auto fourth = world.start_connect(0);
  REQUIRE(world.somebody_waits(2));
  CHECK(world.dialer.dials() == 2);
  SECTION("one has connected, so the next begins; one comes back, and is taken") {
    world.dialer.end_one();
    auto got = Runner::finish(std::move(first));
    REQUIRE(are_connecting(2));
    REQUIRE(world.somebody_waits(1));
    world.give_back(std::move(got));
    world.give_back(Runner::finish(std::move(fourth)));
    CHECK(world.dialer.dials() == 3);
    world.dialer.let_go();
    world.give_back(Runner::finish(std::move(second)));
    world.give_back(Runner::finish(std::move(third)));
  }
  SECTION("one fails, so the next begins") {
    world.dialer.fail_next(fault(FaultKind::kTls, "refused"));
    world.dialer.end_one();
    CHECK_FALSE(Runner::finish(std::move(first)).has_value());
    REQUIRE(are_connecting(2));
    CHECK(world.dialer.dials() == 3);
    world.dialer.let_go();
    world.give_back(Runner::finish(std::move(second)));
    world.give_back(Runner::finish(std::move(third)));
    world.give_back(Runner::finish(std::move(fourth)));
  }
  CHECK(world.health().connecting == 0);
}

TEST_CASE(
    "courier: a busy thread takes no handshake from a thread that has its share, and gives way to one that has none",
    "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = GENERATE(2U, 1U);
  const bool shared = settings.connections_per_recipient == 2;
  CAPTURE(shared);
  World world(settings);
  auto busy = world.connect(0);
  std::optional<LeaseResult> own;
  if (shared) own = world.connect(1);
  auto waiting = world.start_connect(1);
  REQUIRE(world.somebody_waits());
  const auto is_served = [&] { return waiting.wait_for(seconds{0}) == std::future_status::ready; };
  constexpr int turns = 60;
  for (int turn = 0; turn < turns; ++turn) {
    auto next = world.start_connect(0);
    REQUIRE(world.somebody_waits(2));
    world.give_back(std::move(busy));
    REQUIRE(eventually([&] { return is_served() || next.wait_for(seconds{0}) == std::future_status::ready; }));
    if (is_served()) world.give_back(Runner::finish(std::move(waiting)), 1);
    busy = Runner::finish(std::move(next));
    if (!waiting.valid()) break;
  }
  CHECK(waiting.valid() == shared);
  if (shared) {
    CHECK(world.dialer.dials() == 2);
    world.give_back(std::move(*own), 1);
    world.give_back(Runner::finish(std::move(waiting)), 1);
  }
  world.give_back(std::move(busy));
}

TEST_CASE("courier: who waits while others connect costs no thread its idle connection", "[delivery]") {
  auto settings = quick();
  settings.connects_per_recipient = 1;
  World world(settings);
  world.give_back(world.connect(0), 0);
  world.dialer.hold();
  auto connecting = world.start_connect(1);
  REQUIRE(eventually([&] { return world.dialer.held() == 1; }));
  auto waiting = world.start_connect(1);
  REQUIRE(world.somebody_waits());
  world.give_back(world.connect(0), 0);
  CHECK(world.health().idle == 1);
  CHECK(world.dialer.dials() == 2);
  world.dialer.let_go();
  world.give_back(Runner::finish(std::move(connecting)), 1);
  world.give_back(Runner::finish(std::move(waiting)), 1);
}

TEST_CASE("courier: a full queue refuses at once with overloaded (OUT-09)", "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 1;
  settings.waiting_per_recipient = 1;
  World world(settings);
  auto held = world.connect();
  auto waiting = world.start_connect(1);
  REQUIRE(world.somebody_waits());
  const auto refused = world.connect();
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == FaultKind::kOverloaded);
  world.give_back(std::move(held));
  world.give_back(Runner::finish(std::move(waiting)), 1);
}

TEST_CASE("courier: who waits in vain is told so at the deadline, and leaves the queue", "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 1;
  World world(settings);
  auto held = world.connect();
  const auto late = world.connect(0, milliseconds{20});
  REQUIRE(late.has_error());
  CHECK(late.error().kind == FaultKind::kOverloaded);
  CHECK(world.health().waiting == 0);
  world.give_back(std::move(held));
}

TEST_CASE("courier: failed attempts to connect are repeated up to the limit (SSP-08)", "[delivery]") {
  World world(quick());
  const auto kind = GENERATE(FaultKind::kUnreachable, FaultKind::kReset, FaultKind::kTimeout, FaultKind::kClosed);
  for (int i = 0; i < 2; ++i) world.dialer.fail_next(fault(kind, "no"));
  auto got = world.connect();
  REQUIRE(got.has_value());
  CHECK(world.dialer.dials() == 3);
  world.give_back(std::move(got));
}

TEST_CASE("courier: the last attempt's fault is told, and the slot is free again", "[delivery]") {
  World world(quick());
  world.dialer.fail_always(fault(FaultKind::kUnreachable, "connection refused"));
  const auto got = world.connect();
  REQUIRE(got.has_error());
  CHECK(got.error().kind == FaultKind::kUnreachable);
  CHECK(got.error().detail == "connection refused");
  CHECK(world.dialer.dials() == 3);
  CHECK(world.health().open == 0);
  CHECK(world.health().failures == 3);
  CHECK(world.health().last_fault == "connection refused");
  CHECK(world.health().since_failure.has_value());
  CHECK_FALSE(world.health().since_success.has_value());
}

TEST_CASE("courier: a certificate that is refused once is not tried again", "[delivery]") {
  World world(quick());
  world.dialer.fail_next(fault(FaultKind::kTls, "certificate has expired"));
  const auto got = world.connect();
  REQUIRE(got.has_error());
  CHECK(got.error().kind == FaultKind::kTls);
  CHECK(world.dialer.dials() == 1);
}

TEST_CASE("courier: attempts to connect stay inside the deadline", "[delivery]") {
  auto settings = quick();
  settings.connect_backoff = seconds{30};
  World world(settings);
  world.dialer.fail_always(fault(FaultKind::kUnreachable, "connection refused"));
  CHECK(world.connect(0, milliseconds{500}).has_error());
  CHECK(world.dialer.dials() == 1);
  CHECK(world.dialer.last_timeouts().connect + world.dialer.last_timeouts().tls <= milliseconds{500});
  CHECK(world.dialer.last_timeouts().connect > milliseconds{0});
  const auto late = world.connect(0, milliseconds{0});
  REQUIRE(late.has_error());
  CHECK(late.error().kind == FaultKind::kTimeout);
  CHECK(world.dialer.dials() == 1);
}

TEST_CASE("courier: a recipient that cannot be reached is left alone, and found again by one probe (OUT-09)",
          "[delivery]") {
  auto settings = quick();
  settings.connect_attempts = 1;
  settings.breaker_failures = 3;
  settings.breaker_cooldown = milliseconds{100};
  World world(settings);
  world.dialer.fail_always(fault(FaultKind::kUnreachable, "connection refused"));
  while (world.dialer.dials() < 3) CHECK(world.connect().has_error());
  const auto refused = world.connect();
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == FaultKind::kUnreachable);
  CHECK_THAT(refused.error().detail, Catch::Contains("connection refused") && Catch::Contains("next try in"));
  CHECK(world.dialer.dials() == 3);
  CHECK(world.health().breaker == Breaker::State::kOpen);

  CHECK(eventually([&] {
    CHECK(world.connect().has_error());
    return world.dialer.dials() == 4;
  }));
  CHECK(world.health().breaker == Breaker::State::kOpen);

  world.dialer.work_again();
  CHECK(eventually([&] {
    auto got = world.connect();
    if (!got) return false;
    world.give_back(std::move(got));
    return true;
  }));
  CHECK(world.dialer.dials() == 5);
  CHECK(world.health().breaker == Breaker::State::kClosed);
  CHECK(world.health().failures == 0);
}

TEST_CASE("courier: an open breaker does not keep tasks off a connection that lives", "[delivery]") {
  auto settings = quick();
  settings.connect_attempts = 1;
  settings.breaker_failures = 1;
  settings.breaker_cooldown = seconds{60};
  settings.idle = seconds{60};
  World world(settings);
  auto kept = world.connect();
  world.dialer.fail_always(fault(FaultKind::kUnreachable, "connection refused"));
  CHECK(world.connect().has_error());
  REQUIRE(world.health().breaker == Breaker::State::kOpen);
  world.give_back(std::move(kept));
  CHECK(world.send(world.connect()).verdict == Verdict::kDelivered);
}

TEST_CASE("courier: a recipient that hangs is cut off at the deadline, in doubt (OUT-04)", "[delivery]") {
  World world(quick());
  world.dialer.hang();
  const auto delivery = world.send(world.connect(), 0, milliseconds{50});
  CHECK(delivery.verdict == Verdict::kInDoubt);
  CHECK(delivery.status == 504);
  CHECK_THAT(delivery.diagnostics, Catch::Contains("did not answer in time"));
  CHECK(world.dialer.live() == 0);
}

TEST_CASE("courier: nothing is sent after the deadline", "[delivery]") {
  World world(quick());
  const auto delivery = world.send(world.connect(), 0, milliseconds{0});
  CHECK(delivery.verdict == Verdict::kFailed);
  CHECK(delivery.status == 504);
  CHECK(world.dialer.line(0)->exchanges == 0);
}

TEST_CASE("courier: stop closes idle connections, turns away who waits, and refuses what comes later (OUT-10)",
          "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 2;
  settings.idle = seconds{60};
  World world(settings);
  auto held = world.connect();
  world.give_back(world.connect());
  CHECK(world.dialer.live() == 2);
  auto also_held = world.connect(0);
  auto waiting = world.start_connect(1);
  REQUIRE(world.somebody_waits());
  world.courier->stop();
  const auto turned_away = Runner::finish(std::move(waiting));
  REQUIRE(turned_away.has_error());
  CHECK(turned_away.error().kind == FaultKind::kClosed);
  const auto later = world.connect();
  REQUIRE(later.has_error());
  CHECK(later.error().kind == FaultKind::kClosed);
  CHECK(world.take(0) == nullptr);
  CHECK(world.send(std::move(held)).verdict == Verdict::kDelivered);
  world.give_back(std::move(also_held));
  CHECK(world.dialer.live() == 0);
}

TEST_CASE("courier: stop lets a long idle limit keep no thread", "[delivery]") {
  auto settings = quick();
  settings.idle = std::chrono::hours{1};
  World world(settings);
  world.send(world.connect());
  world.courier->stop();
  world.runner.threads().stop();
  CHECK(world.dialer.live() == 0);
}

TEST_CASE("courier: outside the io threads there is no connection to be had", "[delivery]") {
  World world(quick());
  CHECK(world.courier->take(kRoute) == nullptr);
}

namespace {

asio::awaitable<bool> keep_sending(Courier& courier, int count) {
  bool all = true;
  for (int i = 0; i < count; ++i) {
    auto lease = co_await courier.connect(kRoute, in(seconds{15}));
    if (!lease) co_return false;
    const auto delivery = co_await send_and_drop(std::move(*lease), in(seconds{15}));
    all = all && delivery.verdict == Verdict::kDelivered;
  }
  co_return all;
}

}  // namespace

TEST_CASE("courier: many requests on all threads share few connections, none is left behind (OUT-09)", "[delivery]") {
  auto settings = quick();
  settings.connections_per_recipient = 3;
  settings.connects_per_recipient = GENERATE(1U, 2U, 16U);
  CAPTURE(settings.connects_per_recipient);
  World world(settings);
  std::vector<std::future<bool>> running;
  for (std::size_t i = 0; i < 40; ++i) running.push_back(world.runner.start(i % 2, keep_sending(*world.courier, 50)));
  for (auto& one : running) CHECK(Runner::finish(std::move(one)));
  CHECK(world.dialer.most_live() <= 3);
  CHECK(world.dialer.most_connecting() <= static_cast<int>(settings.connects_per_recipient));
  const auto health = world.health();
  CHECK(health.waiting == 0);
  CHECK(health.connecting == 0);
  CHECK(health.open == health.idle);
  CHECK(health.open <= 3);
}
