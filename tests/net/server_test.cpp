#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "net/net_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {
const std::string kWait = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kGet = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
}  // namespace

TEST_CASE("server: stopping lets the running request be answered and closes idle connections (OUT-10)", "[net]") {
  TestServer world{nullptr, {}};
  auto idle = world.connect_plain();
  REQUIRE(idle.send(kGet));
  REQUIRE_THAT(idle.receive_answer(), Contains("200 OK"));
  auto busy = world.connect_plain();
  REQUIRE(busy.send(kWait));
  world.handler.waiting.get_future().wait();
  CHECK(world.server->open_connections() == 2);

  auto stopped = std::async(std::launch::async, [&world] { world.server->stop(); });
  CHECK(idle.at_end());
  world.handler.release();
  CHECK_THAT(busy.receive_to_end(), Contains("Connection: close") && Catch::EndsWith("waited"));
  stopped.get();
  CHECK(world.server->open_connections() == 0);
  CHECK_THROWS(world.connect_plain());
}

TEST_CASE("server: a request that outlasts the drain limit is cut (OUT-10)", "[net]") {
  net::ServerLimits limits;
  limits.drain = milliseconds{100};
  TestServer world{nullptr, limits};
  auto busy = world.connect_plain();
  REQUIRE(busy.send(kWait));
  world.handler.waiting.get_future().wait();
  world.server->stop();
  CHECK(busy.receive_to_end().empty());
  CHECK(world.server->open_connections() == 0);
}

TEST_CASE("server: a connection beyond the limit is answered 503, and one is free again when another ends", "[net]") {
  net::ServerLimits limits;
  limits.connections = 1;
  const TestServer world{nullptr, limits};
  {
    auto first = world.connect_plain();
    REQUIRE(first.send(kGet));
    REQUIRE_THAT(first.receive_answer(), Contains("200 OK"));
    auto second = world.connect_plain();
    REQUIRE(second.send(kGet));
    CHECK_THAT(second.receive_to_end(), Catch::StartsWith("HTTP/1.1 503"));
  }
  while (world.server->open_connections() > 0) std::this_thread::yield();
  auto third = world.connect_plain();
  REQUIRE(third.send(kGet));
  CHECK_THAT(third.receive_answer(), Contains("200 OK"));
}

TEST_CASE("server: one address has no more connections than it may, though the server could take more", "[net]") {
  net::ServerLimits limits;
  limits.connections_per_peer = 1;
  const TestServer world{nullptr, limits};
  {
    auto first = world.connect_plain();
    REQUIRE(first.send(kGet));
    REQUIRE_THAT(first.receive_answer(), Contains("200 OK"));
    auto second = world.connect_plain();
    REQUIRE(second.send(kGet));
    CHECK_THAT(second.receive_to_end(), Catch::StartsWith("HTTP/1.1 503") && Contains("from this address"));
  }
  while (world.server->open_connections() > 0) std::this_thread::yield();
  auto third = world.connect_plain();
  REQUIRE(third.send(kGet));
  CHECK_THAT(third.receive_answer(), Contains("200 OK"));
}

TEST_CASE("server: a port that is taken is reported with its address", "[net]") {
  const TestServer world{nullptr, {}};
  net::IoThreads threads{1};
  TestHandler handler;
  const auto second = net::Server::bind(threads, {"127.0.0.1", world.server->port()}, nullptr, {}, handler);
  REQUIRE_FALSE(second.has_value());
  CHECK_THAT(second.error().detail, Contains("127.0.0.1:" + std::to_string(world.server->port())));
}

TEST_CASE("TLS context: what is wrong with a file is said with its name (TLS-06)", "[net]") {
  const TestPki pki;
  const auto good = pki.files("server", pki.server, true);
  REQUIRE(net::ServerTls::load(good).has_value());
  const auto told = [](const net::TlsFiles& files) {
    const auto loaded = net::ServerTls::load(files);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().kind == FaultKind::kInvalid);
    return loaded.error().detail;
  };
  auto files = good;
  files.certificate = pki.folder.path() / "absent.pem";
  CHECK_THAT(told(files), Contains("absent.pem does not exist"));
  files = good;
  files.key = pki.folder.write("other.key", pki.client.key);
  CHECK_THAT(told(files), Contains("other.key does not match the certificate"));
  files = good;
  files.key = pki.folder.write("garbage.key", "garbage");
  CHECK_THAT(told(files), Contains("garbage.key holds no usable PEM private key"));
  files = good;
  files.trust = pki.folder.write("empty.pem", "");
  CHECK_THAT(told(files), Contains("empty.pem holds no usable PEM trust anchor"));
  files = good;
  files.crl = pki.folder.write("bad-crl.pem", pki.server.certificate);
  CHECK_THAT(told(files), Contains("bad-crl.pem"));
}

TEST_CASE("TLS context: a file that was replaced is known as changed, though it bears the same time and size (TLS-06)",
          "[net]") {
  const TestPki pki;
  const auto files = pki.files("server", pki.server);
  const auto tls = std::move(net::ServerTls::load(files).value());
  CHECK_FALSE(tls->files_changed());
  const auto written = std::filesystem::last_write_time(files.certificate);
  const auto next = pki.folder.write("next.pem", pki.server.certificate);
  std::filesystem::last_write_time(next, written);
  std::filesystem::rename(next, files.certificate);
  CHECK(tls->files_changed());
  REQUIRE(tls->reload().has_value());
  CHECK_FALSE(tls->files_changed());
}

TEST_CASE("TLS context: a reload that fails leaves the old context in place (TLS-06)", "[net]") {
  const TestPki pki;
  const auto tls = std::move(net::ClientTls::load(pki.files("client", pki.client)).value());
  const auto before = tls->context();
  pki.folder.write("client.key", "garbage");
  CHECK_FALSE(tls->reload().has_value());
  CHECK(tls->context() == before);
  pki.folder.write("client.key", pki.client.key);
  CHECK(tls->reload().has_value());
  CHECK(tls->context() != before);
}
