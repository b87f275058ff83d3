// Sender and recipient known from a Spine Directory Service alone: a real one, asked over LDAP (SSP-09).
#include <catch2/catch.hpp>
#include <fstream>
#include <future>

#include "app/task_message.hpp"
#include "proxy/proxy_world.hpp"
#include "support/slapd.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

/// With whom they share is the operator's to say; the rest is the service's.
constexpr std::string_view kRows =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint\n"
    "A11111,,,Sender Surgery,north,\n"
    "C33333,,,Relayed Surgery,north,\n";

std::string entries() {
  const std::string create{kCreateOrder};
  return ldif_of_system("A11111", "200000000001", "A11111-0001", create + " " + std::string{kReadAppointment}) +
         ldif_of_service("m1", "A11111-0001", create, "", "sender.example.test") +
         ldif_of_system("C33333", "200000000003", "C33333-0001", create) +
         ldif_of_service("m2", "C33333-0001", create, "https://provider.example.test:8443/C33333/DSTU2/1",
                         "provider.example.test");
}

std::function<void(app::Config&)> asking(const directory::SpineSettings& service) {
  return [service](app::Config& config) {
    std::ofstream{config.organisations} << kRows;
    config.asks_service = true;
    config.service.service = service;
  };
}

/// Each with a text of its own, or the gateway takes it for a repeat of the one before (OUT-11).
std::string order() {
  static int count = 0;
  directory::Organisation from;
  from.logical_id = "1";
  auto to = from;
  to.logical_id = "2";
  directory::Patient patient;
  patient.logical_id = "3";
  return app::make_order({.from = &from,
                          .to = &to,
                          .patient = &patient,
                          .text = "Call " + std::to_string(++count) + ". Please ring.",
                          .identifier = {}},
                         SystemClock{}.now());
}

std::string send(const ProxyWorld& world, std::string_view base) {
  auto sender = world.sender();
  const auto body = order();
  REQUIRE(sender.send(world.head("POST", std::string{base} + "/Order", kCreateOrder) +
                      "Content-Type: application/json+fhir\r\nConnection: close\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body));
  return sender.receive_to_end();
}

}  // namespace

TEST_CASE("spine service: a task goes to the endpoint that it names, and to no other (SSP-05, SSP-09)", "[proxy]") {
  if (!Slapd::present()) {
    WARN("skipped: there is no slapd here (Debian package slapd)");
    return;
  }
  Slapd service{entries()};
  const ProxyWorld world{[](BlockingPeer& peer) {
                           peer.receive_until("Please ring.");
                           peer.send(
                               "HTTP/1.1 201 Created\r\nLocation: https://provider.example.test:8443/C33333/"
                               "DSTU2/1/Order/7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                         },
                         asking(service.settings())};
  for (const auto base : {kDirect, kProxied}) {
    INFO(base);
    CHECK_THAT(send(world, base), StartsWith("HTTP/1.1 201"));
  }
  CHECK(world.reached() == 2);
  // Registered for tasks alone; another port; an organisation without a row.
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("GET", std::string{kDirect} + "/Appointment/7", kReadAppointment) +
                      "Connection: close\r\n\r\n"));
  CHECK_THAT(sender.receive_to_end(), StartsWith("HTTP/1.1 400") && Contains("SSP-03"));
  CHECK_THAT(send(world, "/https://provider.example.test:8444/C33333/DSTU2/1"), StartsWith("HTTP/1.1 404"));
  CHECK_THAT(send(world, "/Z99999/DSTU2/1"), StartsWith("HTTP/1.1 404"));
  CHECK(world.reached() == 2);
  // What was learnt does without the service.
  service.stop();
  CHECK_THAT(send(world, kDirect), StartsWith("HTTP/1.1 201"));
  CHECK(world.reached() == 3);
}

TEST_CASE("spine service: while it is away and nothing is known of the sender, the answer is 503 (SSP-07, SSP-09)",
          "[proxy]") {
  TestCa ca{"Directory Root"};
  const TemporaryFolder folder;
  const auto client = ca.issue({});
  directory::SpineSettings away;
  away.ldap.url = "ldaps://127.0.0.1:1";
  away.ldap.trust = folder.write("trust.pem", ca.certificate());
  away.ldap.certificate = folder.write("client.pem", client.certificate);
  away.ldap.key = folder.write("client.key", client.key);
  const ProxyWorld world{[](BlockingPeer&) {}, asking(away)};
  const auto answer = send(world, kDirect);
  CHECK_THAT(answer, StartsWith("HTTP/1.1 503") && Contains("Retry-After: ") && Contains("SSP-09"));
  // What is wrong whoever asks is still told as what it is.
  auto sender = world.sender();
  REQUIRE(sender.send("GET /C33333/DSTU2/1/Order/7 HTTP/1.1\r\nHost: hub.example.test\r\nConnection: close\r\n\r\n"));
  CHECK_THAT(sender.receive_to_end(), StartsWith("HTTP/1.1 400") && Contains("SSP-01"));
  CHECK(world.reached() == 0);
}
