#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "net/client.hpp"
#include "net/net_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;
using net::Progress;
namespace asio = net::asio;

namespace {

TestPki& pki() {
  static TestPki instance;
  return instance;
}

/// What a test wants of one exchange.
struct Wish {
  net::WireRequest request{"POST", "/Task", {{"X-Order", "1"}, {"x-order", "2"}}, "hello"};
  net::ClientTimeouts timeouts{milliseconds{2'000}, milliseconds{2'000}, milliseconds{2'000}, milliseconds{2'000}};
  net::ClientLimits limits;
  std::string host = "gateway.example";
};

struct Outcome {
  std::optional<Fault> not_opened;
  net::ExchangeResult result;
  bool reusable = false;
};

/// An io thread with a client's TLS settings; everything of the client runs on it.
class Caller {
 public:
  explicit Caller(const Identity& identity = pki().client, bool with_crl = false)
      : tls_(std::move(net::ClientTls::load(pki().files("client", identity, with_crl)).value())) {
    threads_.start();
  }

  Outcome call(std::uint16_t port, const Wish& wish = {}) {
    return asio::co_spawn(threads_.context(0), run(port, wish), asio::use_future).get();
  }
  /// Two exchanges on one connection; `between` is waited for before the second's reusable().
  std::pair<Outcome, Outcome> call_twice(std::uint16_t port, std::future<void> between) {
    return asio::co_spawn(threads_.context(0), run_twice(port, std::move(between)), asio::use_future).get();
  }
  net::ClientTls& tls() { return *tls_; }

 private:
  using Connection = std::unique_ptr<net::ClientConnection>;

  net::asio::awaitable<Result<Connection>> open(std::uint16_t port, Wish wish) {
    const net::Target target{wish.host, 443, port == 0 ? "" : "127.0.0.1:" + std::to_string(port)};
    net::AddressRules rules;
    co_return co_await net::open_connection(threads_.context(0).get_executor(), target, *tls_, wish.timeouts, rules);
  }

  net::asio::awaitable<Outcome> run(std::uint16_t port, Wish wish) {
    Outcome outcome;
    auto connection = co_await open(port, wish);
    if (!connection) {
      outcome.not_opened = connection.error();
      co_return outcome;
    }
    outcome.result = co_await (*connection)->exchange(wish.request, wish.timeouts, wish.limits);
    outcome.reusable = (*connection)->reusable();
    co_return outcome;
  }

  net::asio::awaitable<std::pair<Outcome, Outcome>> run_twice(std::uint16_t port, std::future<void> between) {
    std::pair<Outcome, Outcome> both;
    const Wish wish;
    auto connection = co_await open(port, wish);
    if (!connection) co_return both;
    both.first.result = co_await (*connection)->exchange(wish.request, wish.timeouts, wish.limits);
    between.wait();
    both.first.reusable = (*connection)->reusable();
    if (!both.first.reusable) co_return both;
    both.second.result = co_await (*connection)->exchange(wish.request, wish.timeouts, wish.limits);
    both.second.reusable = (*connection)->reusable();
    co_return both;
  }

  net::IoThreads threads_{1};
  std::unique_ptr<net::ClientTls> tls_;
};

/// Takes the usual request and answers with `answer`, then closes in good order.
std::function<void(BlockingPeer&)> answering(std::string answer, int max_version = 0) {
  return [answer = std::move(answer), max_version](BlockingPeer& peer) {
    if (!peer.accept_tls(pki().server, &pki().ca, max_version)) return;
    peer.receive_until("hello");
    peer.send(answer);
    peer.end_tls();
  };
}

Outcome outcome_of(const std::string& answer, const Wish& wish = {}) {
  const ScriptedServer server{answering(answer)};
  return Caller{}.call(server.port(), wish);
}

}  // namespace

TEST_CASE("client: a request goes out as it is, its answer comes back whole (TLS-01)", "[net]") {
  for (const int version : {0x0303, 0x0304}) {
    std::string seen;
    {
      const ScriptedServer server{[&seen, version](BlockingPeer& peer) {
        if (!peer.accept_tls(pki().server, &pki().ca, version)) return;
        seen = peer.receive_until("hello");
        peer.send("HTTP/1.1 201 Created\r\nLocation: /Task/1\r\nContent-Length: 2\r\n\r\nok");
        peer.end_tls();
      }};
      const auto outcome = Caller{}.call(server.port());
      REQUIRE(outcome.result.answer);
      CHECK(outcome.result.progress == Progress::kAnswered);
      CHECK(outcome.result.answer->status == 201);
      CHECK(outcome.result.answer->body == "ok");
      CHECK(outcome.result.answer->complete);
      CHECK(header_value(outcome.result.answer->headers, "location") == "/Task/1");
      CHECK_FALSE(outcome.result.fault);
    }
    CHECK(seen ==
          "POST /Task HTTP/1.1\r\nHost: gateway.example\r\nX-Order: 1\r\nx-order: 2\r\nContent-Length: 5\r\n\r\nhello");
  }
}

TEST_CASE("client: a connection is used again, though the server sent TLS 1.3 tickets, until it is closed", "[net]") {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  for (const bool stays : {true, false}) {
    std::promise<void> ended;
    auto between = ended.get_future();
    const ScriptedServer server{[&ended, &answer, stays](BlockingPeer& peer) {
      if (!peer.accept_tls(pki().server, &pki().ca)) return;
      peer.receive_until("hello");
      peer.send(answer);
      if (!stays) peer.end_tls();
      ended.set_value();
      peer.receive_until("hello");
      peer.send(answer);
    }};
    const auto [first, second] = Caller{}.call_twice(server.port(), std::move(between));
    CHECK(first.result.progress == Progress::kAnswered);
    CHECK(first.reusable == stays);
    CHECK(second.result.progress == (stays ? Progress::kAnswered : Progress::kNothingSent));
  }
}

TEST_CASE("client: a server whose certificate is not the host's, not trusted, expired or revoked gets no byte (TLS-04)",
          "[net]") {
  TestPki& own = pki();
  CertificateWish wish;
  wish.dns_names = {"gateway.example"};
  auto other_name = wish;
  other_name.dns_names = {"other.example"};
  auto partial = wish;
  partial.dns_names = {"gate*.example"};
  auto expired = wish;
  expired.valid_from_days = -10;
  expired.valid_to_days = -1;
  auto client_only = wish;
  client_only.usage = "clientAuth";
  const auto revoked = own.ca.issue(wish);
  own.ca.revoke(revoked);
  struct Case {
    Identity identity;
    const char* reason;
  };
  for (const auto& [identity, reason] :
       {Case{own.ca.issue(other_name), "hostname mismatch"}, Case{own.ca.issue(partial), "hostname mismatch"},
        Case{own.other_ca.issue(wish), "unable to get local issuer"}, Case{self_signed(wish), "self-signed"},
        Case{own.ca.issue(expired), "expired"}, Case{own.ca.issue(client_only), "purpose"}, Case{revoked, "revoked"}}) {
    std::string received;
    Outcome outcome;
    {
      const ScriptedServer server{[&identity = identity, &received](BlockingPeer& peer) {
        if (peer.accept_tls(identity, nullptr)) received = peer.receive();
      }};
      outcome = Caller{own.client, true}.call(server.port());
    }
    REQUIRE(outcome.not_opened);
    CHECK(outcome.not_opened->kind == FaultKind::kTls);
    CHECK_THAT(outcome.not_opened->detail, Contains(reason) && Contains("gateway.example"));
    CHECK(received.empty());
  }
}

TEST_CASE("client: a server that refuses our certificate is told apart by its alert (TLS-02)", "[net]") {
  for (const int version : {0x0303, 0x0304}) {
    const ScriptedServer server{[version](BlockingPeer& peer) {
      peer.accept_tls(pki().server, &pki().ca, version);
      peer.receive_to_end();
    }};
    const auto outcome = Caller{pki().other_ca.issue({})}.call(server.port());
    if (version == 0x0303) {
      REQUIRE(outcome.not_opened);
      CHECK(outcome.not_opened->kind == FaultKind::kTls);
    } else {
      CHECK(outcome.result.tls_alert);
      CHECK_FALSE(outcome.result.answer);
      REQUIRE(outcome.result.fault);
      CHECK(outcome.result.fault->kind == FaultKind::kTls);
    }
  }
}

TEST_CASE("client: nobody listening, no such name, and a silent server are told apart", "[net]") {
  std::uint16_t free_port = 0;
  {
    const ScriptedServer gone{[](BlockingPeer&) {}};
    free_port = gone.port();
  }
  const auto refused = Caller{}.call(free_port);
  REQUIRE(refused.not_opened);
  CHECK(refused.not_opened->kind == FaultKind::kUnreachable);

  std::promise<void> done;
  Wish wish;
  wish.timeouts.tls = milliseconds{150};
  const ScriptedServer silent{[waits = done.get_future().share()](BlockingPeer&) { waits.wait(); }};
  const auto late = Caller{}.call(silent.port(), wish);
  done.set_value();
  REQUIRE(late.not_opened);
  CHECK(late.not_opened->kind == FaultKind::kTimeout);

  Wish nameless;
  nameless.host = "no-such-host.invalid";
  nameless.timeouts.connect = milliseconds{3'000};
  const auto unknown = Caller{}.call(0, nameless);
  REQUIRE(unknown.not_opened);
  const bool told =
      unknown.not_opened->kind == FaultKind::kUnreachable || unknown.not_opened->kind == FaultKind::kTimeout;
  CHECK(told);
  CHECK_THAT(unknown.not_opened->detail, Contains("no-such-host.invalid"));
}

TEST_CASE("client: a connection reset after the request is sent leaves all of it sent and no answer", "[net]") {
  const ScriptedServer server{[](BlockingPeer& peer) {
    if (!peer.accept_tls(pki().server, &pki().ca)) return;
    peer.receive_until("hello");
    peer.reset();
  }};
  const auto outcome = Caller{}.call(server.port());
  CHECK(outcome.result.progress == Progress::kAllSent);
  REQUIRE(outcome.result.fault);
  CHECK(outcome.result.fault->kind == FaultKind::kReset);
  CHECK_FALSE(outcome.result.tls_alert);
  CHECK_FALSE(outcome.reusable);
}

TEST_CASE("client: a connection reset in the middle of a large request leaves it partly sent", "[net]") {
  const std::string large(20 * 1024 * 1024, 'x');
  Wish wish;
  wish.request.body = large;
  const ScriptedServer server{[](BlockingPeer& peer) {
    if (!peer.accept_tls(pki().server, &pki().ca)) return;
    peer.receive_until("\r\n\r\n");
    peer.reset();
  }};
  const auto outcome = Caller{}.call(server.port(), wish);
  CHECK(outcome.result.progress == Progress::kPartlySent);
  REQUIRE(outcome.result.fault);
  CHECK(outcome.result.fault->kind == FaultKind::kReset);
}

TEST_CASE("client: a server that stops reading ends the write by its limit, partly sent", "[net]") {
  const std::string large(20 * 1024 * 1024, 'x');
  Wish wish;
  wish.request.body = large;
  wish.timeouts.write = milliseconds{150};
  std::promise<void> done;
  const ScriptedServer server{[waits = done.get_future().share()](BlockingPeer& peer) {
    if (peer.accept_tls(pki().server, &pki().ca)) waits.wait();
  }};
  const auto outcome = Caller{}.call(server.port(), wish);
  done.set_value();
  CHECK(outcome.result.progress == Progress::kPartlySent);
  REQUIRE(outcome.result.fault);
  CHECK(outcome.result.fault->kind == FaultKind::kTimeout);
}

TEST_CASE("client: an answer that comes before the whole request is read, and the connection not used again", "[net]") {
  const std::string large(20 * 1024 * 1024, 'x');
  Wish wish;
  wish.request.body = large;
  std::promise<void> done;
  const ScriptedServer server{[waits = done.get_future().share()](BlockingPeer& peer) {
    if (!peer.accept_tls(pki().server, &pki().ca)) return;
    peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig");
    waits.wait();
  }};
  const auto outcome = Caller{}.call(server.port(), wish);
  done.set_value();
  CHECK(outcome.result.progress == Progress::kAnswered);
  REQUIRE(outcome.result.answer);
  CHECK(outcome.result.answer->status == 413);
  CHECK(outcome.result.answer->body == "big");
  CHECK_FALSE(outcome.reusable);
}

TEST_CASE("client: a silent server is given up after the answer's limit, all sent", "[net]") {
  Wish wish;
  wish.timeouts.answer = milliseconds{150};
  std::promise<void> done;
  const ScriptedServer server{[waits = done.get_future().share()](BlockingPeer& peer) {
    if (peer.accept_tls(pki().server, &pki().ca)) waits.wait();
  }};
  const auto outcome = Caller{}.call(server.port(), wish);
  done.set_value();
  CHECK(outcome.result.progress == Progress::kAllSent);
  REQUIRE(outcome.result.fault);
  CHECK(outcome.result.fault->kind == FaultKind::kTimeout);
}

TEST_CASE("client: an answer head that breaks HTTP is no answer", "[net]") {
  const auto* bad =
      GENERATE("SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
               "HTTP/1.1 600 Odd\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
               "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
               "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  CAPTURE(bad);
  const auto outcome = outcome_of(bad);
  CHECK(outcome.result.progress == Progress::kAllSent);
  CHECK_FALSE(outcome.result.answer);
  REQUIRE(outcome.result.fault);
  CHECK(outcome.result.fault->kind == FaultKind::kMalformed);
  CHECK_FALSE(outcome.reusable);
}

TEST_CASE("client: a few interim answers are skipped, a flood of them is not", "[net]") {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
  const std::string final_answer = "HTTP/1.1 204 No Content\r\n\r\n";
  std::string eight;
  for (int i = 0; i < 8; ++i) eight += interim;
  const auto some = outcome_of(eight + final_answer);
  REQUIRE(some.result.answer);
  CHECK(some.result.answer->status == 204);
  const auto flood = outcome_of(eight + interim + final_answer);
  CHECK(flood.result.progress == Progress::kAllSent);
  REQUIRE(flood.result.fault);
  CHECK(flood.result.fault->kind == FaultKind::kMalformed);
}

TEST_CASE("client: a body that breaks off is an answer that is not complete", "[net]") {
  struct Case {
    const char* answer;
    const char* body;
    FaultKind kind;
  };
  const auto [answer, body, kind] = GENERATE(values<Case>({
      {"HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\nhalf", "half", FaultKind::kClosed},
      {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "half", FaultKind::kClosed},
      {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4;x\r\nhalf\r\n0\r\n\r\n", "", FaultKind::kMalformed},
      {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nX: 1\r\n\r\n", "half",
       FaultKind::kMalformed},
      {"HTTP/1.1 201 Created\r\n\r\nno end", "", FaultKind::kMalformed},
      {"HTTP/1.1 201 Created\r\nContent-Length: 2000000\r\n\r\n", "", FaultKind::kTooLarge},
  }));
  CAPTURE(answer);
  const auto outcome = outcome_of(answer);
  CHECK(outcome.result.progress == Progress::kAnswered);
  REQUIRE(outcome.result.answer);
  CHECK(outcome.result.answer->status == 201);
  CHECK(outcome.result.answer->body == body);
  CHECK_FALSE(outcome.result.answer->complete);
  REQUIRE(outcome.result.fault);
  CHECK(outcome.result.fault->kind == kind);
  CHECK_FALSE(outcome.reusable);
}

TEST_CASE("client: a body up to the end of the connection counts only when TLS was ended in good order", "[net]") {
  const std::string answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it";
  const auto whole = outcome_of(answer);
  REQUIRE(whole.result.answer);
  CHECK(whole.result.answer->complete);
  CHECK(whole.result.answer->body == "all of it");
  const ScriptedServer server{[&answer](BlockingPeer& peer) {
    if (!peer.accept_tls(pki().server, &pki().ca)) return;
    peer.receive_until("hello");
    peer.send(answer);
  }};
  const auto cut = Caller{}.call(server.port());
  REQUIRE(cut.result.answer);
  CHECK_FALSE(cut.result.answer->complete);
}

TEST_CASE("client: an answer's head or body beyond the limits is not read", "[net]") {
  Wish wish;
  wish.limits.answer_head_bytes = 100;
  wish.limits.answer_body_bytes = 10;
  const auto head = outcome_of("HTTP/1.1 200 OK\r\nX: " + std::string(200, 'x') + "\r\n\r\n", wish);
  REQUIRE(head.result.fault);
  CHECK(head.result.fault->kind == FaultKind::kTooLarge);
  CHECK_FALSE(head.result.answer);
  const auto body =
      outcome_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n", wish);
  REQUIRE(body.result.fault);
  CHECK(body.result.fault->kind == FaultKind::kTooLarge);
}

TEST_CASE("client: chunked answers are put together, HEAD and 204 have no body", "[net]") {
  const auto chunked =
      outcome_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
  REQUIRE(chunked.result.answer);
  CHECK(chunked.result.answer->body == "hello!");
  CHECK(chunked.result.answer->complete);
  const auto none = outcome_of("HTTP/1.1 204 No Content\r\n\r\n");
  REQUIRE(none.result.answer);
  CHECK(none.result.answer->complete);
}

TEST_CASE("client: a request that would split itself is never sent", "[net]") {
  Wish wish;
  for (const Header& header : {Header{"X", "a\r\nY: b"}, Header{"transfer-encoding", "chunked"},
                               Header{"Content-Length", "1"}, Header{"Host", "other.example"}}) {
    INFO(header.name);
    wish.request.headers = {header};
    const auto outcome = outcome_of("HTTP/1.1 204 No Content\r\n\r\n", wish);
    CHECK(outcome.result.progress == Progress::kNothingSent);
    REQUIRE(outcome.result.fault);
    CHECK(outcome.result.fault->kind == FaultKind::kInternal);
  }
}

TEST_CASE("client and server of the gateway speak to each other, with 495 for a certificate that is refused (TLS-02)",
          "[net]") {
  const TestServer world{&pki(), {}};
  Wish wish;
  wish.request.target = "/echo";
  const auto served = Caller{}.call(world.server->port(), wish);
  REQUIRE(served.result.answer);
  CHECK(served.result.answer->body == "hello");
  CHECK(served.reusable);
  const auto refused = Caller{pki().other_ca.issue({})}.call(world.server->port(), wish);
  REQUIRE(refused.result.answer);
  CHECK(refused.result.answer->status == 495);
  CHECK_FALSE(refused.reusable);
}
