// What a failing recipient's system makes of a task: what the sender is told, what is on record, what a repeat of the
// request gets, and that nothing else is sent (SSP-07, OUT-02 to OUT-04). A real gateway over real TLS; the rows are in
// recipient_rows.cpp and recipient_answers.cpp.
//
// | the recipient's system...                                | the sender is told | the entry is |
// |----------------------------------------------------------|--------------------|--------------|
// | is not reached, refuses, breaks off, is not the right one | 502 transient      | failed       |
// | takes no connection, handshake or task in time           | 504 timeout        | failed       |
// | breaks off in the middle of the task                     | 502 transient      | failed       |
// | breaks off or talks nonsense after the task              | 504 transient      | in doubt     |
// | is silent after the task                                 | 504 timeout        | in doubt     |
// | accepts it (200, 201), whatever becomes of the body      | that               | delivered    |
// | accepts it before it had all of it                       | 504 transient      | in doubt     |
// | refuses it with a whole answer (4xx, 501)                | that answer        | rejected     |
// | says that it did not take it (408, 429, 503)             | that answer        | failed       |
// | answers 500                                              | that answer        | in doubt     |
// | answers anything else (other 2xx, 3xx, 502, 504)         | 504 transient      | in doubt     |
//
// A repeat of the request is told the same in each of them.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>

#include "fault/recipient_rows.hpp"
#include "fault/sending.hpp"

using namespace gw;
using namespace gw::test;
using outbox::State;

namespace {

/// What reached the recipient's system, over all connections.
struct Reached {
  std::atomic<std::size_t> bytes{0};
  std::atomic<int> whole{0};
};

struct Stage {
  Stage(const RecipientRow& row, bool kept) {
    const auto act = [this, &row, kept](BlockingPeer& peer) {
      Visit visit{.peer = peer, .world = self_, .told = told_future_};
      if (row.bare) {
        row.act(visit);
      } else if (visit.secure()) {
        if (kept) {
          visit.read_request();
          visit.answer(kStored);
          visit.seen.clear();
          visit.whole = 0;
        }
        row.act(visit);
      }
      reached.bytes += visit.seen.size();
      reached.whole += visit.whole;
    };
    const auto limits = [&row](app::Config& config) {
      config.delivery.connect_backoff = milliseconds{1};
      if (row.limits) row.limits(config);
    };
    world_ = std::make_unique<ProxyWorld>(act, limits, ProxyWorld::Meets::kBare);
    self_ = world_.get();
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage() { end(); }

  [[nodiscard]] ProxyWorld& world() { return *world_; }
  void sender_was_told() {
    if (!told_already_) told_.set_value();
    told_already_ = true;
  }
  /// Everything ends; from here on nothing more can reach the recipient's system.
  void end() {
    sender_was_told();
    world_.reset();
  }

  Reached reached;

 private:
  std::promise<void> told_;
  std::shared_future<void> told_future_{told_.get_future().share()};
  bool told_already_ = false;
  std::atomic<ProxyWorld*> self_{nullptr};  ///< for the recipient's thread
  std::unique_ptr<ProxyWorld> world_;
};

void check_row(const RecipientRow& row, bool kept) {
  INFO(row.fault << (kept ? ", on a connection that served before" : ""));
  Stage stage{row, kept};
  if (row.before) row.before(stage.world());
  if (kept) REQUIRE(sent(stage.world(), task_for(stage.world(), "An earlier task")).status == 201);
  constexpr std::size_t kLarge = 400'000;
  const auto task = task_for(stage.world(), row.large ? std::string(kLarge, 'x') : "Call back");

  const auto first = sent(stage.world(), task);
  stage.sender_was_told();
  CHECK(first.status == row.told);
  CHECK(first.issue == row.issue);
  CHECK(states_of(stage.world(), task.trace) == std::vector<State>{row.state});

  const auto reached = stage.world().reached();
  const auto again = sent(stage.world(), task);
  CHECK(again.status == first.status);
  CHECK(again.body == first.body);
  CHECK(states_of(stage.world(), task.trace) == std::vector<State>{row.state});
  CHECK(stage.world().reached() == reached);

  stage.end();
  CHECK(stage.reached.whole <= 1);
  if (row.bare) CHECK(stage.reached.bytes == 0);
  // Who was told by the gateway itself that it failed, for good: the recipient cannot have it.
  if (row.state == State::kFailed && !row.issue.empty()) CHECK(stage.reached.whole == 0);
}

void check_rows(const std::vector<RecipientRow>& rows) {
  for (const auto& row : rows) check_row(row, false);
}

/// Time limits are short in these worlds, and the earlier task must not meet them.
void check_rows_again_on_kept_connections(const std::vector<RecipientRow>& rows) {
  for (const auto& row : rows) {
    if (!row.limits) check_row(row, true);
  }
}

/// A port where nothing listens.
std::uint16_t closed_port() {
  return ScriptedServer{[](BlockingPeer&) {}, 0}.port();
}

/// Listens and takes no connection: its queue is full.
class DeafServer {
 public:
  DeafServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address_);
    socklen_t size = sizeof address_;
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 0) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    for (auto& one : waiting_) {
      one = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(one, generic, size);
    }
  }
  DeafServer(const DeafServer&) = delete;
  DeafServer& operator=(const DeafServer&) = delete;
  ~DeafServer() {
    for (const int one : waiting_) ::close(one);
    ::close(listener_);
  }
  [[nodiscard]] std::uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  int listener_;
  sockaddr_in address_{};
  std::array<int, 4> waiting_{};
};

/// The recipient's address is this, and nobody is there.
void check_unreachable(const std::string& address, int told, std::string_view issue) {
  INFO("the recipient's address is " << address);
  const ProxyWorld world{[](BlockingPeer&) {},
                         [&](app::Config& config) {
                           config.delivery.connect_backoff = milliseconds{1};
                           config.delivery.connect_attempts = 1;
                           config.delivery.timeouts.connect = milliseconds{300};
                           config.exchange.hosts = {{"provider.example.test:8443", address}};
                         }};
  const auto task = task_for(world, "Call back");
  for (const auto* const turn : {"first", "again"}) {
    INFO(turn);
    const auto answer = sent(world, task);
    CHECK(answer.status == told);
    CHECK(answer.issue == issue);
    CHECK(states_of(world, task.trace) == std::vector<State>{State::kFailed});
  }
  CHECK(world.reached() == 0);
}

}  // namespace

TEST_CASE("recipient faults: who cannot be reached gets nothing, and the task has failed for good (SSP-07, OUT-02)",
          "[fault][recipient]") {
  SECTION("refused") {
    check_unreachable("127.0.0.1:" + std::to_string(closed_port()), 502, "transient");
  }
  SECTION("a name that does not resolve") {
    check_unreachable(std::string(70, 'a') + ":8443", 502, "transient");
  }
  SECTION("an address that nothing is sent to") {
    check_unreachable("224.0.0.1:8443", 502, "transient");
  }
  SECTION("connections are not taken") {
    const DeafServer deaf;
    check_unreachable("127.0.0.1:" + std::to_string(deaf.port()), 504, "timeout");
  }
}

TEST_CASE(
    "recipient faults: before the request nothing of the task is sent, and it has failed for good (TLS-04, OUT-02)",
    "[fault][recipient]") {
  check_rows(rows_before_the_request());
}

TEST_CASE("recipient faults: what breaks while the task is sent has the outcome that is true (OUT-02, OUT-04)",
          "[fault][recipient]") {
  SECTION("on a fresh connection") {
    check_rows(rows_of_the_request());
  }
  SECTION("on a connection that served before") {
    check_rows_again_on_kept_connections(rows_of_the_request());
  }
}

TEST_CASE("recipient faults: every answer, whole or broken, has the outcome that is true (SSP-07, OUT-04)",
          "[fault][recipient]") {
  SECTION("on a fresh connection") {
    check_rows(rows_of_the_answer());
  }
  SECTION("on a connection that served before") {
    check_rows_again_on_kept_connections(rows_of_the_answer());
  }
}

TEST_CASE("recipient faults: where a recipient sends us elsewhere, nobody goes (SSP-05, SSP-06)",
          "[fault][recipient]") {
  std::atomic<int> gone{0};
  const ScriptedServer elsewhere{[&gone](BlockingPeer&) { ++gone; }, 1};
  for (const int status : {300, 301, 302, 303, 304, 305, 307, 308}) {
    for (const auto* const scheme : {"https", "http"}) {
      const auto place = std::string{scheme} + "://127.0.0.1:" + std::to_string(elsewhere.port()) + "/Order";
      const RecipientRow row{.fault = "3xx",
                             .act =
                                 [status, place](Visit& visit) {
                                   visit.read_request();
                                   visit.answer("HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + place +
                                                "\r\nContent-Length: 0\r\n\r\n");
                                   visit.outwait();
                                 },
                             .told = 504,
                             .issue = "transient",
                             .state = State::kInDoubt};
      CAPTURE(status, place);
      check_row(row, false);
    }
  }
  CHECK(gone == 0);
}

TEST_CASE("recipient faults: what follows an answer is never taken for the next task's answer (OUT-02)",
          "[fault][recipient]") {
  const auto tail = GENERATE(std::string{"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"}, std::string{"x"});
  std::atomic<int> requests{0};
  const ProxyWorld world{[&](BlockingPeer& peer) {
    while (peer.receive_until("\r\n\r\n").ends_with("\r\n\r\n") && peer.receive_until("\"#1\"}]\n}").size() > 2) {
      if (++requests == 1)
        peer.send(std::string{kStored} + tail);
      else
        peer.send("HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n");
    }
  }};
  CHECK(sent(world, task_for(world, "One")).status == 201);
  CHECK(sent(world, task_for(world, "Two")).status == 422);
  CHECK(world.reached() == 2);
}
