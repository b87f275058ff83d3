#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "net/net_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

TestPki& pki() {
  static TestPki instance;
  return instance;
}

std::string get(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: gateway.example\r\n" + headers + "\r\n";
}

std::string post(const std::string& target, const std::string& body, const std::string& headers = {}) {
  return "POST " + target + " HTTP/1.1\r\nHost: gateway.example\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

std::string body_of(const std::string& answer) {
  const auto at = answer.find("\r\n\r\n");
  return at == std::string::npos ? std::string{} : answer.substr(at + 4);
}

net::ServerLimits short_limits() {
  net::ServerLimits limits;
  limits.handshake = limits.head = limits.body = limits.idle = limits.drain = milliseconds{200};
  return limits;
}

}  // namespace

TEST_CASE("session: requests on one TLS connection are answered one after the other (TLS-01, ANS-08)", "[net]") {
  const TestServer world{&pki(), {}};
  auto peer = world.connect(pki().client);
  for (const auto* text : {"first", "second", ""}) {
    REQUIRE(peer.send(post("/echo", text)));
    const auto answer = peer.receive_answer();
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200 OK\r\nDate: "));
    CHECK_THAT(answer, !Contains("Connection: close"));
    CHECK(body_of(answer) == text);
  }
}

TEST_CASE("session: the handler sees who the certificate says the peer is (TLS-04)", "[net]") {
  const TestServer world{&pki(), {}};
  auto peer = world.connect(pki().client);
  REQUIRE(peer.send(get("/peer")));
  CHECK(body_of(peer.receive_answer()) == "practice.example;second.example;CN=practice.example;64");

  CertificateWish wish;
  wish.common_name = "Only-CN.example";
  auto without_names = world.connect(pki().ca.issue(wish));
  REQUIRE(without_names.send(get("/peer")));
  CHECK_THAT(body_of(without_names.receive_answer()), Catch::StartsWith("only-cn.example;"));

  // A SAN that is no name must not let the CN speak in its place.
  wish.dns_names = {"no name.example"};
  auto bad_name = world.connect(pki().ca.issue(wish));
  REQUIRE(bad_name.send(get("/peer")));
  CHECK_THAT(body_of(bad_name.receive_answer()), Catch::StartsWith("CN=Only-CN.example;"));
}

TEST_CASE("session: pipelined requests are answered in order (ANS-08)", "[net]") {
  const TestServer world{nullptr, {}};
  auto peer = world.connect_plain();
  REQUIRE(peer.send("\r\n" + get("/1") + post("/echo", "two") + get("/3") + post("/ignore", "dropped") + get("/5")));
  for (const auto* expected : {"/1", "two", "/3", "/ignore", "/5"}) CHECK(body_of(peer.receive_answer()) == expected);
}

TEST_CASE("session: chunked bodies arrive whole, chunk extensions and trailers are refused (ANS-08)", "[net]") {
  const TestServer world{nullptr, {}};
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  auto peer = world.connect_plain();
  REQUIRE(peer.send(head + "5\r\nhel"));
  REQUIRE(peer.send("lo\r\n1\r\n!\r\n0\r\n\r\n" + get("/next")));
  CHECK(body_of(peer.receive_answer()) == "hello!");
  CHECK(body_of(peer.receive_answer()) == "/next");

  for (const auto* bad : {"5;x=y\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nSsp-From: 1\r\n\r\n"}) {
    auto other = world.connect_plain();
    REQUIRE(other.send(head + bad + get("/smuggled")));
    const auto all = other.receive_to_end();
    CHECK_THAT(all, Catch::StartsWith("HTTP/1.1 400"));
    CHECK_THAT(all, Contains("malformed") && Contains("Connection: close"));
    CHECK_THAT(all, !Contains("smuggled"));
  }
}

TEST_CASE("session: a body in very many chunks arrives whole, or is refused by its size (ANS-08)", "[net]") {
  const TestServer world{nullptr, {}};
  std::string wire = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string body;
  for (int i = 0; i < 50'000; ++i) {
    const char c = static_cast<char>('a' + i % 26);
    body += c;
    wire.append("1\r\n").append(1, c).append("\r\n");
  }
  auto peer = world.connect_plain();
  REQUIRE(peer.send(wire + "0\r\n\r\n" + get("/next")));
  CHECK(body_of(peer.receive_answer()) == body);
  CHECK(body_of(peer.receive_answer()) == "/next");
  auto greedy = world.connect_plain();
  REQUIRE(greedy.send(
      "POST /limit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\naaaaa\r\n6\r\nbbbbbb\r\n0\r\n\r\n"));
  CHECK_THAT(greedy.receive_answer(), Catch::StartsWith("HTTP/1.1 400") && Contains("larger than 10 bytes"));
  auto broken = world.connect_plain();
  REQUIRE(broken.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nx"));
  CHECK_THAT(broken.receive_answer(), Catch::StartsWith("HTTP/1.1 400") && Contains("hexadecimal"));
}

TEST_CASE("session: ambiguous heads are answered 400 and the connection closed, what follows is not served (ANS-08)",
          "[net]") {
  const TestServer world{nullptr, {}};
  for (const auto* bad :
       {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"}) {
    CAPTURE(bad);
    auto peer = world.connect_plain();
    REQUIRE(peer.send(bad + get("/smuggled")));
    const auto all = peer.receive_to_end();
    CHECK_THAT(all, Catch::StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    CHECK_THAT(all, Contains("Connection: close") && !Contains("smuggled"));
  }
  CHECK(world.handler.handled == 0);
}

TEST_CASE("session: a head beyond the limit is answered 400 while it is still coming", "[net]") {
  net::ServerLimits limits;
  limits.head_bytes = 1000;
  const TestServer world{nullptr, limits};
  auto peer = world.connect_plain();
  REQUIRE(peer.send("GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(2000, 'x')));
  CHECK_THAT(peer.receive_to_end(), Catch::StartsWith("HTTP/1.1 400") && Contains("more than 1000 bytes"));
}

TEST_CASE("session: 100 Continue is sent when the handler reads, and never when it refuses by the head (ANS-08)",
          "[net]") {
  const TestServer world{&pki(), {}};
  auto peer = world.connect(pki().client);
  const std::string expect = "Expect: 100-continue\r\n";
  REQUIRE(peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + expect + "\r\n"));
  CHECK(peer.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(peer.send("hello"));
  CHECK(body_of(peer.receive_answer()) == "hello");
  REQUIRE(peer.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + expect + "\r\n"));
  const auto refused = peer.receive_to_end();
  CHECK_THAT(refused, Catch::StartsWith("HTTP/1.1 200") && Contains("Connection: close"));
}

TEST_CASE("session: a body beyond the handler's limit is refused by its length alone", "[net]") {
  const TestServer world{nullptr, {}};
  auto peer = world.connect_plain();
  REQUIRE(peer.send("POST /limit HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n"));
  CHECK_THAT(peer.receive_to_end(), Contains("larger than 10 bytes") && Contains("Connection: close"));
  auto chunked = world.connect_plain();
  REQUIRE(chunked.send("POST /limit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n"));
  CHECK_THAT(chunked.receive_answer(), Contains("larger than 10 bytes"));
}

TEST_CASE("session: a chunked body that nobody wanted costs its sender the connection, never the answer (ANS-08)",
          "[net]") {
  const TestServer world{nullptr, {}};
  auto peer = world.connect_plain();
  // More than is passed over to keep a connection, and its end is yet to come.
  const std::string chunk = "40000\r\n" + std::string(0x40000, 'x') + "\r\n";
  REQUIRE(peer.send("POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk));
  CHECK(body_of(peer.receive_answer()) == "/ignore");
  CHECK(peer.at_end());
  // A reset would have failed the sending of a client that reads when it has sent all.
  CHECK_FALSE(peer.was_reset());
}

TEST_CASE("session: a large body passes through TLS both ways unchanged", "[net]") {
  const TestServer world{&pki(), {}};
  auto peer = world.connect(pki().client);
  std::string body(3 * 1024 * 1024, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  REQUIRE(peer.send(post("/pieces", body)));
  CHECK(body_of(peer.receive_answer()) == std::to_string(body.size()));
  REQUIRE(peer.send(post("/echo", body)));
  CHECK(body_of(peer.receive_answer()) == body);
}

TEST_CASE("session: HEAD has no body, HTTP/1.0 and Connection: close end the connection", "[net]") {
  const TestServer world{nullptr, {}};
  auto peer = world.connect_plain();
  REQUIRE(peer.send("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK_THAT(peer.receive_until("\r\n\r\n"), Contains("Content-Length: 4"));
  REQUIRE(peer.send(get("/last", "Connection: close\r\n") + get("/never")));
  const auto rest = peer.receive_to_end();
  CHECK_THAT(rest, Catch::StartsWith("HTTP/1.1 200") && Contains("Connection: close") && Catch::EndsWith("/last"));
  auto old = world.connect_plain();
  REQUIRE(old.send("GET /old HTTP/1.0\r\n\r\n"));
  CHECK_THAT(old.receive_to_end(), Contains("Connection: close") && Catch::EndsWith("/old"));
}

TEST_CASE("session: a handler's exception is answered 500, a header that would split the answer is left out", "[net]") {
  const TestServer world{nullptr, {}};
  auto peer = world.connect_plain();
  REQUIRE(peer.send(get("/header")));
  CHECK_THAT(peer.receive_answer(), Contains("X-Good: 1") && !Contains("X-Injected") &&
                                        !Contains("transfer-encoding") && Contains("Content-Length: 0"));
  REQUIRE(peer.send(get("/throw")));
  CHECK_THAT(peer.receive_to_end(), Catch::StartsWith("HTTP/1.1 500"));
}

TEST_CASE("session: after its number of requests a connection is closed", "[net]") {
  net::ServerLimits limits;
  limits.requests_per_connection = 2;
  const TestServer world{nullptr, limits};
  auto peer = world.connect_plain();
  REQUIRE(peer.send(get("/1") + get("/2") + get("/3")));
  CHECK_THAT(peer.receive_to_end(), Contains("/2") && !Contains("/3"));
}

TEST_CASE("session: a head, a handshake, a body or a next request that does not come ends the connection", "[net]") {
  TestServer world{&pki(), short_limits()};
  auto no_handshake = world.connect_plain();
  CHECK(no_handshake.at_end());

  auto slow_head = world.connect(pki().client);
  REQUIRE(slow_head.send("GET / HTTP/1.1\r\nHost:"));
  CHECK(slow_head.at_end());
  CHECK(world.handler.late.get_future().wait_for(std::chrono::seconds{5}) == std::future_status::ready);

  auto slow_body = world.connect(pki().client);
  REQUIRE(slow_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"));
  CHECK_THAT(slow_body.receive_to_end(), Contains("timeout"));

  auto silent = world.connect(pki().client);
  REQUIRE(silent.send(get("/1")));
  CHECK(body_of(silent.receive_answer()) == "/1");
  CHECK(silent.at_end());
}

TEST_CASE("session: no client certificate is answered 496 and the connection closed (TLS-02)", "[net]") {
  const TestServer world{&pki(), {}};
  for (const int version : {0x0303, 0x0304}) {
    auto peer = world.connect_plain();
    REQUIRE(peer.start_tls(nullptr, version));
    REQUIRE(peer.send(get("/1")));
    CHECK_THAT(peer.receive_to_end(),
               Catch::StartsWith("HTTP/1.1 496 SSL Certificate Required") && Contains("sent no certificate"));
  }
  CHECK(world.handler.handled == 0);
}

TEST_CASE("session: a bad client certificate is answered 495 with the reason, and never served (TLS-02, TLS-03)",
          "[net]") {
  TestPki own;
  CertificateWish wish;
  const auto revoked = own.ca.issue(wish);
  own.ca.revoke(revoked);
  auto expired_wish = wish;
  expired_wish.valid_from_days = -10;
  expired_wish.valid_to_days = -1;
  auto future_wish = wish;
  future_wish.valid_from_days = 5;
  auto server_only = wish;
  server_only.usage = "serverAuth";
  const TestServer world{&own, {}, true};
  struct Case {
    Identity identity;
    const char* reason;
  };
  for (const auto& [identity, reason] :
       {Case{own.ca.issue(expired_wish), "has expired"}, Case{own.ca.issue(future_wish), "not valid yet"},
        Case{revoked, "is revoked"}, Case{own.ca.issue(server_only), "not for client authentication"},
        Case{own.other_ca.issue(wish), "not issued by a trusted authority"},
        Case{self_signed(wish), "is self-signed"}}) {
    auto peer = world.connect(identity);
    REQUIRE(peer.send(get("/1")));
    const auto answer = peer.receive_to_end();
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 495 SSL Certificate Error"));
    CHECK_THAT(answer, Contains(reason));
  }
  CHECK(world.handler.handled == 0);
  auto good = world.connect(own.client);
  REQUIRE(good.send(get("/1")));
  CHECK(body_of(good.receive_answer()) == "/1");
}

TEST_CASE("session: plain HTTP on the TLS port is answered 497, other bytes are closed (TLS-05)", "[net]") {
  const TestServer world{&pki(), {}};
  auto plain = world.connect_plain();
  REQUIRE(plain.send(get("/1")));
  CHECK_THAT(plain.receive_to_end(), Catch::StartsWith("HTTP/1.1 497") && Contains("Connection: close"));
  auto garbage = world.connect_plain();
  REQUIRE(garbage.send(std::string{"\0\1\2", 3}));
  CHECK(garbage.at_end());
  CHECK(world.handler.handled == 0);
}

TEST_CASE("session: a certificate revoked by a reloaded CRL is refused on an open connection (TLS-03, TLS-06, TLS-07)",
          "[net]") {
  TestPki own;
  const auto other = own.ca.issue({});
  const TestServer world{&own, {}, true};
  auto stays = world.connect(own.client);
  auto goes = world.connect(other);
  for (auto* peer : {&stays, &goes}) {
    REQUIRE(peer->send(get("/1")));
    CHECK(body_of(peer->receive_answer()) == "/1");
  }
  own.ca.revoke(other);
  own.folder.write("crl.pem", own.ca.revocation_list());
  REQUIRE(world.tls->reload().has_value());
  REQUIRE(stays.send(get("/2")));
  CHECK(body_of(stays.receive_answer()) == "/2");
  REQUIRE(goes.send(get("/2")));
  CHECK_THAT(goes.receive_to_end(), Catch::StartsWith("HTTP/1.1 495") && Contains("revoked"));
}

TEST_CASE("session: TLS 1.1 gets no handshake (TLS-01)", "[net]") {
  const TestServer world{&pki(), {}};
  auto peer = world.connect_plain();
  CHECK_FALSE(peer.start_tls(&pki().client, 0x0302));
}
