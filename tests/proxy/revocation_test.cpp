// A new revocation list counts on connections that are open already, a new certificate of our own on those that come
// (TLS-03, TLS-06, TLS-07).
#include <openssl/pem.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <future>
#include <memory>
#include <string>

#include "proxy/proxy_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

/// The certificate that the gateway showed, PEM.
std::string certificate_shown_to(const BlockingPeer& peer) {
  const std::unique_ptr<BIO, int (*)(BIO*)> text{BIO_new(BIO_s_mem()), &BIO_free};
  PEM_write_bio_X509(text.get(), SSL_SESSION_get0_peer(peer.session().get()));
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("revocation: a list that was replaced is seen without a signal, and ends an open connection (TLS-03, TLS-07)",
          "[proxy]") {
  ProxyWorld world{[](BlockingPeer&) {}};
  auto sender = world.sender();
  const auto request = world.head("POST", std::string{kMailbox} + "/Patient/$gpc.getcarerecord", kCareRecord) +
                       "Content-Length: 0\r\n\r\n";
  REQUIRE(sender.send(request));
  CHECK_THAT(sender.receive_answer(), Catch::StartsWith("HTTP/1.1 501"));

  world.gateway().reload_changed_certificates();
  REQUIRE(sender.send(request));
  CHECK_THAT(sender.receive_answer(), Catch::StartsWith("HTTP/1.1 501"));

  world.revoke(world.sender_identity());
  world.gateway().reload_changed_certificates();
  REQUIRE(sender.send(request));
  CHECK_THAT(sender.receive_to_end(), Catch::StartsWith("HTTP/1.1 495") && Contains("revoked"));
  auto again = world.sender();
  REQUIRE(again.send(request));
  CHECK_THAT(again.receive_to_end(), Catch::StartsWith("HTTP/1.1 495") && Contains("revoked"));
}

TEST_CASE(
    "reload: a new certificate is shown to who comes then; a request on its way and idle connections stay (TLS-06)",
    "[proxy]") {
  std::promise<void> asked;
  std::promise<void> reloaded;
  ProxyWorld world{[&](BlockingPeer& peer) {
    peer.receive_until("\r\n\r\n");
    asked.set_value();
    reloaded.get_future().wait();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole");
  }};
  auto idle = world.sender();
  auto busy = world.sender();
  const auto request = world.head("POST", std::string{kMailbox} + "/Patient/$gpc.getcarerecord", kCareRecord) +
                       "Content-Length: 0\r\n\r\n";
  REQUIRE(idle.send(request));
  CHECK_THAT(idle.receive_answer(), Catch::StartsWith("HTTP/1.1 501"));
  REQUIRE(busy.send(world.head("GET", std::string{kDirect} + "/Appointment/7", kReadAppointment) + "\r\n"));
  asked.get_future().wait();
  const auto renewed = world.ca().issue({.common_name = "hub.example.test", .dns_names = {"hub.example.test"}});
  std::ofstream{world.folder() / "hub.pem"} << renewed.certificate;
  std::ofstream{world.folder() / "hub.key"} << renewed.key;
  CHECK(certificate_shown_to(world.sender()) == certificate_shown_to(idle));
  world.gateway().reload();
  CHECK(certificate_shown_to(idle) != renewed.certificate);
  CHECK(certificate_shown_to(world.sender()) == renewed.certificate);
  reloaded.set_value();
  CHECK_THAT(busy.receive_answer(), Catch::StartsWith("HTTP/1.1 200") && Catch::EndsWith("whole"));
  REQUIRE(idle.send(request));
  CHECK_THAT(idle.receive_answer(), Catch::StartsWith("HTTP/1.1 501"));
}
