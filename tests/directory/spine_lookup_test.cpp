#include "directory/spine_lookup.hpp"

#include <malloc.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "support/blocking_peer.hpp"
#include "support/slapd.hpp"

using namespace gw;
using namespace gw::directory;
using gw::test::ldif_of_service;
using gw::test::ldif_of_system;
using gw::test::Slapd;

namespace {

const std::string kCreate = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
const std::string kRead = "urn:nhs:names:services:gpconnect:fhir:rest:read:order";
const std::string kEndpoint = "https://provider.example.test:8443/C33333/DSTU2/1";

SpineKey of_asid(std::string asid) {
  return {.by = SpineKey::By::kAsid, .id = std::move(asid), .interaction = {}};
}

SpineKey of_ods(std::string ods, std::string interaction = kCreate) {
  return {.by = SpineKey::By::kOds, .id = std::move(ods), .interaction = std::move(interaction)};
}

/// A sender, a recipient, and entries that must not be believed.
std::string entries() {
  return ldif_of_system("A11111", "200000000001", "A11111-0001", kCreate) +
         ldif_of_service("m1", "A11111-0001", "urn:nhs:names:services:other", "", "Sender.example.test") +
         ldif_of_system("C33333", "200000000003", "C33333-0001", kCreate + " " + kRead) +
         ldif_of_service("m2", "C33333-0001", kCreate, kEndpoint + "/", "provider.example.test") +
         ldif_of_service("m3", "C33333-0001", kRead, "https://reads.example.test/C33333/DSTU2/1", "") +
         // Not accredited for anything that has a name; endpoint without TLS; two endpoints for one interaction.
         ldif_of_system("D44444", "200000000004", "D44444-0001", "anything") +
         ldif_of_system("E55555", "200000000005", "E55555-0001", kCreate) +
         ldif_of_service("m5", "E55555-0001", kCreate, "http://plain.example.test/E55555", "") +
         ldif_of_system("F66666", "200000000006", "F66666-0001", kCreate) +
         ldif_of_service("m6", "F66666-0001", kCreate, "https://one.example.test/F66666", "") +
         ldif_of_service("m7", "F66666-0001", kCreate, "https://two.example.test/F66666", "") +
         // Two parties' worth of systems with one ODS code; one of them has a broken ASID.
         ldif_of_system("G77777", "200000000007", "G77777-0001", kCreate) +
         ldif_of_service("m8", "G77777-0001", kCreate, "https://good.example.test/G77777", "") +
         ldif_of_system("G77777", "20000000000x", "G77777-0001", kCreate);
}

/// One server for all test cases here. Null where there is none, after saying so.
Slapd* server() {
  if (!Slapd::present()) {
    WARN("skipped: there is no slapd here (Debian package slapd)");
    return nullptr;
  }
  std::signal(SIGPIPE, SIG_IGN);
  static Slapd slapd{entries()};
  return &slapd;
}

FaultKind kind_of(const Result<std::vector<SpineSystem>>& found) {
  REQUIRE_FALSE(found.has_value());
  INFO(found.error().detail);
  return found.error().kind;
}

}  // namespace

TEST_CASE("ldap: what has a meaning in a search filter is escaped (SSP-09)", "[directory]") {
  CHECK(escaped_for_filter("B82001") == "B82001");
  CHECK(escaped_for_filter("urn:nhs:names:services:x_y-1.0") == "urn:nhs:names:services:x_y-1.0");
  CHECK(escaped_for_filter("*)(a=\\") == "\\2a\\29\\28a\\3d\\5c");
  CHECK(escaped_for_filter(std::string_view{"\0 \xC3\xA9", 4}) == "\\00\\20\\c3\\a9");
}

TEST_CASE("spine lookup: a recipient is found in two steps, by ODS code and interaction (SSP-09)", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  SpineLookup lookup{slapd->settings()};
  const auto found = lookup.find(of_ods("C33333"));
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  const auto& system = found->front();
  CHECK(system.ods.text() == "C33333");
  CHECK(system.asid.text() == "200000000003");
  CHECK(system.party_key == "C33333-0001");
  CHECK(system.endpoint == kEndpoint);
  CHECK(system.fqdn == "provider.example.test");
  CHECK(system.interactions == std::vector<std::string>{kCreate, kRead});

  const auto reads = lookup.find(of_ods("C33333", kRead));
  REQUIRE(reads.has_value());
  REQUIRE(reads->size() == 1);
  CHECK(reads->front().endpoint == "https://reads.example.test/C33333/DSTU2/1");
  CHECK(reads->front().fqdn == "reads.example.test");
}

TEST_CASE("spine lookup: a sender is found by its ASID, with the name of its party (SSP-09, TLS-04)", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  SpineLookup lookup{slapd->settings_with_start_tls()};
  const auto found = lookup.find(of_asid("200000000001"));
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  CHECK(found->front().ods.text() == "A11111");
  CHECK(found->front().fqdn == "sender.example.test");
  CHECK(found->front().endpoint.empty());
  const auto nobody = lookup.find(of_asid("299999999999"));
  REQUIRE(nobody.has_value());
  CHECK(nobody->empty());
}

TEST_CASE("spine lookup: a hostile ODS code finds nothing, least of all everything (SSP-09)", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  SpineLookup lookup{slapd->settings()};
  for (const std::string code : {"*", "C*", "C33333)(objectClass=*", "*)(uniqueIdentifier=200000000003", "\\",
                                 "C33333\\", "C3333\xC3", "", "c33333", "))))", "C33333)(|(nhsIDCode=*"}) {
    INFO(code);
    const auto found = lookup.find(of_ods(code));
    REQUIRE(found.has_value());
    CHECK(found->empty());
  }
  const auto zero = lookup.find(of_ods(std::string{"C33333\0)", 8}));
  REQUIRE(zero.has_value());
  CHECK(zero->empty());
}

TEST_CASE("spine lookup: an entry that breaks a form or contradicts another is not used (SSP-09)", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  SpineLookup lookup{slapd->settings()};
  for (const std::string ods : {"D44444", "E55555", "F66666"}) {
    INFO(ods);
    const auto found = lookup.find(of_ods(ods, ods == "D44444" ? "anything" : kCreate));
    REQUIRE(found.has_value());
    CHECK(found->empty());
  }
  const auto beside = lookup.find(of_ods("G77777"));
  REQUIRE(beside.has_value());
  REQUIRE(beside->size() == 1);
  CHECK(beside->front().asid.text() == "200000000007");
  const auto unaccredited = lookup.find(of_asid("200000000004"));
  REQUIRE(unaccredited.has_value());
  CHECK(unaccredited->empty());
}

TEST_CASE("spine lookup: without a client certificate the server takes no connection (SSP-09)", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  auto settings = slapd->settings();
  settings.ldap.certificate.clear();
  settings.ldap.key.clear();
  SpineLookup lookup{settings};
  CHECK(kind_of(lookup.find(of_asid("200000000001"))) == FaultKind::kUnreachable);
}

TEST_CASE("spine lookup: a server whose certificate is not right is refused (SSP-09)", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  const test::TemporaryFolder folder;
  const test::TestCa stranger{"Stranger Root"};
  for (auto settings : {slapd->settings(), slapd->settings_with_start_tls()}) {
    INFO(settings.ldap.url);
    auto other_authority = settings;
    other_authority.ldap.trust = folder.write("trust.pem", stranger.certificate());
    SpineLookup distrustful{other_authority};
    CHECK(kind_of(distrustful.find(of_asid("200000000001"))) == FaultKind::kUnreachable);
    // The server is there under this number too, but its certificate is for 127.0.0.1.
    auto other_name = settings;
    other_name.ldap.url.replace(other_name.ldap.url.find("127.0.0.1"), 9, "127.0.0.2");
    SpineLookup elsewhere{other_name};
    CHECK(kind_of(elsewhere.find(of_asid("200000000001"))) == FaultKind::kUnreachable);
  }
}

TEST_CASE("spine lookup: certificate files that cannot be used are told from a server that is away", "[directory]") {
  const test::TemporaryFolder folder;
  SpineSettings settings;
  settings.ldap.url = "ldaps://127.0.0.1:1";
  settings.ldap.trust = folder.write("trust.pem", "nothing");
  settings.ldap.certificate = folder.path() / "none.pem";
  settings.ldap.key = folder.path() / "none.key";
  SpineLookup lookup{settings};
  CHECK(kind_of(lookup.find(of_asid("200000000001"))) == FaultKind::kInvalid);
}

TEST_CASE("spine lookup: more entries than the limit are refused", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  auto settings = slapd->settings();
  settings.ldap.entries = 1;
  SpineLookup lookup{settings};
  CHECK(kind_of(lookup.find(of_ods("G77777"))) == FaultKind::kTooLarge);
  CHECK(lookup.find(of_asid("299999999999")).has_value());
}

TEST_CASE("spine lookup: a message longer than the limit is not read", "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  auto settings = slapd->settings();
  settings.ldap.answer_bytes = 64;
  SpineLookup lookup{settings};
  CHECK_FALSE(lookup.find(of_ods("C33333")).has_value());
}

TEST_CASE("spine lookup: a server that says nothing costs the named time", "[directory]") {
  std::signal(SIGPIPE, SIG_IGN);
  // It keeps the connection until the question has failed.
  std::promise<void> failed;
  const test::ScriptedServer silent{[&failed](test::BlockingPeer&) { failed.get_future().wait(); }};
  const test::TemporaryFolder folder;
  test::TestCa ca{"Directory Root"};
  const auto client = ca.issue({});
  SpineSettings settings;
  settings.ldap.url = "ldaps://127.0.0.1:" + std::to_string(silent.port());
  settings.ldap.trust = folder.write("trust.pem", ca.certificate());
  settings.ldap.certificate = folder.write("client.pem", client.certificate);
  settings.ldap.key = folder.write("client.key", client.key);
  settings.ldap.connect = milliseconds{200};
  settings.ldap.search = milliseconds{200};
  SpineLookup lookup{settings};
  const auto found = lookup.find(of_asid("200000000001"));
  failed.set_value();
  REQUIRE_FALSE(found.has_value());
  CHECK((found.error().kind == FaultKind::kUnreachable || found.error().kind == FaultKind::kTimeout));
}

TEST_CASE("spine lookup: a connection that the server has closed is made anew", "[directory]") {
  auto* const slapd = server();
  if (slapd == nullptr) return;
  SpineLookup lookup{slapd->settings()};
  REQUIRE(lookup.find(of_asid("200000000001")).has_value());
  slapd->stop();
  CHECK(kind_of(lookup.find(of_asid("200000000001"))) == FaultKind::kUnreachable);
  slapd->start();
  REQUIRE(lookup.find(of_asid("200000000001")).has_value());
  slapd->stop();
  slapd->start();
  CHECK(lookup.find(of_asid("200000000001")).has_value());
}

TEST_CASE(
    "spine lookup: connections made anew take no more memory each, and files that changed are read again (SSP-09)",
    "[directory]") {
  const auto* const slapd = server();
  if (slapd == nullptr) return;
  const test::TemporaryFolder folder;
  auto settings = slapd->settings();
  const auto certificate = folder.path() / "client.pem";
  std::filesystem::copy_file(settings.ldap.certificate, certificate);
  settings.ldap.certificate = certificate;
  settings.ldap.idle = seconds{-1};
  SpineLookup lookup{settings};
  const auto used_after = [&lookup](int connections) {
    for (int i = 0; i < connections; ++i) REQUIRE(lookup.find(of_asid("200000000001")).has_value());
    return ::mallinfo2().uordblks;
  };
  const auto before = used_after(5);
  constexpr int more = 40;
  CHECK(used_after(more) < before + more * 4096);

  auto with_start_tls = slapd->settings_with_start_tls();
  with_start_tls.ldap.idle = seconds{-1};
  SpineLookup second{with_start_tls};
  for (int i = 0; i < 3; ++i) CHECK(second.find(of_asid("200000000001")).has_value());

  std::ofstream{certificate} << "no certificate";
  CHECK(kind_of(lookup.find(of_asid("200000000001"))) == FaultKind::kInvalid);
  std::filesystem::copy_file(slapd->settings().ldap.certificate, certificate,
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(lookup.find(of_asid("200000000001")).has_value());
}
