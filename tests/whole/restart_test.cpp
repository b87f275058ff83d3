// Killed with SIGKILL at each step of a task's way and started again: nothing answered is lost, nothing is there twice,
// nothing untrue is told (OUT-05, RELIABILITY's crash points).
#include <catch2/catch.hpp>
#include <csignal>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "base/failpoint.hpp"
#include "outbox/view.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

struct Crash {
  Way way;
  std::string_view gateway;    ///< the process that dies
  std::string_view recipient;  ///< the party whose received log counts
};

constexpr Crash kMailboxCrash{Way::kMailbox, "hub", "hub"};
constexpr Crash kRelayCrash{Way::kRelay, "proxy", "practice-b"};

/// The gateway dies at the failpoint while it handles the task, then comes back; the sender repeats its request.
void crash_at(const Crash& crash, std::string_view failpoint_name) {
  auto& world = World::shared();
  world.restart(crash.gateway, {"GW_FAILPOINT=" + std::string{failpoint_name}});
  const auto request = world.request(crash.way);
  const auto told = world.send(request);
  CHECK(world.demo().process(crash.gateway).wait() == 128 + SIGKILL);
  const auto arrived_before_restart = world.received(crash.recipient, trace_of(request));
  world.restart(crash.gateway);

  const auto repeated = world.send(request);
  REQUIRE(repeated.has_value());
  const auto arrived = world.received(crash.recipient, trace_of(request));
  CAPTURE(arrived_before_restart, arrived, repeated->status, repeated->body);
  CHECK(arrived <= 1);
  if (told && told->status == 201) CHECK(arrived == 1);
  if (repeated->status == 201) {
    CHECK(arrived == 1);
  } else {
    // In doubt is the only other honest answer; a definite failure may be told only if nothing is there.
    CHECK((repeated->status == 504 || arrived == 0));
  }
  if (crash.way == Way::kMailbox) CHECK(repeated->status == 201);
}

}  // namespace

TEST_CASE("restart: killed at each step of a mailbox task (OUT-05)", "[whole]") {
  for (const std::string_view name :
       {"exchange.after_envelope", "exchange.after_parse", "exchange.after_validate", "mailbox.before_admit",
        "outbox.before_begin", "outbox.after_apply", "outbox.before_commit", "outbox.after_commit",
        "outbox.before_resume", "mailbox.after_admit", "exchange.before_answer", "net.after_answer"}) {
    DYNAMIC_SECTION(name) {
      crash_at(kMailboxCrash, name);
    }
  }
}

TEST_CASE("restart: killed at each step of a relayed task (OUT-05)", "[whole]") {
  for (const std::string_view name :
       {"exchange.after_envelope", "exchange.after_validate", "exchange.before_admit", "outbox.before_commit",
        "exchange.after_admit", "exchange.after_connect", "exchange.after_sending", "delivery.before_write",
        "delivery.after_write", "delivery.after_answer", "exchange.before_conclude", "exchange.after_conclude",
        "exchange.before_answer", "net.after_answer"}) {
    DYNAMIC_SECTION(name) {
      crash_at(kRelayCrash, name);
    }
  }
}

TEST_CASE(
    "restart: an operator resolves what a crash left in doubt while the gateway runs, and repeats are told (OUT-04)",
    "[whole]") {
  const auto [failpoint_name, as] = GENERATE(table<std::string, std::string>(
      {{"delivery.after_answer", "delivered"}, {"delivery.before_write", "not-delivered"}}));
  CAPTURE(failpoint_name, as);
  auto& world = World::shared();
  world.restart("proxy", {"GW_FAILPOINT=" + failpoint_name});
  const auto request = world.request(Way::kRelay);
  const auto told = world.send(request);
  CHECK_FALSE(told.has_value());
  CHECK(world.demo().process("proxy").wait() == 128 + SIGKILL);
  world.restart("proxy");
  CHECK(world.send(request)->status == 504);

  const auto config = world.demo().config(world.demo().party("proxy"));
  app::ConfigMistakes mistakes;
  const auto view = outbox::View::open(app::load_config(config, mistakes).outbox.path);
  REQUIRE(view.has_value());
  const auto doubtful = (*view)->search({.state = outbox::State::kInDoubt, .newest_first = true, .count = 1});
  REQUIRE(doubtful->tasks.size() == 1);
  CHECK(doubtful->tasks.front().task.trace.text() == trace_of(request));
  const auto id = to_text(doubtful->tasks.front().task.id);
  app::OutboxResolveOptions options{
      .config = config, .id = id, .as = as, .reason = "the practice was rung", .json = true};
  CHECK(app::run_outbox_resolve(options) == app::kExitDone);
  CHECK(app::run_outbox_resolve(options) == app::kExitRefused);

  // Told as delivered; or, since nobody was told that it failed, delivered now.
  const auto repeated = world.send(request);
  REQUIRE(repeated.has_value());
  CAPTURE(repeated->body);
  CHECK(repeated->status == 201);
  CHECK(world.received("practice-b", trace_of(request)) == 1);
}

TEST_CASE("restart: an orderly stop loses nothing, and what was answered is answered again (OUT-10)", "[whole]") {
  auto& world = World::shared();
  const auto request = world.request(Way::kMailbox);
  const auto first = world.send(request);
  REQUIRE(first.has_value());
  world.restart("hub");
  const auto second = world.send(request);
  REQUIRE(second.has_value());
  CHECK(second->status == first->status);
  CHECK(second->body == first->body);
  CHECK(world.received("hub", trace_of(request)) == 1);
}
