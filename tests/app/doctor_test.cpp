// The doctor's findings: each fault is put into an installation that has none, and must be found, with its mend.
#include "app/doctor.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "app/commands.hpp"
#include "directory/source.hpp"
#include "outbox/outbox.hpp"
#include "support/blocking_peer.hpp"
#include "support/loop.hpp"
#include "support/test_pki.hpp"

namespace fs = std::filesystem;
using namespace gw::app;
using gw::test::BlockingPeer;
using gw::test::ScriptedServer;

namespace {

/// An installation: certificates, a directory with one mailbox and perhaps a recipient, no outbox yet.
class Installation {
 public:
  Installation() {
    put("trust.pem", ca_.certificate());
    put("crl.pem", ca_.revocation_list());
    use(ca_.issue({.dns_names = {"hub.example.test"}}));
    fs::permissions(path("own.key"), fs::perms::owner_read);
    recipients("");
    put("patients.csv",
        "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,ADDR4,"
        "ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE\n");
    config("");
  }
  void use(const gw::test::Identity& identity) const {
    put("own.pem", identity.certificate);
    fs::remove(path("own.key"));
    put("own.key", identity.key);
    fs::permissions(path("own.key"), fs::perms::owner_read);
  }
  void put(const std::string& name, std::string_view text) const { std::ofstream{path(name)} << text; }
  void recipients(const std::string& lines) const {
    put("organisations.csv",
        "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN\n"
        "U20002,200000000102,Hub,Beacon Hub,North,mailbox,hub.example.test\n" +
            lines);
  }
  /// `more` is put at the end.
  void config(const std::string& more) const {
    put("gateway.toml", R"([admin]
port = 1
[tls]
certificate = "own.pem"
key = "own.key"
trust = "trust.pem"
crl = "crl.pem"
[directory]
organisations = "organisations.csv"
patients = "patients.csv"
[outbox]
path = "outbox.db"
min_free_bytes = 0
[spine]
public_url = "https://hub.example.test"
)" + more);
  }
  [[nodiscard]] fs::path path(const std::string& name) const { return folder_.path() / name; }
  gw::test::TestCa& ca() { return ca_; }

  [[nodiscard]] Report files() const {
    Report report;
    examine_files(read(), *directory(), gw::SystemClock{}.now(), report);
    return report;
  }
  [[nodiscard]] Report peers() const {
    Report report;
    examine_peers(
        read(), *directory(), gw::seconds{10}, [](std::size_t, std::size_t) {}, report);
    return report;
  }
  [[nodiscard]] Config read() const {
    ConfigMistakes mistakes;
    auto config = load_config(path("gateway.toml"), mistakes);
    CAPTURE(mistakes.lines);
    REQUIRE(mistakes.lines.empty());
    return config;
  }

 private:
  [[nodiscard]] std::shared_ptr<const gw::directory::Directory> directory() const {
    gw::directory::DirectorySource source{path("organisations.csv"), path("patients.csv")};
    REQUIRE(source.reload().has_value());
    return source.current();
  }

  gw::test::TemporaryFolder folder_;
  gw::test::TestCa ca_{"Doctor Root"};
};

/// The one finding of this grade about it.
Finding only(const Report& report, Grade grade, std::string_view about) {
  INFO(as_text(report));
  std::vector<Finding> found;
  for (const auto& one : report.findings()) {
    if (one.grade == grade && one.about == about) found.push_back(one);
  }
  REQUIRE(found.size() == 1);
  CHECK((grade == Grade::kGood) == found.front().mend.empty());
  return found.front();
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A recipient's port in the config, and its line in the directory.
void reach(const Installation& installation, std::uint16_t port) {
  installation.recipients(
      "B20003,200000000103,GP Practice,Cedar,North,https://cedar.example.test/B20003/DSTU2/1,cedar.example.test\n");
  installation.config("[hosts]\n\"cedar.example.test:443\" = \"127.0.0.1:" + std::to_string(port) + "\"\n");
}

}  // namespace

TEST_CASE("doctor: files that are right have no fault (OPS-04)", "[app]") {
  const auto report = Installation{}.files();
  INFO(as_text(report));
  CHECK(report.count(Grade::kFault) == 0);
  CHECK(report.count(Grade::kWarning) == 2);  // what the test's authority issues is short-lived
  CHECK(mentions(only(report, Grade::kWarning, "certificate").what, "29 days"));
  CHECK(mentions(only(report, Grade::kWarning, "revocation").mend, "in time"));
}

TEST_CASE("doctor: a key that others can read is a fault (OPS-04)", "[app]") {
  const Installation installation;
  fs::permissions(installation.path("own.key"), fs::perms::owner_read | fs::perms::others_read);
  const auto finding = only(installation.files(), Grade::kFault, "key");
  CHECK(mentions(finding.what, "mode 0404"));
  CHECK(mentions(finding.mend, "chmod 0400"));
}

TEST_CASE("doctor: a chain that its own trust file does not hold is a fault, for each purpose (OPS-04)", "[app]") {
  Installation installation;
  installation.use(installation.ca().issue({.dns_names = {"hub.example.test"}, .usage = "serverAuth"}));
  const auto finding = only(installation.files(), Grade::kFault, "chain");
  CHECK(mentions(finding.what, "as a client's"));
}

TEST_CASE("doctor: our own certificate revoked is a fault (OPS-04)", "[app]") {
  Installation installation;
  const auto identity = installation.ca().issue({.dns_names = {"hub.example.test"}});
  installation.use(identity);
  installation.ca().revoke(identity);
  installation.put("crl.pem", installation.ca().revocation_list());
  const auto report = installation.files();
  INFO(as_text(report));
  CHECK(report.count(Grade::kFault) == 2);
  CHECK(mentions(as_text(report), "certificate revoked"));
}

TEST_CASE("doctor: an expired certificate and one for another name are faults (OPS-04)", "[app]") {
  Installation installation;
  installation.use(installation.ca().issue({.dns_names = {"other.example.test"}}));
  CHECK(mentions(only(installation.files(), Grade::kFault, "name").what, "not for hub.example.test"));
  installation.use(
      installation.ca().issue({.dns_names = {"hub.example.test"}, .valid_from_days = -9, .valid_to_days = -1}));
  CHECK(mentions(only(installation.files(), Grade::kFault, "certificate").what, "is good from"));
}

TEST_CASE("doctor: a recipient that nobody answers for is a fault, told by connect (OPS-04)", "[app]") {
  const Installation installation;
  std::uint16_t nobodys = 0;
  {
    const ScriptedServer gone{[](BlockingPeer&) {}, 0};
    nobodys = gone.port();
  }
  reach(installation, nobodys);
  const auto finding = only(installation.peers(), Grade::kFault, "recipient B20003");
  CHECK(mentions(finding.what, "https://cedar.example.test/B20003/DSTU2/1: "));
  CHECK(mentions(finding.mend, "firewall"));
}

TEST_CASE("doctor: a recipient whose certificate is for another name is a fault, told by TLS (OPS-04)", "[app]") {
  Installation installation;
  const auto identity = installation.ca().issue({.dns_names = {"elsewhere.example.test"}});
  const ScriptedServer server{[&](BlockingPeer& peer) { peer.accept_tls(identity, &installation.ca()); }};
  reach(installation, server.port());
  CHECK(mentions(only(installation.peers(), Grade::kFault, "recipient B20003").mend, "their certificate"));
}

TEST_CASE("doctor: a recipient is asked for metadata in our name, and its clock is compared (OPS-04)", "[app]") {
  Installation installation;
  const auto identity = installation.ca().issue({.dns_names = {"cedar.example.test"}});
  std::string asked;
  std::string status = "200 OK";
  const auto answer = [&](BlockingPeer& peer) {
    if (!peer.accept_tls(identity, &installation.ca())) return;
    asked = peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\nDate: Sat, 21 Nov 2020 01:02:03 GMT\r\n\r\n{}");
  };
  {
    const ScriptedServer server{answer};
    reach(installation, server.port());
    const auto report = installation.peers();
    CHECK(mentions(only(report, Grade::kGood, "recipient B20003").what, "metadata is answered"));
    CHECK(mentions(only(report, Grade::kFault, "clock").what, "s ahead"));
    CHECK(asked.starts_with("GET /B20003/DSTU2/1/metadata HTTP/1.1\r\n"));
    CHECK(mentions(asked, "Ssp-From: 200000000102\r\n"));
  }
  status = "403 Forbidden";
  const ScriptedServer server{answer};
  reach(installation, server.port());
  CHECK(mentions(only(installation.peers(), Grade::kFault, "recipient B20003").what, "is answered 403"));
}

TEST_CASE("doctor: an endpoint that is no URL of a service is a fault before anybody is asked (OPS-04)", "[app]") {
  const Installation installation;
  installation.recipients("B20003,200000000103,GP Practice,Cedar,North,https://localhost/B20003/DSTU2/1,\n");
  CHECK(mentions(only(installation.peers(), Grade::kFault, "recipient B20003").mend, "organisations.csv"));
}

TEST_CASE("doctor: the reserve that the disk lacks, and an audit that is broken, are faults (OPS-04)", "[app]") {
  const Installation installation;
  auto config = installation.read();
  config.outbox.min_free_bytes = std::numeric_limits<std::int64_t>::max();
  installation.put("outbox.db", "this is no database");
  Report report;
  examine_machine(config, report);
  CHECK(mentions(only(report, Grade::kFault, "disk").what, "new tasks get 503"));
  CHECK(report.count(Grade::kFault) == 2);
  only(report, Grade::kFault, "audit");
  CHECK(mentions(only(report, Grade::kWarning, "service").what, "not running"));
}

TEST_CASE(
    "doctor: an older copy of the outbox is a fault, whose mend is what the runbook says of a held gateway (OPS-04)",
    "[app]") {
  const Installation installation;
  const auto config = installation.read();
  const gw::SystemClock clock;
  const auto start = [&] {
    auto opened = gw::outbox::Outbox::open(config.outbox, clock);
    REQUIRE(opened.has_value());
    (*opened)->stop();
  };
  start();
  fs::copy_file(config.outbox.path, installation.path("older.db"));
  {
    gw::test::Loop loop;
    auto opened = gw::outbox::Outbox::open(config.outbox, clock);
    REQUIRE(opened.has_value());
    REQUIRE(loop.run((*opened)->record({.kind = "request"})).has_value());
    (*opened)->stop();
  }
  fs::copy_file(installation.path("older.db"), config.outbox.path, fs::copy_options::overwrite_existing);
  Report report;
  examine_machine(config, report);
  const auto finding = only(report, Grade::kFault, "audit");
  CHECK(mentions(finding.what, "are missing"));
  CHECK(mentions(finding.mend, "When it is held"));
  CHECK(mentions(finding.mend, "audit accept"));
}

TEST_CASE("doctor: a directory that holds nobody is a warning, and numbers agree with their nouns (OPS-04)", "[app]") {
  Report report;
  examine_size({}, false, report);
  CHECK(mentions(only(report, Grade::kWarning, "directory").what, "0 organisations, 0 patients: nobody can"));
  CHECK(mentions(as_text(report), "0 faults, 1 warning\n"));
}

TEST_CASE("doctor: the report as JSON has each finding (OPS-04)", "[app]") {
  Report report;
  report.good("a", "\"quoted\"");
  report.fail("b", "what", "mend");
  rapidjson::Document json;
  REQUIRE_FALSE(json.Parse(as_json(report).c_str()).HasParseError());
  CHECK_FALSE(json["right"].GetBool());
  REQUIRE(json["findings"].Size() == 2);
  CHECK(std::string_view{json["findings"][0]["grade"].GetString()} == "good");
  CHECK(std::string_view{json["findings"][0]["what"].GetString()} == "\"quoted\"");
  CHECK_FALSE(json["findings"][0].HasMember("mend"));
  CHECK(std::string_view{json["findings"][1]["grade"].GetString()} == "fault");
  CHECK(std::string_view{json["findings"][1]["mend"].GetString()} == "mend");
}
