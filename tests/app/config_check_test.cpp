// What check-config says beyond single lines: settings that do not go together, files that cannot be used.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "support/test_pki.hpp"
#include "support/token_signer.hpp"

namespace fs = std::filesystem;
using gw::app::Config;
using gw::app::ConfigMistakes;
using gw::app::load_config;

namespace {

constexpr std::string_view kGood = R"([listen]
address = "127.0.0.1"
port = 9443
[admin]
address = "127.0.0.1"
port = 9444
[tls]
certificate = "own.pem"
key = "own.key"
trust = "trust.pem"
[directory]
organisations = "organisations.csv"
patients = "patients.csv"
[outbox]
path = "outbox.db"
received_log = "received.jsonl"
[spine]
public_url = "https://hub.example.test"
trusted_proxies = ["proxy.example.test"]
[hosts]
"provider.example.test:443" = "127.0.0.1:9001"
)";

/// A folder with real certificates and a directory, and the config as above with some text of it replaced.
class Desk {
 public:
  Desk() {
    put("trust.pem", ca_.certificate());
    use(ca_.issue({.dns_names = {"hub.example.test"}}));
    put("organisations.csv",
        "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint\n"
        "U20002,200000000102,Extended Access Hub,Beacon Hub,North,mailbox\n");
    put("patients.csv",
        "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,ADDR4,"
        "ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE\n"
        "9990000018,14/07/1945,,Appleby,Rowan,,Ms,,,,,,,,U20002\n");
  }
  void put(const std::string& name, std::string_view text) const { std::ofstream{folder_.path() / name} << text; }
  void use(const gw::test::Identity& identity) const {
    put("own.pem", identity.certificate);
    put("own.key", identity.key);
  }
  gw::test::TestCa& ca() { return ca_; }

  /// All mistakes that check-config finds once `what` is replaced; each without the folder's name.
  [[nodiscard]] std::vector<std::string> mistakes(std::string_view what = "", std::string_view with = "") const {
    std::string text{kGood};
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    put("gateway.toml", text.replace(at, what.size(), with));
    ConfigMistakes mistakes;
    const auto config = load_config(folder_.path() / "gateway.toml", mistakes);
    if (mistakes.lines.empty()) {
      check_directory(config, mistakes);
      check_token_keys(config, mistakes);
      check_certificates(config, gw::SystemClock{}.now(), mistakes);
    }
    const auto prefix = folder_.path().string() + "/";
    for (auto& line : mistakes.lines) {
      for (auto here = line.find(prefix); here != std::string::npos; here = line.find(prefix)) {
        line.erase(here, prefix.size());
      }
    }
    return mistakes.lines;
  }
  /// The one mistake, where there must be exactly one.
  [[nodiscard]] std::string mistake(std::string_view what = "", std::string_view with = "") const {
    const auto found = mistakes(what, with);
    CAPTURE(what, with, found);
    REQUIRE(found.size() == 1);
    return found.front();
  }

 private:
  gw::test::TemporaryFolder folder_;
  gw::test::TestCa ca_{"Root"};
};

bool begins(const std::string& text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}
bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("check-config: a config whose files are all usable is right (OPS-01)", "[app]") {
  CHECK(Desk{}.mistakes() == std::vector<std::string>{});
}

TEST_CASE("check-config: listeners have IP addresses and do not collide (OPS-01)", "[app]") {
  const Desk desk;
  const auto name = desk.mistake("address = \"127.0.0.1\"", "address = \"localhost\"");
  CHECK(begins(name, "gateway.toml:2: [listen] address is 'localhost'"));
  CHECK(begins(desk.mistake("port = 9444", "port = 9443"), "gateway.toml:6: [admin] and [listen] both have port 9443"));
  CHECK(desk.mistakes("address = \"127.0.0.1\"\nport = 9444", "address = \"127.0.0.2\"\nport = 9443").empty());
  CHECK(desk.mistakes("address = \"127.0.0.1\"\nport = 9444", "address = \"0.0.0.0\"\nport = 9443").size() == 1);
  CHECK(desk.mistakes("127.0.0.1", "::1").empty());
}

TEST_CASE("check-config: the outbox needs folders that are there (OPS-01)", "[app]") {
  const Desk desk;
  const auto path = desk.mistake("outbox.db", "gone/outbox.db");
  CHECK(begins(path, "gateway.toml:15: [outbox] path: there is no folder"));
  CHECK(
      begins(desk.mistake("received.jsonl", "/gone/received.jsonl"), "gateway.toml:16: [outbox] received_log: there"));
  CHECK(desk.mistakes("outbox.db", "own.pem/outbox.db").size() == 1);
}

TEST_CASE("check-config: host names and addresses are held to their form, with their line (OPS-01)", "[app]") {
  const Desk desk;
  for (const auto* const url : {"http://hub.example.test", "https://Hub.example.test", "https://hub.example.test/x",
                                "https://127.0.0.1", "https://hub.example.test:0", "hub.example.test"}) {
    CHECK(begins(desk.mistake("https://hub.example.test", url), "gateway.toml:18: [spine] needs public_url"));
  }
  CHECK(desk.mistakes("https://hub.example.test", "https://hub.example.test:8443").empty());
  for (const auto* const proxy : {"https://proxy.example.test", "Proxy.example.test", "proxy.example.test:443", ""}) {
    CHECK(begins(desk.mistake("proxy.example.test", proxy), "gateway.toml:19: [spine] trusted_proxies has"));
  }
  for (const auto* const name : {"provider.example.test", "Provider.example.test:443", "https://provider.test:443"}) {
    CHECK(begins(desk.mistake("provider.example.test:443", name), "gateway.toml:21: [hosts]"));
  }
  for (const auto* const address : {"127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:x", "::1:9001", ""}) {
    CHECK(begins(desk.mistake("127.0.0.1:9001", address), "gateway.toml:21: [hosts]"));
  }
  CHECK(desk.mistakes("127.0.0.1:9001", "[::1]:9001").empty());
  CHECK(desk.mistakes("127.0.0.1:9001", "provider.internal:9001").empty());
}

TEST_CASE("check-config: certificates must be good today, of the key, and readable; the line is named (OPS-01)",
          "[app]") {
  Desk desk;
  desk.use(desk.ca().issue({.valid_from_days = -30, .valid_to_days = -1}));
  const auto expired = desk.mistake();
  CHECK(begins(expired, "gateway.toml:8: the certificate file own.pem is good from"));
  desk.use(desk.ca().issue({.valid_from_days = 2, .valid_to_days = 30}));
  CHECK(begins(desk.mistake(), "gateway.toml:8: the certificate file own.pem is good from"));
  desk.use(desk.ca().issue({}));
  desk.put("own.key", desk.ca().issue({}).key);
  const auto unfit = desk.mistake();
  CHECK(begins(unfit, "gateway.toml:9: the key file own.key does not match the certificate"));
  desk.use(desk.ca().issue({}));
  desk.put("trust.pem", "x");
  CHECK(begins(desk.mistake(), "gateway.toml:10: the trust file trust.pem"));
}

TEST_CASE("check-config: each bad line of a directory file is named with the config's line too (OPS-01)", "[app]") {
  const Desk desk;
  desk.put("organisations.csv",
           "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint\n"
           "U20002,short,Extended Access Hub,Beacon Hub,North,mailbox\n"
           "B20003,200000000103,GP Practice,Cedar,North,http://plain.example.test\n");
  const auto found = desk.mistakes();
  REQUIRE(found.size() >= 2);
  for (const auto& line : found) {
    CAPTURE(line);
    CHECK(begins(line, "gateway.toml:12: organisations.csv:"));
  }
  CHECK(std::any_of(found.begin(), found.end(), [](const auto& line) { return mentions(line, ":3"); }));
  const Desk other;
  other.put("patients.csv", "NHS_NUMBER\n");
  const auto of_patients = other.mistakes();
  REQUIRE_FALSE(of_patients.empty());
  CHECK(begins(of_patients.front(), "gateway.toml:13: patients.csv:1: "));
}

TEST_CASE("check-config: a directory service is reached with TLS, by a name (SSP-09, OPS-01)", "[app]") {
  const Desk desk;
  const auto with = [&](const std::string& ldap) {
    return desk.mistakes("patients = \"patients.csv\"\n",
                         "patients = \"patients.csv\"\nsource = \"ldap\"\n[ldap]\n" + ldap);
  };
  CHECK(with("url = \"ldaps://directory.example.test\"\nfresh_s = 60\nwaiting = 1\n").empty());
  CHECK(with("url = \"ldap://127.0.0.1:389\"\n").empty());
  for (const std::string url : {"", "url = \"https://directory.example.test\"", "url = \"ldaps://\"",
                                "url = \"ldaps://Directory.example.test\"", "url = \"ldaps://a.test/o=nhs\"",
                                "url = \"ldaps://a.test:x\"", "url = \"ldaps://a.test ldap://b.test\""}) {
    INFO(url);
    const auto found = with(url + '\n');
    REQUIRE(found.size() == 1);
    CHECK(mentions(found.front(), "[ldap] url is"));
  }
  const std::string good = "url = \"ldaps://a.test\"\n";
  for (const std::string wrong : {"base = \"nhs\"", "key = \"none.key\"", "threads = 0", "answer_bytes = 1",
                                  "wait_ms = 0", "cache_entries = \"many\"", "tls = false"}) {
    INFO(wrong);
    const auto found = with(good + wrong + '\n');
    REQUIRE(found.size() == 1);
    CHECK(mentions(found.front(), wrong.substr(0, wrong.find(' '))));
  }
  CHECK(mentions(desk.mistake("[outbox]\n", "[ldap]\nurl = \"ldaps://a.test\"\n[outbox]\n"), "nothing of it is used"));
  CHECK(mentions(desk.mistake("[directory]\n", "[directory]\nsource = \"sds\"\n"), "files, ldap"));
}

TEST_CASE("check-config: the keys for signed tokens are usable, and there where a sender signs (JWT-06, OPS-01)",
          "[app]") {
  Desk desk;
  const std::string setting = "token_keys = \"keys.json\"\ntrusted_proxies";
  CHECK(begins(desk.mistake("trusted_proxies", setting), "gateway.toml:19: [spine] token_keys: there is no file"));
  desk.put("keys.json", "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}");
  CHECK(mentions(desk.mistake("trusted_proxies", setting), "key 1 (kid 'a'): its n has 17 bits"));
  desk.put("keys.json", "{\"keys\":[" + gw::test::TokenSigner::p256().jwk("a") + "]}");
  CHECK(desk.mistakes("trusted_proxies", setting).empty());

  desk.put("organisations.csv",
           "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,Token Signature,Policy "
           "Reason\nA1,200000000001,,,,,required,agreed\n");
  CHECK(mentions(desk.mistake(), "[spine] needs token_keys = \"jwks.json\": the tokens of A1 must be signed"));
  CHECK(desk.mistakes("trusted_proxies", setting).empty());
}

TEST_CASE("check-config: the console's users have what their role needs, and nothing else (OPS-01, OPS-05)", "[app]") {
  const Desk desk;
  const auto certificate = "certificate_sha256 = \"" + std::string(64, 'a') + "\"\n";
  const auto with_user = [&](const std::string& lines) {
    return desk.mistakes("[hosts]", "[console]\nport = 9445\n[console.users.shah]\n" + lines + "[hosts]");
  };
  const std::string clinician =
      "name = \"Dr Amina Shah\"\nrole = \"clinician\"\norganisation = \"U20002\"\nsds_user_id = \"111222333444\"\n"
      "job_role = \"R0260\"\n";
  CHECK(with_user(clinician + certificate) == std::vector<std::string>{});
  CHECK(with_user("name = \"Sam\"\nrole = \"operator\"\n" + certificate) == std::vector<std::string>{});
  const auto one_mistake = [&](const std::string& lines) {
    const auto found = with_user(lines);
    CAPTURE(lines, found);
    REQUIRE(found.size() == 1);
    return found.front();
  };
  CHECK(mentions(one_mistake(clinician), "needs a password"));
  CHECK(mentions(one_mistake(clinician + "password = \"secret\"\n"), "gateway.toml:28: [console.users.shah] password"));
  CHECK(mentions(one_mistake(clinician + "certificate_sha256 = \"AA:BB\"\n"), "64 hexadecimal digits"));
  CHECK(mentions(one_mistake("name = \"Shah\"\nrole = \"auditor\"\norganisation = \"U20002\"\n" + certificate),
                 "belongs to no organisation"));
  CHECK(mentions(one_mistake("name = \"Dr Amina Shah\"\nrole = \"administrator\"\n" + certificate),
                 "needs organisation"));
  CHECK(mentions(one_mistake("name = \"Sam\"\nrole = \"boss\"\n" + certificate), "must be one of: clinician"));
  auto stranger = clinician;
  stranger.replace(stranger.find("U20002"), 6, "Z99999");
  CHECK(mentions(one_mistake(stranger + certificate), "Z99999 is not in organisations.csv"));
  CHECK(mentions(desk.mistake("[hosts]", "[console]\nport = 9445\n[hosts]"), "nobody could sign in"));
  CHECK(desk.mistakes("[hosts]", "[console]\nport = 9444\n[console.users.shah]\n" + clinician + certificate + "[hosts]")
            .size() == 1);
}
