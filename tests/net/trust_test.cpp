// What happens to trust while time passes: resumption, certificates that end on open connections, staples.
#include <catch2/catch.hpp>
#include <string>

#include "net/net_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

const std::string kGet = "GET /1 HTTP/1.1\r\nHost: gateway.example\r\n\r\n";

std::unique_ptr<net::ServerTls> loaded(const net::TlsFiles& files, const net::Resumption& resumption = {}) {
  return std::move(net::ServerTls::load(files, resumption).value());
}

/// Connects with `session`, and gives the connection after one answered request.
BlockingPeer visit(const TestServer& world, const Identity& identity, int version, SSL_SESSION* session = nullptr) {
  auto peer = world.connect_plain();
  REQUIRE(peer.start_tls(&identity, version, session));
  REQUIRE(peer.send(kGet));
  return peer;
}

bool is_served(BlockingPeer& peer) {
  return peer.receive_answer().starts_with("HTTP/1.1 200");
}

/// The session of a connection that then ends in good order; OpenSSL forgets those of broken connections.
std::shared_ptr<SSL_SESSION> session_of(BlockingPeer& peer) {
  auto session = peer.session();
  peer.end_tls();
  return session;
}

/// A certificate that ends so soon that a test can wait for it.
Identity short_lived(TestCa& ca) {
  CertificateWish wish;
  wish.valid_to_days = 0;
  wish.valid_to_seconds = 3;
  return ca.issue(wish);
}

}  // namespace

TEST_CASE("resumption: off by default, no session is taken up again (TLS-07)", "[net]") {
  const TestPki pki;
  const TestServer world{loaded(pki.files("server", pki.server))};
  const int version = GENERATE(0x0303, 0x0304);
  auto first = visit(world, pki.client, version);
  CHECK(is_served(first));
  auto second = visit(world, pki.client, version, session_of(first).get());
  CHECK(is_served(second));
  CHECK_FALSE(second.resumed());
}

TEST_CASE("resumption: when it is on a session is taken up, without early data, until the next reload (TLS-07)",
          "[net]") {
  const TestPki pki;
  const TestServer world{loaded(pki.files("server", pki.server), {.on = true})};
  const int version = GENERATE(0x0303, 0x0304);
  auto first = visit(world, pki.client, version);
  CHECK(is_served(first));
  const auto session = session_of(first);
  CHECK(BlockingPeer::early_data(session.get()) == 0);
  auto second = visit(world, pki.client, version, session.get());
  CHECK(is_served(second));
  CHECK(second.resumed());

  REQUIRE(world.tls->reload().has_value());
  auto third = visit(world, pki.client, version, session_of(second).get());
  CHECK(is_served(third));
  CHECK_FALSE(third.resumed());
}

TEST_CASE("resumption: the handler sees the same peer, and without a certificate there is still no service (TLS-07)",
          "[net]") {
  const TestPki pki;
  const TestServer world{loaded(pki.files("server", pki.server), {.on = true})};
  const int version = GENERATE(0x0303, 0x0304);
  auto first = visit(world, pki.client, version);
  CHECK(is_served(first));
  auto second = world.connect_plain();
  REQUIRE(second.start_tls(&pki.client, version, first.session().get()));
  REQUIRE(second.send("GET /peer HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(second.resumed());
  CHECK_THAT(second.receive_answer(), Catch::EndsWith("practice.example;second.example;CN=practice.example;64"));

  auto nobody = world.connect_plain();
  REQUIRE(nobody.start_tls(nullptr, version));
  REQUIRE(nobody.send(kGet));
  CHECK_THAT(nobody.receive_to_end(), Catch::StartsWith("HTTP/1.1 496"));
  auto again = world.connect_plain();
  REQUIRE(again.start_tls(nullptr, version, nobody.session().get()));
  REQUIRE(again.send(kGet));
  CHECK_THAT(again.receive_to_end(), Catch::StartsWith("HTTP/1.1 496"));
}

TEST_CASE("resumption: sessions that resume each other live together no longer than one (TLS-07)", "[net]") {
  const TestPki pki;
  const TestServer world{loaded(pki.files("server", pki.server), {.on = true, .life = seconds{2}})};
  const int version = GENERATE(0x0303, 0x0304);
  auto peer = visit(world, pki.client, version);
  REQUIRE(is_served(peer));
  auto session = session_of(peer);
  const auto began = std::chrono::steady_clock::now();
  const auto limit = began + std::chrono::seconds{20};
  int resumed = 0;
  for (bool taken = true; taken;) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    auto next = visit(world, pki.client, version, session.get());
    REQUIRE(is_served(next));
    taken = next.resumed();
    resumed += taken ? 1 : 0;
    session = session_of(next);
  }
  CHECK(resumed > 0);
  CHECK(std::chrono::steady_clock::now() - began > std::chrono::seconds{1});
}

TEST_CASE("resumption: a certificate that ended since is refused with 495, though its session lives (TLS-02, TLS-07)",
          "[net]") {
  TestPki pki;
  const TestServer world{loaded(pki.files("server", pki.server), {.on = true})};
  const int version = GENERATE(0x0303, 0x0304);
  const auto identity = short_lived(pki.ca);
  auto peer = visit(world, identity, version);
  REQUIRE(is_served(peer));
  auto session = session_of(peer);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  for (;;) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    auto next = visit(world, identity, version, session.get());
    REQUIRE(next.resumed());
    const auto answer = next.receive_answer();
    if (answer.starts_with("HTTP/1.1 495")) {
      CHECK_THAT(answer, Contains("expired"));
      break;
    }
    session = session_of(next);
  }
}

TEST_CASE("trust: a certificate that ends while its connection is open is refused at the next check (TLS-07)",
          "[net]") {
  TestPki pki;
  net::ServerLimits limits;
  limits.recheck = milliseconds{1};
  const TestServer world{loaded(pki.files("server", pki.server)), limits};
  auto peer = visit(world, short_lived(pki.ca), 0);
  REQUIRE(is_served(peer));
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  for (;;) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    REQUIRE(peer.send(kGet));
    const auto answer = peer.receive_answer();
    if (answer.starts_with("HTTP/1.1 200")) continue;
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 495") && Contains("expired"));
    break;
  }
  CHECK(peer.at_end());
}

TEST_CASE("trust: without a CRL there is a warning, with one there is none (TLS-03)", "[net]") {
  const TestPki pki;
  const auto warnings = loaded(pki.files("server", pki.server))->warnings();
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings.front(), Contains("no crl is configured"));
  CHECK(loaded(pki.files("server", pki.server, true))->warnings().empty());
}

TEST_CASE("staple: the server certificate's OCSP response is sent to clients that ask, and renewed by a reload",
          "[net]") {
  const TestPki pki;
  auto files = pki.files("server", pki.server, true);
  const auto first = pki.ca.ocsp_response(pki.server, true, 3600);
  files.ocsp_staple = pki.folder.write("staple.der", first);
  const TestServer world{loaded(files)};
  CHECK(world.tls->warnings().empty());
  for (const int version : {0x0303, 0x0304}) {
    auto peer = visit(world, pki.client, version);
    CHECK(is_served(peer));
    CHECK((peer.staple() == first));
  }
  const auto second = pki.ca.ocsp_response(pki.server, true, 7200);
  pki.folder.write("staple.der", second);
  REQUIRE(world.tls->reload().has_value());
  auto peer = visit(world, pki.client, 0);
  CHECK(is_served(peer));
  CHECK((peer.staple() == second));
}

TEST_CASE("staple: what is stale, of another certificate, of nobody trusted, or no good news is told of and not sent",
          "[net]") {
  TestPki pki;
  struct Case {
    std::string response;
    const char* reason;
  };
  const Case cases[] = {
      {pki.ca.ocsp_response(pki.server, true, -60), "stale"},
      {pki.ca.ocsp_response(pki.client, true, 3600), "another certificate"},
      {pki.other_ca.ocsp_response(pki.server, true, 3600), "trusted responder"},
      {pki.ca.ocsp_response(pki.server, false, 3600), "revoked"},
      {"garbage", "no OCSP response in DER"},
  };
  const auto& [response, reason] = cases[GENERATE(0, 1, 2, 3, 4)];
  auto files = pki.files("server", pki.server, true);
  files.ocsp_staple = pki.folder.write("staple.der", response);
  const TestServer world{loaded(files)};
  const auto warnings = world.tls->warnings();
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings.front(), Contains("staple.der") && Contains(reason));
  auto peer = visit(world, pki.client, 0);
  CHECK(is_served(peer));
  CHECK(peer.staple().empty());
}

TEST_CASE("staple: one that becomes stale while the server runs is sent no more", "[net]") {
  const TestPki pki;
  auto files = pki.files("server", pki.server, true);
  files.ocsp_staple = pki.folder.write("staple.der", pki.ca.ocsp_response(pki.server, true, 3));
  const TestServer world{loaded(files)};
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  for (;;) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    auto peer = visit(world, pki.client, 0);
    CHECK(is_served(peer));
    if (peer.staple().empty()) break;
  }
}
