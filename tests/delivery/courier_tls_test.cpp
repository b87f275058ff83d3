// The courier over real TLS on the loopback, with certificates as certs/make-pki.sh makes them.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "delivery/courier.hpp"
#include "delivery/scripted_dialer.hpp"
#include "delivery/tls_peer.hpp"
#include "net/tls_context.hpp"

using namespace gw;
using namespace gw::test;
using delivery::Courier;
using delivery::Delivery;
using delivery::Route;
using delivery::Settings;
using delivery::Verdict;

namespace {

const std::filesystem::path kPki = GW_TEST_PKI;

Settings quick() {
  Settings settings;
  settings.connect_backoff = milliseconds{1};
  settings.connect_attempts = 1;
  settings.breaker_failures = 0;
  return settings;
}

struct TlsWorld {
  explicit TlsWorld(const Settings& settings = quick(), const std::string& us = "gateway") {
    auto loaded = net::ClientTls::load({.certificate = kPki / (us + ".pem"),
                                        .key = kPki / (us + ".key"),
                                        .trust = kPki / "trust.pem",
                                        .crl = kPki / "crl.pem"});
    REQUIRE(loaded.has_value());
    tls = std::move(*loaded);
    courier = Courier::make(runner.threads(), *tls, settings);
  }
  TlsWorld(const TlsWorld&) = delete;
  TlsWorld& operator=(const TlsWorld&) = delete;
  ~TlsWorld() {
    courier->stop();
    runner.threads().stop();
  }

  LeaseResult connect(std::uint16_t port) {
    const Route route{
        .target = {.host = "gp.example.test", .port = 443, .connect_to = "127.0.0.1:" + std::to_string(port)},
        .base_path = ""};
    return runner.run(0, courier->connect(route, in(seconds{10})));
  }
  Delivery deliver(std::uint16_t port, milliseconds time = seconds{10}) {
    auto lease = connect(port);
    if (!lease) return delivery::classify(lease.error());
    return runner.run(0, send_and_drop(std::move(*lease), in(time)));
  }

  std::unique_ptr<net::ClientTls> tls;
  Runner runner{1};
  std::unique_ptr<Courier> courier;
};

}  // namespace

TEST_CASE("courier over TLS: many tasks go over one connection", "[delivery]") {
  TlsPeer peer(kPki, "recipient");
  TlsWorld world;
  for (int i = 0; i < 20; ++i) {
    const auto delivery = world.deliver(peer.port());
    CHECK(delivery.verdict == Verdict::kDelivered);
    CHECK(delivery.pass_on);
    REQUIRE(delivery.answer);
    CHECK(header_value(delivery.answer->headers, "Location") == "https://x/Order/1");
  }
  CHECK(peer.connections() == 1);
  CHECK(peer.requests() == 20);
}

TEST_CASE("courier over TLS: a kept connection that the recipient closed is replaced, and nothing is lost",
          "[delivery]") {
  TlsPeer peer(kPki, "recipient");
  TlsWorld world;
  peer.behave(Manner::kCloseAfterAnswer);
  for (int i = 1; i <= 5; ++i) {
    CHECK(world.deliver(peer.port()).verdict == Verdict::kDelivered);
    REQUIRE(eventually([&] { return peer.closed() == i; }));
  }
  CHECK(peer.requests() == 5);
  CHECK(peer.connections() == 5);
}

TEST_CASE("courier over TLS: whatever ends without an answer after the request is in doubt (OUT-04)", "[delivery]") {
  TlsPeer peer(kPki, "recipient");
  TlsWorld world;
  const auto manner = GENERATE(Manner::kCloseAfterRequest, Manner::kGarbage, Manner::kHang);
  peer.behave(manner);
  const auto delivery = world.deliver(peer.port(), milliseconds{manner == Manner::kHang ? 200 : 10'000});
  CAPTURE(delivery.diagnostics);
  CHECK(delivery.verdict == Verdict::kInDoubt);
  CHECK(delivery.status == 504);
  CHECK_FALSE(delivery.pass_on);
  CHECK(peer.requests() == 1);
  CHECK(world.courier->health().at(0).open == 0);
}

TEST_CASE("courier over TLS: a 201 whose body breaks off is delivered (OUT-02)", "[delivery]") {
  TlsPeer peer(kPki, "recipient");
  TlsWorld world;
  peer.behave(Manner::kTruncate);
  const auto delivery = world.deliver(peer.port());
  CHECK(delivery.verdict == Verdict::kDelivered);
  CHECK(delivery.status == 201);
  CHECK_FALSE(delivery.pass_on);
  REQUIRE(delivery.answer);
  CHECK_FALSE(delivery.answer->complete);
}

TEST_CASE("courier over TLS: a recipient with a bad certificate gets no byte of the task (TLS-04)", "[delivery]") {
  const std::string name =
      GENERATE("bad/expired", "bad/revoked", "bad/self_signed", "bad/untrusted", "bad/wrong_purpose", "bad/wrong_host");
  CAPTURE(name);
  TlsPeer peer(kPki, name);
  auto settings = quick();
  settings.connect_attempts = 3;
  TlsWorld world(settings);
  const auto lease = world.connect(peer.port());
  REQUIRE(lease.has_error());
  CAPTURE(lease.error().detail);
  CHECK(lease.error().kind == FaultKind::kTls);
  CHECK(delivery::classify(lease.error()).status == 502);
  CHECK(peer.connections() == 1);
  CHECK(peer.requests() == 0);
}

TEST_CASE("courier over TLS: our certificate refused by the recipient is a certain failure (SSP-07)", "[delivery]") {
  TlsPeer peer(kPki, "recipient");
  TlsWorld world(quick(), "bad/untrusted");
  const auto delivery = world.deliver(peer.port());
  CAPTURE(delivery.diagnostics);
  CHECK(delivery.verdict == Verdict::kFailed);
  CHECK(delivery.status == 502);
  CHECK(peer.requests() == 0);
}

TEST_CASE("courier over TLS: a recipient that was down is found again when it is back (OUT-09)", "[delivery]") {
  auto settings = quick();
  settings.breaker_failures = 2;
  settings.breaker_cooldown = milliseconds{50};
  TlsWorld world(settings);
  std::uint16_t port = 0;
  {
    TlsPeer peer(kPki, "recipient");
    port = peer.port();
    CHECK(world.deliver(port).verdict == Verdict::kDelivered);
  }
  for (int i = 0; i < 4; ++i) {
    const auto delivery = world.deliver(port);
    CHECK(delivery.verdict == Verdict::kFailed);
    CHECK(delivery.status == 502);
  }
  TlsPeer peer(kPki, "recipient", port);
  CHECK(eventually([&] { return world.deliver(port).verdict == Verdict::kDelivered; }));
  CHECK(world.courier->health().at(0).breaker == delivery::Breaker::State::kClosed);
}
