// What a failing sender does to the gateway and to its own task: nothing to the one, and the other's outcome stays on
// record (OUT-03, OUT-05). A real gateway over real TLS.
//
// | the sender...                           | is told             | its task                               |
// |-----------------------------------------|---------------------|----------------------------------------|
// | begins a handshake and stops, or resets | nothing; is closed  | was never there                        |
// | begins a head and stops                 | nothing; is closed  | was never there                        |
// | begins a body and stops                 | 400 timeout; closed | was never there                        |
// | resets in the middle of a body          | nothing             | was never there                        |
// | closes its side after the request       | its answer          | goes its way                           |
// | resets or closes while it waits         | nothing             | goes its way; a repeat is told how     |
// | resets when the answer is there         | nothing             | is stored; a repeat is told so         |
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <vector>

#include "fault/recipient_rows.hpp"
#include "fault/sending.hpp"

using namespace gw;
using namespace gw::test;
using outbox::State;

namespace {

constexpr milliseconds kShort{200};

void reads_and_stores(BlockingPeer& peer) {
  Visit visit{.peer = peer, .world = nullptr, .told = {}};
  while (visit.read_request()) {
    visit.answer(kStored);
    visit.seen.clear();
  }
}

/// A recipient that has a request in hand and answers when told to.
class SlowRecipient {
 public:
  explicit SlowRecipient(std::string answer) : answer_(std::move(answer)) {}
  void operator()(BlockingPeer& peer) {
    Visit visit{.peer = peer, .world = nullptr, .told = {}};
    if (!visit.read_request()) return;
    ++requests_;
    has_it_.set_value();
    go_.get_future().wait_for(std::chrono::seconds{20});
    visit.answer(answer_);
    visit.outwait();
  }
  void wait_until_it_has_it() {
    REQUIRE(has_it_.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready);
  }
  void answer() { go_.set_value(); }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  std::string answer_;
  std::promise<void> has_it_, go_;
  std::atomic<int> requests_{0};
};

/// An honest sender is served, to the mailbox and onwards.
void check_others_are_served(const ProxyWorld& world, const std::string& text) {
  CHECK(sent(world, task_for(world, text, kMailbox)).status == 201);
  CHECK(sent(world, task_for(world, text, kDirect)).status == 201);
}

}  // namespace

TEST_CASE("client faults: a handshake that stops, breaks or is none costs the others nothing (TLS-05, OUT-09)",
          "[fault][client]") {
  const ProxyWorld world{reads_and_stores, [](app::Config& config) { config.server.handshake = kShort; }};
  constexpr std::string_view kHalfHello{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
  std::vector<BlockingPeer> stuck;
  for (int i = 0; i < 30; ++i) {
    stuck.push_back(connect_to_port(world.port()));
    stuck.push_back(connect_to_port(world.port()));
    stuck.back().send(kHalfHello);
    auto reset = connect_to_port(world.port());
    if (i % 2 == 0) reset.send(kHalfHello);
    reset.reset();
    auto nonsense = connect_to_port(world.port());
    nonsense.send(std::string(100, '\x16'));
    CHECK(nonsense.receive_to_end().find("HTTP/1.1 2") == std::string::npos);
  }
  for (auto& peer : stuck) CHECK(peer.receive_to_end().find("HTTP") == std::string::npos);
  check_others_are_served(world, "After broken handshakes");
}

TEST_CASE("client faults: a head that stops is closed at its limit, and nothing is kept of it (ANS-08)",
          "[fault][client]") {
  const ProxyWorld world{reads_and_stores, [](app::Config& config) { config.server.head = kShort; }};
  const auto task = task_for(world, "Half a head");
  for (const std::size_t size : {std::size_t{1}, std::size_t{40}, task.bytes.find("\r\n\r\n") + 2}) {
    auto sender = world.sender();
    sender.send(task.bytes.substr(0, size));
    CHECK(sender.at_end());
  }
  CHECK(states_of(world, task.trace).empty());
  CHECK(world.reached() == 0);
}

TEST_CASE("client faults: a body that stops is refused at its limit, and nothing is kept of it (ANS-08)",
          "[fault][client]") {
  const ProxyWorld world{reads_and_stores, [](app::Config& config) { config.server.body = kShort; }};
  const auto base = GENERATE(kMailbox, kDirect);
  const auto task = task_for(world, "Half a body", base);
  const auto body = task.bytes.find("\r\n\r\n") + 4;
  for (const std::size_t size : {body, body + 1, task.bytes.size() - 1}) {
    auto sender = world.sender();
    sender.send(task.bytes.substr(0, size));
    const auto answer = read_answer(sender);
    CHECK(answer.status == 400);
    CHECK(answer.issue == "timeout");
    CHECK(sender.at_end());
  }
  CHECK(states_of(world, task.trace).empty());
  CHECK(world.reached() == 0);
}

TEST_CASE("client faults: a sender that breaks off in its body leaves nothing behind (OUT-01)", "[fault][client]") {
  const ProxyWorld world{reads_and_stores};
  const auto task = task_for(world, "Broken off");
  for (int i = 0; i < 10; ++i) {
    auto sender = world.sender();
    sender.send(task.bytes.substr(0, task.bytes.size() - 10));
    if (i % 2 == 0) sender.reset();
  }
  CHECK(states_of(world, task.trace).empty());
  CHECK(world.reached() == 0);
  CHECK(sent(world, task).status == 201);
}

TEST_CASE("client faults: a sender that closes its side after the request still gets its answer", "[fault][client]") {
  const ProxyWorld world{reads_and_stores};
  const auto base = GENERATE(kMailbox, kDirect);
  const auto task = task_for(world, "Half closed", base);
  auto sender = world.sender();
  sender.send(task.bytes);
  sender.end_sending();
  CHECK(read_answer(sender).status == 201);
  CHECK(states_of(world, task.trace) == std::vector<State>{State::kDelivered});
}

TEST_CASE("client faults: whoever goes away while it waits finds the outcome with a repeat (OUT-03, OUT-05)",
          "[fault][client]") {
  struct Row {
    const char* answer;
    int told;
    State state;
  };
  const auto row = GENERATE(Row{kStored.data(), 201, State::kDelivered},
                            Row{"HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n", 422, State::kRejected},
                            Row{"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 503, State::kFailed},
                            Row{"no HTTP\r\n\r\n", 504, State::kInDoubt});
  const bool resets = GENERATE(true, false);
  CAPTURE(row.told, resets);
  SlowRecipient recipient{row.answer};
  const ProxyWorld world{std::ref(recipient)};
  const auto task = task_for(world, "Gone while waiting");
  auto sender = world.sender();
  sender.send(task.bytes);
  recipient.wait_until_it_has_it();
  if (resets) {
    sender.reset();
  } else {
    const BlockingPeer closed{std::move(sender)};
  }
  // One repeat comes while the first request is still on its way, and waits for it.
  auto waiting = world.sender();
  waiting.send(task.bytes);
  recipient.answer();
  CHECK(read_answer(waiting).status == row.told);
  CHECK(sent(world, task).status == row.told);
  CHECK(states_of(world, task.trace) == std::vector<State>{row.state});
  CHECK(recipient.requests() == 1);
}

TEST_CASE("client faults: whoever never reads its answer has stored its task all the same, once (OUT-03)",
          "[fault][client]") {
  const ProxyWorld world{reads_and_stores};
  const auto base = GENERATE(kMailbox, kDirect);
  for (int i = 0; i < 20; ++i) {
    const auto task = task_for(world, "Never read " + std::to_string(i), base);
    auto sender = world.sender();
    REQUIRE(sender.send(task.bytes));
    // The answer is there, and is not read.
    REQUIRE(sender.has_more());
    sender.reset();
    CHECK(sent(world, task).status == 201);
    CHECK(states_of(world, task.trace) == std::vector<State>{State::kDelivered});
  }
}
