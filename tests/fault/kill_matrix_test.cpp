// Kills a real gateway at every step of a task's way while others are on theirs, starts it again (and kills that start
// too, now and then), repeats every request, and joins what senders were told, what recipients hold, and what outbox
// and audit say (OUT-01 to OUT-05, AUD-02). What must hold is in ledgers.hpp.
//
// GW_FAULT_KILLS: how many kills (default: the short form). GW_FAULT_SEED: where the random numbers start. A failing
// kill names its seed: that seed with GW_FAULT_KILLS=1 makes the same kill.
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "app/commands.hpp"
#include "fault/fault_settings.hpp"
#include "fault/kill_books.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

/// A way of tasks through the world, and who dies on it. A new way of sending is one more of these.
struct Mode {
  const char* name;
  const char* victim;     ///< the process that is killed
  const char* gateway;    ///< whose outbox knows what senders were told
  const char* recipient;  ///< whose received log counts
  std::string (*base)(app::DemoWorld&);
  std::vector<std::string_view> points;  ///< where the victim is killed; "" is anywhere
};

constexpr std::string_view kAnywhere;

const std::vector<std::string_view> kPointsOfKeeping{
    "exchange.after_envelope",  "exchange.after_parse",    "exchange.after_validate",
    "mailbox.before_admit",     "outbox.before_begin",     "outbox.after_apply",
    "outbox.before_commit",     "outbox.after_commit",     "outbox.before_resume",
    "outbox.before_checkpoint", "outbox.after_checkpoint", "mailbox.after_admit",
    "exchange.before_answer",   "net.after_answer",        kAnywhere};
const std::vector<std::string_view> kPointsOfRelaying{"exchange.after_envelope", "exchange.after_parse",
                                                      "exchange.after_validate", "exchange.before_admit",
                                                      "outbox.before_begin",     "outbox.after_apply",
                                                      "outbox.before_commit",    "outbox.after_commit",
                                                      "outbox.before_resume",    "outbox.before_checkpoint",
                                                      "outbox.after_checkpoint", "exchange.after_admit",
                                                      "exchange.after_connect",  "exchange.after_sending",
                                                      "delivery.before_write",   "delivery.after_write",
                                                      "delivery.after_answer",   "exchange.before_conclude",
                                                      "exchange.after_conclude", "exchange.before_answer",
                                                      "net.after_answer",        kAnywhere};

const std::vector<Mode>& modes() {
  static const std::vector<Mode> all{
      {"mailbox", "hub", "hub", "hub", [](app::DemoWorld& world) { return world.party("hub").base(); },
       kPointsOfKeeping},
      {"the recipient dies", "practice-b", "proxy", "practice-b",
       [](app::DemoWorld& world) { return world.party("proxy").url() + "/B20003/DSTU2/1"; }, kPointsOfKeeping},
      {"sync", "proxy", "proxy", "practice-b",
       [](app::DemoWorld& world) { return world.party("proxy").url() + "/B20003/DSTU2/1"; }, kPointsOfRelaying},
      {"relayed", "proxy", "proxy", "practice-b",
       [](app::DemoWorld& world) { return world.party("proxy").url() + "/" + world.party("practice-b").base(); },
       kPointsOfRelaying}};
  return all;
}

struct Place {
  const Mode* mode;
  std::string_view point;
};

const std::vector<Place>& places() {
  static const auto all = [] {
    std::vector<Place> made;
    // Modes in turn, so that a few kills see each.
    for (std::size_t i = 0; i < kPointsOfRelaying.size(); ++i) {
      for (const auto& mode : modes()) {
        if (i < mode.points.size()) made.push_back({&mode, mode.points[i]});
      }
    }
    return made;
  }();
  return all;
}

/// Which of the times that a point is passed is the last one.
std::uint64_t nth_of(std::string_view point, std::mt19937_64& random) {
  // Some are passed once for each connection made, and those are kept; checkpoints are rare.
  const bool of_connections = point == "exchange.after_connect" || point == "exchange.after_sending";
  const bool rare = point.find("checkpoint") != std::string_view::npos;
  if (rare) return 1;
  return 1 + random() % (of_connections ? 2 : 7);
}

app::DemoClient::Request request_for(const Mode& mode) {
  auto& world = World::shared();
  const bool to_hub = std::string_view{mode.recipient} == "hub";
  const app::DemoClient::Task task{.from = "A20001",
                                   .to = to_hub ? "U20002" : "B20003",
                                   .patient = to_hub ? "1" : "3",
                                   .base = mode.base(world.demo())};
  return world.practice().request_of(task, world.now());
}

/// A request, and what its sender was told; 0: no answer came.
struct Sent {
  app::DemoClient::Request request;
  int first = 0;
};

int status_of(const Result<net::WireAnswer>& answer) {
  return answer && answer->complete ? answer->status : 0;
}

/// Senders that go on until the victim is dead. Kills it himself after some answers where no point is armed, or, if the
/// point is never passed, after very many.
std::vector<Sent> load_until_death(const Mode& mode, std::size_t kill_after) {
  constexpr int senders = 3;
  auto& world = World::shared();
  auto& victim = world.demo().process(mode.victim);
  const auto pid = victim.pid();
  std::atomic<bool> dead{false};
  std::mutex mutex;
  std::vector<Sent> sent;
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i) {
    threads.emplace_back([&] {
      while (!dead) {
        Sent one{request_for(mode)};
        one.first = status_of(world.send(one.request));
        const std::lock_guard lock{mutex};
        sent.push_back(std::move(one));
        if (sent.size() == kill_after && !dead) ::kill(pid, SIGKILL);
      }
    });
  }
  const int end = victim.wait();
  dead = true;
  for (auto& thread : threads) thread.join();
  CHECK(end == 128 + SIGKILL);
  return sent;
}

/// While the victim is dead, somebody's outgoing connection may have its port for a moment.
Status start(const char* victim, const std::vector<std::string>& environment = {}) {
  constexpr int patience = 50;
  auto started = World::shared().demo().start(victim, GW_BINARY, environment);
  for (int i = 0; i < patience && !started && started.error().detail.find("cannot listen") != std::string::npos; ++i) {
    started = World::shared().demo().start(victim, GW_BINARY, environment);
  }
  return started;
}

/// The victim is up again; sometimes only after it was killed in its recovery.
void bring_back(const Mode& mode, std::mt19937_64& random) {
  const auto dice = random() % 6;
  if (dice < 2) {
    const std::string point = dice == 0 ? "outbox.in_recovery" : "outbox.after_recovery_commit";
    CHECK_FALSE(start(mode.victim, {"GW_FAILPOINT=" + point}).has_value());
  }
  const auto started = start(mode.victim);
  if (!started) FAIL(started.error().detail);
}

/// Has the log emptied often, so that dying in that is as likely as elsewhere.
void make_checkpoints_frequent() {
  auto& demo = World::shared().demo();
  for (const auto& party : demo.parties()) {
    const auto file = demo.config(party);
    const auto text =
        replaced(contents_of(file), "[outbox]\n", "[outbox]\ncheckpoint_pages = 10\nkeys_in_memory = 16\n");
    std::ofstream{file} << text;
  }
}

/// One kill and what came of it. Gives the requests that were made.
std::vector<SendersLine> kill_once(const Place& place, std::uint64_t seed, KillBooks& books) {
  constexpr std::size_t point_is_never_passed = 500;
  std::mt19937_64 random{seed};
  const auto& mode = *place.mode;
  World::shared().demo().process(mode.victim).kill();
  std::vector<std::string> environment;
  std::size_t kill_after = 1 + random() % 10;
  if (place.point != kAnywhere) {
    environment = {"GW_FAILPOINT=" + std::string{place.point} + ":" + std::to_string(nth_of(place.point, random))};
    kill_after = point_is_never_passed;
  }
  INFO("GW_FAULT_SEED=" << seed << ": " << mode.name << ", " << (environment.empty() ? "anywhere" : environment[0]));
  const auto started = start(mode.victim, environment);
  if (!started) FAIL(started.error().detail);

  const auto sent = load_until_death(mode, kill_after);
  CHECK(sent.size() < point_is_never_passed);
  bring_back(mode, random);
  std::vector<SendersLine> lines;
  for (const auto& one : sent) {
    const auto again = status_of(World::shared().send(one.request));
    lines.push_back({trace_of(one.request), {one.first, again}, std::string_view{mode.recipient} == mode.gateway});
  }
  books.read(mode.gateway, mode.recipient);
  REQUIRE(wrongs_of(lines, books.books()) == std::vector<std::string>{});
  return lines;
}

}  // namespace

TEST_CASE("kill matrix: killed anywhere under load, nothing told is lost, doubled or untrue (OUT-01 to OUT-05)",
          "[fault][kill]") {
  const auto kills = count_from_environment("GW_FAULT_KILLS", places().size());
  const auto seed = seed_from_environment(20261121);
  make_checkpoints_frequent();
  auto& demo = World::shared().demo();
  KillBooks books{demo};
  std::vector<SendersLine> all;
  Progress progress{"kills", kills};
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    const auto own = seed + kill;
    auto lines = kill_once(places()[own % places().size()], own, books);
    std::move(lines.begin(), lines.end(), std::back_inserter(all));
    progress.reached(kill + 1);
  }
  // What was still on its way when its books were read has arrived by now.
  for (const auto& mode : modes()) books.read(mode.gateway, mode.recipient);
  CHECK(wrongs_of(all, books.books()) == std::vector<std::string>{});
  for (const auto& party : demo.parties()) {
    CHECK(app::run_audit_verify({.config = demo.config(party), .head = {}, .json = true}) == app::kExitDone);
  }
  WARN(kills << " kills from seed " << seed << ", " << all.size() << " requests; nothing lost, doubled or untrue");
}
