// directory check and directory show: what they find in a directory's files, and how the program tells it (OPS-04).
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <string>

#include "app/directory_report.hpp"
#include "directory/csv.hpp"
#include "support/shell.hpp"
#include "support/test_pki.hpp"

using namespace gw;
using namespace gw::app;
using Catch::Contains;
using Lines = std::vector<std::string>;

namespace {

const std::string kHeading =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Interactions,"
    "If-None-Exist,Token Leeway,Identifier Systems,Policy Reason\n";
const std::string kHub = "U20002,200000000102,Hub,Beacon Hub,North,mailbox,hub.example.test,,,,,\n";
const std::string kSurgery =
    "A20001,200000000101,GP Practice,Ash Surgery,North,https://ash.example.test/A20001/DSTU2/1,,,yes,45,"
    "https://fhir.nhs.uk/Id/nhs-number=nhs-number,its proxy adds the header\n";
const std::string kPatients =
    "NHS_NUMBER,DATE_OF_BIRTH,FAMILY_NAME,GIVEN_NAME,SENSITIVE_FLAG,PRIMARY_CARE_CODE\n"
    "9990000018,14/07/1945,Appleby,Rowan,,U20002\n";

/// A configuration with its files, as an operator has them.
class Desk {
 public:
  Desk() {
    const auto own = ca_.issue({.dns_names = {"hub.example.test"}});
    folder_.write("own.pem", own.certificate);
    folder_.write("own.key", own.key);
    folder_.write("trust.pem", ca_.certificate());
    directory(kHub + kSurgery);
    write_config("");
  }
  void directory(const std::string& organisations, const std::string& patients = kPatients) const {
    folder_.write("organisations.csv", kHeading + organisations);
    folder_.write("patients.csv", patients);
  }
  void write_config(const std::string& more) const {
    folder_.write("gateway.toml",
                  "[listen]\nport = 9443\n[admin]\nport = 9444\n[tls]\ncertificate = \"own.pem\"\nkey = \"own.key\"\n"
                  "trust = \"trust.pem\"\n[directory]\norganisations = \"organisations.csv\"\npatients = "
                  "\"patients.csv\"\n[outbox]\npath = \"outbox.db\"\n[spine]\npublic_url = "
                  "\"https://hub.example.test\"\n" +
                      more);
  }
  [[nodiscard]] Config config() const {
    ConfigMistakes mistakes;
    auto config = load_config(folder_.path() / "gateway.toml", mistakes);
    CHECK(mistakes.lines == Lines{});
    return config;
  }
  [[nodiscard]] DirectoryFindings findings() const {
    const auto known = config();
    const auto loaded = directory::load_csv(known.organisations, known.patients);
    REQUIRE(loaded.has_value());
    return examine_directory(**loaded, known);
  }

  /// The real program: "show A20001 --json".
  [[nodiscard]] gw::test::Run run(const std::string& arguments) const {
    return gw::test::run_in_shell("'" GW_BINARY "' directory " + arguments + " --config '" +
                                  (folder_.path() / "gateway.toml").string() + "' 2>&1");
  }

 private:
  gw::test::TemporaryFolder folder_;
  gw::test::TestCa ca_{"Desk Root"};
};

/// The row of an organisation in the group North, from the FHIR Endpoint on.
std::string row(const std::string& ods, const std::string& asid, const std::string& rest) {
  return ods + ',' + asid + ",,,North," + rest + '\n';
}

}  // namespace

TEST_CASE("directory check: nothing is found in a directory that is right (OPS-04)", "[app]") {
  const Desk desk;
  const auto found = desk.findings();
  CHECK(found.mistakes == Lines{});
  CHECK(found.warnings == Lines{});
}

TEST_CASE("directory check: an endpoint that delivery can never use is a mistake (SSP-05, OPS-04)", "[app]") {
  const Desk desk;
  desk.directory(kHub + row("L1", "200000000103", "https://localhost:9001/L1/DSTU2/1,,,,,,"));
  const auto found = desk.findings();
  REQUIRE(found.mistakes.size() == 1);
  CHECK_THAT(found.mistakes.front(), Contains("organisations.csv:3: L1 has a FHIR Endpoint that nothing can be") &&
                                         Contains("no address for it"));
  desk.write_config("[hosts]\n\"localhost:9001\" = \"127.0.0.1:9001\"\n");
  CHECK(desk.findings().mistakes == Lines{});
  // One that is wrong whatever the configuration says is not even read.
  for (const std::string host : {"192.0.2.1", "[2001:db8::1]", "2130706433", "0x7f000001", "10.1"}) {
    INFO(host);
    desk.directory(kHub + row("L1", "200000000103", "https://" + host + "/L1/DSTU2/1,,,,,,"));
    const auto loaded = directory::load_csv(desk.config().organisations, {});
    REQUIRE_FALSE(loaded.has_value());
    CHECK_THAT(loaded.error().detail, Contains("organisations.csv:3: FHIR Endpoint"));
  }
}

TEST_CASE("directory check: what nobody can reach, or be sure of, is a warning with its line (OPS-04)", "[app]") {
  const Desk desk;
  const auto warned = [&desk](const std::string& organisation) {
    desk.directory(kHub + kSurgery + organisation);
    const auto found = desk.findings();
    CHECK(found.mistakes == Lines{});
    REQUIRE(found.warnings.size() == 1);
    return found.warnings.front();
  };
  CHECK_THAT(warned("X1,200000000104,,,,mailbox,x.example.test,,,,,\n"),
             Contains("organisations.csv:4: X1 has no Data Sharing Group"));
  CHECK_THAT(warned("X1,200000000104,,,Nort,mailbox,x.example.test,,,,,\n"),
             Contains("organisations.csv:4: X1 is alone in Data Sharing Group 'Nort'"));
  CHECK_THAT(warned(row("X1", "200000000104", "mailbox,,,,,,")),
             Contains("organisations.csv:4: X1 has an ASID and no FQDN"));
  CHECK_THAT(warned(row("X1", "200000000104", "mailbox,hub.example.test,,,,,")),
             Contains("organisations.csv:2: FQDN hub.example.test is that of 2 systems") &&
                 Contains("organisations.csv:2, organisations.csv:4"));
  CHECK_THAT(warned(row("X1", "200000000104",
                        "mailbox,x.example.test,urn:nhs:names:services:gpconnect:fhir:rest:create:ordr,,,,")),
             Contains("organisations.csv:4: X1 has 'urn:nhs:names:services:gpconnect:fhir:rest:create:ordr'") &&
                 Contains("did you mean urn:nhs:names:services:gpconnect:fhir:rest:create:order?"));
  CHECK_THAT(warned(row("X1", "200000000104", "mailbox,x.example.test,urn:nhs:names:services:other:thing,,,,")),
             Contains("never serves") && !Contains("did you mean"));
  CHECK_THAT(warned(row("X1", "200000000104", "mailbox,x.example.test,,yes,,,agreed")),
             Contains("organisations.csv:4: X1 has If-None-Exist yes, which has no effect"));
  CHECK_THAT(warned("X1,,,,North,,,,,60,,agreed\n"), Contains("organisations.csv:4: X1 has a policy and no ASID"));
}

TEST_CASE(
    "directory check: patients of a practice that is not there are told by line, and nothing else (SSP-10, AUD-04)",
    "[app]") {
  const Desk desk;
  desk.directory(kHub + kSurgery, kPatients +
                                      "9990001383,14/07/1945,Birch,Robin,,Z99999\n"
                                      "9990002754,14/07/1945,Cedar,Ray,,Z99999\n");
  const auto found = desk.findings();
  REQUIRE(found.warnings.size() == 1);
  CHECK_THAT(found.warnings.front(), Contains("patients.csv:3: PRIMARY_CARE_CODE 'Z99999' is no organisation") &&
                                         Contains("2 patients") && Contains("patients.csv:4") && !Contains("Birch") &&
                                         !Contains("9990001383"));
}

TEST_CASE("directory check: the program names every mistake and has an exit code for them (OPS-04)", "[app]") {
  const Desk desk;
  auto checked = desk.run("check");
  CHECK(checked.code == 0);
  CHECK(checked.said == "right: 2 organisations, 1 patient\n");

  desk.directory(kHub + kSurgery + "A20001,200000000101,,,North,http://x/A,,,,,,\n" +
                 "A20001,200000000101,,,North,,,,,,,\n");
  checked = desk.run("check");
  CHECK(checked.code == 1);
  CHECK_THAT(checked.said, Contains("gateway.toml:10: organisations.csv:4: FHIR Endpoint 'http://x/A'") &&
                               Contains("organisations.csv:5: ODS Code is that of organisations.csv:3 too") &&
                               Contains("organisations.csv:5: ASID is that of organisations.csv:3 too"));
  const auto in_json = desk.run("check --json");
  CHECK(in_json.code == 1);
  rapidjson::Document document;
  REQUIRE_FALSE(document.Parse(in_json.said.c_str()).HasParseError());
  CHECK_FALSE(document["right"].GetBool());
  CHECK(document["mistakes"].Size() >= 3);

  desk.directory(kHub + "X1,200000000104,,,,mailbox,x.example.test,,,,,\n");
  checked = desk.run("check");
  CHECK(checked.code == 0);
  CHECK_THAT(checked.said, Contains("warning: organisations.csv:3: X1 has no Data Sharing Group"));

  desk.write_config("[nonsense]\nx = 1\n");
  CHECK(desk.run("check").code == 3);
}

TEST_CASE("directory show: everything that follows from an entry, by ODS code, ASID and FQDN (OPS-04, SSP-12)",
          "[app]") {
  const Desk desk;
  desk.write_config("[hosts]\n\"ash.example.test:443\" = \"127.0.0.1:9001\"\n");
  desk.directory(kHub + kSurgery +
                 row("X1", "200000000104",
                     "mailbox,x.example.test,"
                     "urn:nhs:names:services:gpconnect:fhir:rest:search:order,,,,") +
                 "S1,200000000105,,,South,mailbox,s.example.test,,,,,\n");
  for (const std::string who : {"A20001", "200000000101", "ASH.example.test"}) {
    const auto shown = desk.run("show " + who);
    INFO(shown.said);
    CHECK(shown.code == 0);
    CHECK_THAT(shown.said,
               Contains("A20001 Ash Surgery") && Contains("organisations.csv:3") && Contains("200000000101") &&
                   Contains("at https://ash.example.test/A20001/DSTU2/1 (connecting to 127.0.0.1:9001, where the "
                            "certificate must be for ash.example.test)") &&
                   Contains("https://hub.example.test/https://ash.example.test/A20001/DSTU2/1") &&
                   Contains("may send to    U20002 X1\n") && Contains("hears from     U20002\n") &&
                   Contains("its clock may be 45 s ahead") && Contains("honours If-None-Exist") &&
                   Contains("https://fhir.nhs.uk/Id/nhs-number means http://fhir.nhs.net/Id/nhs-number") &&
                   Contains("its proxy adds the header"));
  }
  const auto mailbox = desk.run("show X1 --json");
  CHECK(mailbox.code == 0);
  rapidjson::Document document;
  REQUIRE_FALSE(document.Parse(mailbox.said.c_str()).HasParseError());
  REQUIRE(document.Size() == 1);
  const auto& it = document[0];
  CHECK(std::string_view{it["receives"].GetString()} == "mailbox");
  CHECK(std::string_view{it["base"].GetString()} == "https://hub.example.test/X1/DSTU2/1");
  CHECK(it["may_send_to"].Size() == 0);  // accredited to search alone
  CHECK(it["may_receive_from"].Size() == 2);
  CHECK(it["policy"].Size() == 0);

  const auto nobody = desk.run("show Z99999");
  CHECK(nobody.code == 1);
  CHECK_THAT(nobody.said, Contains("'Z99999' is no ODS code, ASID or FQDN in organisations.csv"));
}
