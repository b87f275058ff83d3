// What the guides and the package's files tell people to write is what the program takes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "directory/source.hpp"
#include "support/shell.hpp"
#include "support/test_pki.hpp"
#include "support/token_signer.hpp"

namespace fs = std::filesystem;
using namespace gw;
using namespace gw::app;

namespace {

std::string text_of(const std::string& name) {
  std::ifstream in{GW_SOURCE "/" + name};
  INFO(name);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Each command and what may stand behind it, as the completion has them.
std::map<std::string, std::string> words_of_commands() {
  const auto completion = gw::test::run_in_shell("'" GW_BINARY "' completion");
  REQUIRE(completion.code == 0);
  const auto& script = completion.said;
  std::map<std::string, std::string> words;
  const std::regex arm{R"(\n    '([a-z -]*)'\) words='([^']*)' ;;)"};
  for (std::sregex_iterator at{script.begin(), script.end(), arm}, end; at != end; ++at) {
    words[(*at)[1]] = " " + (*at)[2].str() + " ";
  }
  return words;
}

/// The packaged configuration in a folder of its own, with certificates, and its mistakes.
std::vector<std::string> mistakes_of(const std::string& toml) {
  const gw::test::TemporaryFolder folder;
  gw::test::TestCa ca{"Root"};
  const auto identity = ca.issue({.dns_names = {"gateway.example.nhs.uk"}});
  folder.write("gateway.pem", identity.certificate);
  folder.write("gateway.key", identity.key);
  folder.write("trust.pem", ca.certificate());
  folder.write("crl.pem", ca.revocation_list());
  constexpr long staple_life_s = 86'400;
  folder.write("staple.der", ca.ocsp_response(identity, true, staple_life_s));
  fs::permissions(folder.write("audit.key", std::string(64, 'a') + "\n"), fs::perms::owner_read);
  folder.write("jwks.json", "{\"keys\":[" + gw::test::TokenSigner::p256().jwk("1") + "]}");
  for (const auto* const name : {"organisations.csv", "patients.csv"}) {
    folder.write(name, text_of(std::string{"gateway/packaging/"} + name));
  }
  const std::regex state{"/var/lib/gpconnect-gateway"};
  const auto file = folder.write("gateway.toml", std::regex_replace(toml, state, folder.path().string()));
  ConfigMistakes mistakes;
  const auto config = load_config(file, mistakes);
  if (mistakes.lines.empty()) {
    check_directory(config, mistakes);
    check_token_keys(config, mistakes);
    check_audit_keys(config, mistakes);
    check_certificates(config, SystemClock{}.now(), mistakes);
  }
  return mistakes.lines;
}

/// The packaged configuration with every commented line in force.
std::string in_force(const std::string& toml) {
  return std::regex_replace(toml, std::regex{"\n# ([a-z0-9_]+ = |\\[|\")"}, "\n$1");
}

/// The settings that the program knows in the table whose heading is `table`, "\n[tls]"; empty: of the file itself. As
/// it tells them to who writes one that it does not know.
std::vector<std::string> known_in(std::string toml, const std::string& table) {
  const auto at = table.empty() ? 0 : toml.find('\n', toml.find(table) + 1) + 1;
  const auto mistakes = mistakes_of(toml.insert(at, "no_such_setting = 1\n"));
  REQUIRE(mistakes.size() == 1);
  constexpr std::string_view known = "known here: ";
  const auto found = mistakes.front().find(known);
  std::vector<std::string> names;
  if (found == std::string::npos) return names;
  std::istringstream list{mistakes.front().substr(found + known.size())};
  for (std::string name; std::getline(list >> std::ws, name, ',');) names.push_back(name);
  return names;
}

}  // namespace

TEST_CASE("package: its example configuration is right, also with every commented line in force (OPS-01, OPS-06)",
          "[app]") {
  const auto toml = text_of("gateway/packaging/gateway.toml");
  CHECK(mistakes_of(toml) == std::vector<std::string>{});
  const auto all = in_force(toml);
  CHECK(all.size() + 8 < toml.size());
  CHECK(mistakes_of(all) == std::vector<std::string>{});
}

TEST_CASE("package: its example configuration has every setting that the program knows (OPS-01, OPS-06)", "[app]") {
  const auto all = in_force(text_of("gateway/packaging/gateway.toml"));
  std::vector<std::string> tables{""};
  const std::regex heading{"\n\\[[a-z.]+\\]"};
  for (std::sregex_iterator at{all.begin(), all.end(), heading}, end; at != end; ++at) tables.push_back(at->str());
  std::size_t settings = 0;
  for (const auto& table : tables) {
    const auto begin = table.empty() ? 0 : all.find(table) + 1;
    const auto text = all.substr(begin, all.find("\n[", begin) - begin);
    const auto within = table.empty() ? std::string{"\n["} : table.substr(0, table.size() - 1) + ".";
    for (const auto& name : known_in(all, table)) {
      INFO(table << " " << name);
      ++settings;
      const bool is_setting = text.find("\n" + name + " = ") != std::string::npos;
      const bool is_table = all.find(within + name) != std::string::npos;
      CHECK((is_setting || is_table));
    }
  }
  CHECK(settings > 100);
}

TEST_CASE("guides: every command and option in them is one of the program's (OPS-04)", "[app]") {
  const auto words = words_of_commands();
  REQUIRE(words.size() > 10);
  const std::regex call{
      R"((?:gpconnect-gateway|gw) (?!gpconnect-gateway)([a-z][a-z-]*)(?=[ `\n])(?: ([a-z]+))?([^`\n]*))"};
  const std::regex option{"--[a-z-]+"};
  std::size_t calls = 0;
  for (const auto* const name : {"README.md", "gateway/guides/deploying.md", "gateway/guides/certificates.md",
                                 "gateway/guides/runbook.md", "gateway/guides/errors.md"}) {
    const auto text = text_of(name);
    for (std::sregex_iterator at{text.begin(), text.end(), call}, end; at != end; ++at) {
      INFO(name << ": " << at->str());
      ++calls;
      auto command = words.find((*at)[1].str() + " " + (*at)[2].str());
      if (command == words.end()) command = words.find((*at)[1]);
      REQUIRE(command != words.end());
      const auto rest = (*at)[3].str();
      for (std::sregex_iterator one{rest.begin(), rest.end(), option}; one != end; ++one) {
        INFO(one->str());
        CHECK(command->second.find(" " + one->str() + " ") != std::string::npos);
      }
    }
  }
  CHECK(calls > 20);
}

TEST_CASE("guides: the directory's lines in the guide to deploying are read as they stand (SSP-09)", "[app]") {
  std::istringstream lines{text_of("gateway/guides/deploying.md")};
  std::string block;
  std::string patients = text_of("gateway/packaging/patients.csv");
  std::size_t organisations = 0;
  const gw::test::TemporaryFolder folder;
  const auto read = [&] {
    if (block.empty()) return;
    INFO(block);
    const std::string header =
        "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID\n";
    if (!block.starts_with("ODS Code")) block.insert(0, header);
    directory::DirectorySource source{folder.write("organisations.csv", block)};
    const auto loaded = source.reload();
    if (!loaded) FAIL(loaded.error().detail);
    organisations += source.current()->organisations().size();
    block.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find_first_not_of(' ');
    const auto commas = std::count(line.begin(), line.end(), ',');
    const bool indented = begin != std::string::npos && begin >= 4;
    if (indented && commas == 7) {
      block += line.substr(begin) + "\n";
    } else {
      read();
    }
    if (indented && commas == 15) patients += line.substr(begin) + "\n";
  }
  CHECK(organisations == 6);
  directory::DirectorySource source{folder.write("organisations.csv", text_of("gateway/packaging/organisations.csv")),
                                    folder.write("patients.csv", patients)};
  REQUIRE(source.reload().has_value());
  CHECK(source.current()->patients().size() == 1);
}
