// The kill matrix's deferred mode: a gateway that takes tasks for deferred delivery dies at every step of it, while its
// recipient is up or down, and comes back. Every task that a sender was told 202 of comes to an end that the sender
// learns, and the recipient has it at most once (OUT-05, OUT-06; crash points 13 to 15).
//
// GW_FAULT_KILLS: how many kills (default: the short form). GW_FAULT_SEED: where the random numbers start.
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "fault/fault_settings.hpp"
#include "spine/interaction.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

constexpr std::string_view kGateway = "proxy";
constexpr std::string_view kRecipient = "practice-b";

struct Point {
  std::string_view name;
  bool while_down = false;  ///< it is passed only when a try fails
};

const std::vector<Point>& points() {
  static const std::vector<Point> all{
      {"exchange.after_validate"},      {"exchange.before_admit"},          {"outbox.before_begin"},
      {"outbox.after_apply"},           {"outbox.before_commit"},           {"outbox.after_commit"},
      {"outbox.before_resume"},         {"deferred.after_admit"},           {"deferred.before_turn"},
      {"deferred.after_connect"},       {"deferred.after_sending"},         {"delivery.before_write"},
      {"delivery.after_write"},         {"delivery.after_answer"},          {"deferred.before_conclude"},
      {"deferred.after_conclude"},      {"exchange.before_answer"},         {"net.after_answer"},
      {"deferred.before_turn", true},   {"deferred.before_conclude", true}, {"deferred.after_conclude", true},
      {"deferred.before_expire", true},
  };
  return all;
}

/// A request, what its sender was told first, and where to ask.
struct Sent {
  app::DemoClient::Request request;
  int first = 0;  ///< 0: no answer came
  std::string place;
};

Sent send_deferred(std::string_view ttl) {
  auto& world = World::shared();
  Sent sent{.request = world.request(Way::kRelay), .first = 0, .place = {}};
  sent.request.headers.push_back({"Prefer", "respond-async"});
  sent.request.headers.push_back({"TTL", std::string{ttl}});
  const auto answer = world.send(sent.request);
  if (answer && answer->complete) {
    sent.first = answer->status;
    sent.place = header_value(answer->headers, "Content-Location");
  }
  return sent;
}

/// The final answer of a poll; nothing while it is pending.
std::optional<net::WireAnswer> poll(const std::string& place) {
  auto& world = World::shared();
  const auto base = world.task(Way::kRelay).base;
  REQUIRE(place.starts_with(base));
  auto request = world.practice().read_of(world.task(Way::kRelay), place.substr(base.size()), world.now());
  set_header(request, "Ssp-InteractionID", std::string{spine::kReadOutcome});
  request.headers.push_back({"Prefer", "wait=5"});
  auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CAPTURE(answer->body);
  REQUIRE(answer->status != 404);
  if (answer->status == 202) return std::nullopt;
  return std::move(*answer);
}

void check(const Sent& sent) {
  auto& world = World::shared();
  auto place = sent.place;
  if (place.empty()) {
    // Nobody knows whether it was taken: the sender repeats its request, and learns where to ask, or the end.
    const auto again = world.send(sent.request);
    REQUIRE(again.has_value());
    CAPTURE(again->status, again->body);
    if (again->status == 202) place = header_value(again->headers, "Content-Location");
  }
  std::optional<net::WireAnswer> end;
  const auto until = std::chrono::steady_clock::now() + seconds{60};
  while (!place.empty() && !end && std::chrono::steady_clock::now() < until) end = poll(place);
  if (!place.empty()) REQUIRE(end.has_value());
  const auto arrived = world.received(kRecipient, trace_of(sent.request));
  CAPTURE(sent.first, arrived, end ? end->status : 0, end ? end->body : std::string{});
  CHECK(arrived <= 1);
  if (!end) return;
  if (end->status == 201) CHECK(arrived == 1);
  const bool failed = end->body.find("was not delivered and will not be") != std::string::npos;
  if (failed) CHECK(arrived == 0);
  CHECK((end->status == 201 || end->status == 504 || failed));
}

}  // namespace

TEST_CASE(
    "kill matrix, deferred: killed at any step, each task taken comes to one end, and its sender learns it "
    "(OUT-05, OUT-06)",
    "[fault][kill]") {
  const auto kills = count_from_environment("GW_FAULT_KILLS", 3);
  const auto seed = seed_from_environment(20261121);
  std::mt19937_64 random{seed};
  auto& world = World::shared();
  std::size_t point = random();
  std::size_t requests = 0;
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    const auto& victim = points()[point++ % points().size()];
    const auto nth = 1 + random() % 3;
    const auto spec = std::string{victim.name} + ":" + std::to_string(nth);
    INFO("GW_FAULT_SEED=" << seed << " kill " << kill << " at " << spec << (victim.while_down ? ", down" : ""));
    if (victim.while_down) world.demo().stop(kRecipient);
    world.restart(kGateway, {"GW_FAILPOINT=" + spec});
    // Tasks of one patient, one after the other, until the gateway is dead. With a short TTL a try that failed is the
    // last one, with a longer one another follows.
    std::vector<Sent> sent;
    const auto until = std::chrono::steady_clock::now() + seconds{60};
    while ((sent.empty() || sent.back().first != 0) && std::chrono::steady_clock::now() < until) {
      sent.push_back(send_deferred(victim.while_down && sent.size() % 4 != 3 ? "6" : "25"));
    }
    CHECK(world.demo().process(kGateway).wait() == 128 + SIGKILL);
    if (victim.while_down) world.restart(kRecipient);
    world.restart(kGateway);
    for (const auto& one : sent) check(one);
    requests += sent.size();
  }
  WARN(kills << " kills from seed " << seed << ", " << requests << " deferred tasks; nothing lost, doubled or untrue");
}
