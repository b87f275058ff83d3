// The published example of a token's payload, where it is at hand: named by GW_REFERENCE, else beside the source tree.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "payload.hpp"

using namespace gw;

namespace {

std::filesystem::path reference() {
  if (const char* named = std::getenv("GW_REFERENCE"); named != nullptr) return named;
  return std::filesystem::path{GW_SOURCE_DIR} / "../shared/reference";
}

/// The example's place holders are words in brackets: the NHS number gets one, the others lose their brackets.
std::string filled_in(std::string text) {
  const std::string number = "[NHSNumber]";
  if (const auto at = text.find(number); at != std::string::npos) text.replace(at, number.size(), "9990000018");
  for (auto open = text.find("\"["); open != std::string::npos; open = text.find("\"[", open)) {
    text.erase(text.find(']', open), 1);
    text.erase(open + 1, 1);
  }
  return text;
}

}  // namespace

TEST_CASE("published token: it is accepted as it stands, with its scope and clock set (JWT-02, JWT-05)", "[spine]") {
  const auto path = reference() / "examples/audit-token-payload.json";
  if (!std::filesystem::exists(path)) {
    WARN("skipped: no published audit-token-payload.json; set GW_REFERENCE to the folder that holds examples/");
    return;
  }
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  test::Payload payload{filled_in(text.str()).c_str()};
  payload.set("/iat", "1500000000").set("/exp", "1500000300").set("/iss", "\"https://sender.example.nhs.uk\"");
  payload.set("/requested_scope", "\"patient/*.write\"");
  // Systems of identifiers are place holders without a scheme.
  payload.set("/requesting_device/identifier/0/system", "\"https://sender.example.nhs.uk/devices\"");
  payload.set("/requesting_practitioner/identifier/1/system", "\"https://sender.example.nhs.uk/users\"");
  CHECK(test::issues_of(payload.check()).empty());
}
