// Sender and recipient known from a Spine Directory Service alone: a real one, asked over LDAP (SSP-09).
#include <catch2/catch.hpp>
#include <fstream>
#include <future>

#include "exchange/task_message.hpp"
#include "proxy/proxy_world.hpp"
#include "support/slapd.hpp"
#include "support/token_signer.hpp"

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

/// The same, with what the operator and the sender have agreed.
const std::string kSigningRows =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,Token Signature,Policy Reason\n"
    "A11111,,,Sender Surgery,north,,required,agreed\n"
    "C33333,,,Relayed Surgery,north,,,\n";
const std::string kPolicyRows =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,Identifier Systems,Policy "
    "Reason\n"
    "A11111,,,Sender Surgery,north,,urn:partner:ods=ods-organization-code,until its next release\n"
    "C33333,,,Relayed Surgery,north,,,\n";

void answer_created(BlockingPeer& peer) {
  peer.receive_until("Please ring.");
  peer.send(
      "HTTP/1.1 201 Created\r\nLocation: https://provider.example.test:8443/C33333/DSTU2/1/Order/7\r\n"
      "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

std::string entries() {
  const std::string create{kCreateOrder};
  return ldif_of_system("A11111", "200000000001", "A11111-0001", create + " " + std::string{kReadAppointment}) +
         ldif_of_service("m1", "A11111-0001", create, "", "sender.example.test") +
         ldif_of_system("C33333", "200000000003", "C33333-0001", create) +
         ldif_of_service("m2", "C33333-0001", create, "https://provider.example.test:8443/C33333/DSTU2/1",
                         "provider.example.test");
}

std::function<void(app::Config&)> asking(const directory::SpineSettings& service,
                                         const std::string& rows = std::string{kRows}) {
  return [service, rows](app::Config& config) {
    std::ofstream{config.organisations} << rows;
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
  return exchange::make_order({.from = &from,
                               .to = &to,
                               .patient = &patient,
                               .text = "Call " + std::to_string(++count) + ". Please ring.",
                               .identifier = {}},
                              SystemClock{}.now());
}

/// `token` makes the token that is sent of the unsecured one.
std::string send(const ProxyWorld& world, std::string_view base,
                 const std::function<std::string(const std::string& jwt)>& token = {}) {
  auto sender = world.sender();
  const auto body = order();
  auto head = world.head("POST", std::string{base} + "/Order", kCreateOrder);
  if (token) {
    const auto jwt = head.find("Bearer ") + 7;
    const auto length = head.find("\r\n", jwt) - jwt;
    head.replace(jwt, length, token(head.substr(jwt, length)));
  }
  REQUIRE(sender.send(head + "Content-Type: application/json+fhir\r\nConnection: close\r\nContent-Length: " +
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
  const ProxyWorld world{answer_created, asking(service.settings())};
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

TEST_CASE("spine service: a sender that it names must sign, and is heard with its signature alone (JWT-06, SSP-09)",
          "[proxy]") {
  if (!Slapd::present()) {
    WARN("skipped: there is no slapd here (Debian package slapd)");
    return;
  }
  Slapd service{entries()};
  const auto signer = TokenSigner::p256();
  const auto signed_by = [](const TokenSigner& by) {
    return [&by](const std::string& jwt) { return by.signed_token(jwt, R"({"alg":"ES256","typ":"JWT","kid":"k1"})"); };
  };
  const auto with_keys = [&](app::Config& config) {
    asking(service.settings(), kSigningRows)(config);
    config.token_keys = config.organisations.parent_path() / "keys.json";
    std::ofstream{config.token_keys} << "{\"keys\":[" << signer.jwk("k1") << "]}";
  };
  ProxyWorld world{answer_created, with_keys};
  // Whatever is wrong, what is known of nobody stays unknown: the service is asked, and the token is judged after it.
  const auto another = TokenSigner::p256();
  CHECK_THAT(send(world, kDirect), StartsWith("HTTP/1.1 400") && Contains("JWT-06"));
  CHECK_THAT(send(world, kDirect, signed_by(another)), StartsWith("HTTP/1.1 400") && Contains("JWT-06"));
  const auto altered = [&](const std::string& jwt) {
    auto token = signed_by(signer)(jwt);
    token[token.find('.') + 20] ^= 1;
    return token;
  };
  CHECK_THAT(send(world, kDirect, altered), StartsWith("HTTP/1.1 400") && Contains("JWT-0"));
  CHECK(world.reached() == 0);
  CHECK_THAT(send(world, kDirect, signed_by(signer)), StartsWith("HTTP/1.1 201"));
  CHECK(world.reached() == 1);
  // From what was learnt, too; and the keys can go while it runs.
  service.stop();
  CHECK_THAT(send(world, kDirect, signed_by(signer)), StartsWith("HTTP/1.1 201"));
  std::ofstream{world.folder() / "keys.json"} << "{\"keys\":[" << another.jwk("k1") << "]}";
  world.gateway().reload();
  CHECK_THAT(send(world, kDirect, signed_by(signer)), StartsWith("HTTP/1.1 400") && Contains("JWT-06"));
  CHECK_THAT(send(world, kDirect, signed_by(another)), StartsWith("HTTP/1.1 201"));
  CHECK(world.reached() == 3);
}

TEST_CASE("spine service: a partner's policy is in force before the service has named it (SSP-09, SSP-12)", "[proxy]") {
  if (!Slapd::present()) {
    WARN("skipped: there is no slapd here (Debian package slapd)");
    return;
  }
  const Slapd service{entries()};
  const ProxyWorld world{answer_created, asking(service.settings(), kPolicyRows)};
  const auto named_otherwise = [](const std::string& jwt) {
    const auto start = jwt.find('.') + 1;
    auto payload = *base64url_decode(jwt.substr(start, jwt.rfind('.') - start));
    const std::string published = "http://fhir.nhs.net/Id/ods-organization-code";
    payload.replace(payload.find(published), published.size(), "urn:partner:ods");
    return jwt.substr(0, start) + base64url_encode(payload) + '.';
  };
  CHECK_THAT(send(world, kDirect, named_otherwise), StartsWith("HTTP/1.1 201"));
  CHECK(world.reached() == 1);
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
