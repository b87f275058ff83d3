// Kills a real gateway at every step of a task's way while others are on theirs, starts it again, repeats every
// request, and holds what senders were told against what recipients hold (OUT-01 to OUT-05).
//
// GW_FAULT_KILLS: how many kills (default: the short form). GW_FAULT_SEED: where the random numbers start.
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "fault/fault_settings.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

struct Victim {
  Way way;
  std::string_view gateway;    ///< the process that dies
  std::string_view recipient;  ///< the party whose received log counts
  std::vector<std::string_view> points;
};

const std::vector<Victim>& victims() {
  static const std::vector<Victim> all{
      {Way::kMailbox,
       "hub",
       "hub",
       {"exchange.after_envelope", "exchange.after_parse", "exchange.after_validate", "mailbox.before_admit",
        "outbox.before_begin", "outbox.after_apply", "outbox.before_commit", "outbox.after_commit",
        "outbox.before_resume", "outbox.before_checkpoint", "outbox.after_checkpoint", "mailbox.after_admit",
        "exchange.before_answer", "net.after_answer"}},
      {Way::kRelay,
       "proxy",
       "practice-b",
       {"exchange.after_envelope", "exchange.after_parse",     "exchange.after_validate", "exchange.before_admit",
        "outbox.before_begin",     "outbox.after_apply",       "outbox.before_commit",    "outbox.after_commit",
        "outbox.before_resume",    "outbox.before_checkpoint", "outbox.after_checkpoint", "exchange.after_admit",
        "exchange.after_connect",  "exchange.after_sending",   "delivery.before_write",   "delivery.after_write",
        "delivery.after_answer",   "exchange.before_conclude", "exchange.after_conclude", "exchange.before_answer",
        "net.after_answer"}}};
  return all;
}

/// A request, and the statuses its sender was told; 0: no answer came.
struct Sent {
  app::DemoClient::Request request;
  int first = 0;
  int again = 0;
};

int status_of(const Result<net::WireAnswer>& answer) {
  return answer && answer->complete ? answer->status : 0;
}

/// Senders that go on until the gateway is dead. Gives what they sent.
std::vector<Sent> load_until_death(const Victim& victim) {
  constexpr int senders = 3;
  auto& world = World::shared();
  std::atomic<bool> dead{false};
  std::mutex mutex;
  std::vector<Sent> sent;
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i) {
    threads.emplace_back([&] {
      while (!dead) {
        Sent one{world.request(victim.way)};
        one.first = status_of(world.send(one.request));
        const std::lock_guard lock{mutex};
        sent.push_back(std::move(one));
      }
    });
  }
  const int end = world.demo().process(victim.gateway).wait();
  dead = true;
  for (auto& thread : threads) thread.join();
  CHECK(end == 128 + SIGKILL);
  return sent;
}

bool is_definite_failure(int status) {
  return status != 0 && status != 201 && status != 504 && status != 500;
}

void check(const Victim& victim, const Sent& sent) {
  const auto arrived = World::shared().received(victim.recipient, trace_of(sent.request));
  CAPTURE(trace_of(sent.request), sent.first, sent.again, arrived);
  CHECK(arrived <= 1);
  if (sent.first == 201 || sent.again == 201) CHECK(arrived == 1);
  if (is_definite_failure(sent.again)) CHECK(arrived == 0);
  if (sent.first == 201) CHECK(sent.again == 201);
  if (is_definite_failure(sent.first)) CHECK_FALSE(sent.again == 201);
  // What is kept here is known at once; of what was relayed, that it may be in doubt.
  if (victim.way == Way::kMailbox) CHECK(sent.again == 201);
}

}  // namespace

TEST_CASE("kill matrix: killed anywhere under load, nothing told is lost, doubled or untrue (OUT-01 to OUT-05)",
          "[fault][kill]") {
  const auto kills = count_from_environment("GW_FAULT_KILLS", 4);
  const auto seed = seed_from_environment(20261121);
  std::mt19937_64 random{seed};
  auto& world = World::shared();
  std::size_t requests = 0;
  std::size_t point = random();
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    const auto& victim = victims()[kill % victims().size()];
    const auto name = victim.points[point++ / victims().size() % victim.points.size()];
    // Checkpoints are rare: the first one will do.
    const auto nth = name.find("checkpoint") != std::string_view::npos ? 1 : 1 + random() % 7;
    const auto spec = std::string{name} + ":" + std::to_string(nth);
    INFO("GW_FAULT_SEED=" << seed << " kill " << kill << " at " << spec << " of " << victim.gateway);
    world.restart(victim.gateway, {"GW_FAILPOINT=" + spec});
    auto sent = load_until_death(victim);
    world.restart(victim.gateway);
    for (auto& one : sent) {
      one.again = status_of(world.send(one.request));
      check(victim, one);
    }
    requests += sent.size();
  }
  WARN(kills << " kills from seed " << seed << ", " << requests << " requests; nothing lost, doubled or untrue");
}
