// More than can be done, and recipients that are dead: what waits is bounded by counts, the rest is told so at once,
// and the others do not notice (OUT-09, SSP-07).
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <vector>

#include "fault/memory.hpp"
#include "fault/recipient_rows.hpp"
#include "fault/sending.hpp"

using namespace gw;
using namespace gw::test;
using outbox::State;

namespace {

constexpr std::size_t kConnections = 4;
constexpr std::size_t kWaiting = 8;
constexpr std::size_t kHeld = kConnections + kWaiting;

/// A recipient's system that takes connections and does nothing with them, until it is let go.
class DeadRecipient {
 public:
  void operator()(BlockingPeer& peer) const {
    gone_.wait();
    peer.reset();
  }
  void let_go() { promise_.set_value(); }

 private:
  std::promise<void> promise_;
  std::shared_future<void> gone_{promise_.get_future().share()};
};

void limits(app::Config& config) {
  config.delivery.connections_per_recipient = kConnections;
  config.delivery.waiting_per_recipient = kWaiting;
  config.delivery.connect_attempts = 1;
  config.delivery.breaker_failures = 0;
  // Nobody gives up by the clock here.
  config.delivery.timeouts.connect = std::chrono::minutes{5};
  config.delivery.timeouts.tls = std::chrono::minutes{5};
  config.exchange.sender_wait = std::chrono::minutes{10};
}

/// A sender for each task, none of which waits for another.
std::vector<BlockingPeer> send_at_once(const ProxyWorld& world, std::vector<Sending>& tasks, std::size_t count) {
  std::vector<BlockingPeer> senders;
  for (std::size_t i = 0; i < count; ++i) {
    tasks.push_back(task_for(world, "Number " + std::to_string(tasks.size())));
    senders.push_back(world.sender());
    senders.back().send(tasks.back().bytes);
  }
  return senders;
}

}  // namespace

TEST_CASE("overload: ten times what may wait is refused at once, nothing more is kept, and memory stays (OUT-09)",
          "[fault][overload]") {
  DeadRecipient dead;
  const ProxyWorld world{std::ref(dead), limits, ProxyWorld::Meets::kBare};
  std::vector<Sending> tasks;
  auto held = send_at_once(world, tasks, kHeld);
  // Each of them is on record, so each of them waits.
  for (const auto& task : tasks) {
    while (states_of(world, task.trace).empty()) std::this_thread::yield();
  }

  long before_kb = 0;
  constexpr int rounds = 6;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Sending> more;
    auto senders = send_at_once(world, more, 10 * kHeld);
    for (auto& sender : senders) {
      const auto answer = read_answer(sender);
      CHECK(answer.status == 503);
      CHECK(answer.issue == "transient");
      CHECK(answer.head.find("\r\nRetry-After: ") != std::string::npos);
    }
    if (round == rounds / 2) before_kb = resident_kb();
  }
  constexpr long noise_kb = 6'000;
  if (kMemoryTells) CHECK(resident_kb() - before_kb < noise_kb);
  for (const auto& sender : held) CHECK_FALSE(sender.has_more_within(0));

  dead.let_go();
  for (auto& sender : held) CHECK(read_answer(sender).status == 502);
  for (const auto& task : tasks) CHECK(states_of(world, task.trace) == std::vector<State>{State::kFailed});
}

TEST_CASE("overload: while one recipient is dead and its tasks wait, the others' tasks are delivered (OUT-09)",
          "[fault][overload]") {
  DeadRecipient dead;
  std::promise<Identity> identity;
  const auto known = identity.get_future().share();
  const ScriptedServer live{[&known](BlockingPeer& peer) {
                              if (!peer.accept_tls(known.get(), nullptr)) return;
                              Visit visit{.peer = peer, .world = nullptr, .told = {}};
                              while (visit.read_request()) {
                                visit.answer(kStored);
                                visit.seen.clear();
                              }
                            },
                            100};
  const TemporaryFolder folder;
  ProxyWorld world{std::ref(dead),
                   [&](app::Config& config) {
                     limits(config);
                     config.exchange.hosts["live.example.test:8443"] = "127.0.0.1:" + std::to_string(live.port());
                     config.organisations = folder.write(
                         "organisations.csv",
                         std::string{ProxyWorld::organisations()} +
                             "D44444,200000000004,,Live Surgery,north,https://live.example.test:8443/D44444/DSTU2/1,"
                             "live.example.test,4\n");
                   },
                   ProxyWorld::Meets::kBare};
  CertificateWish wish;
  wish.common_name = "live.example.test";
  wish.dns_names = {wish.common_name};
  identity.set_value(world.ca().issue(wish));

  std::vector<Sending> tasks;
  auto held = send_at_once(world, tasks, kHeld);
  for (const auto& task : tasks) {
    while (states_of(world, task.trace).empty()) std::this_thread::yield();
  }
  constexpr int many = 40;
  for (int i = 0; i < many; ++i) {
    const auto text = "Meanwhile " + std::to_string(i);
    CHECK(sent(world, task_for(world, text, "/D44444/DSTU2/1")).status == 201);
    CHECK(sent(world, task_for(world, text, kMailbox)).status == 201);
  }
  for (const auto& sender : held) CHECK_FALSE(sender.has_more_within(0));
  dead.let_go();
  for (auto& sender : held) CHECK(read_answer(sender).status == 502);
}
