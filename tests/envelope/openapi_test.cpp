// The OpenAPI document and the Postman collection tell of this gateway: every interaction, with its verb and path.
// Whether answers are as documented, each row of the tables is held to (envelope_test.cpp).
#include "envelope/openapi.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "spine/interaction.hpp"

using namespace gw;
using gw::test::OpenApi;

namespace {

const OpenApi& document() {
  static const OpenApi one{GW_GUIDES "/openapi.json"};
  return one;
}

}  // namespace

TEST_CASE("openapi: every reference leads somewhere, and every operation is told apart", "[envelope]") {
  CHECK(document().broken_references() == std::vector<std::string>{});
  CHECK(std::string_view{document().json()["openapi"].GetString()}.starts_with("3.0."));
  CHECK(std::string_view{document().json()["info"]["version"].GetString()} == GW_VERSION);
  std::set<std::string> ids;
  for (const auto& operation : document().operations()) {
    INFO(operation.id);
    CHECK(ids.insert(operation.id).second);
    CHECK((*operation.value)["responses"].MemberCount() > 0);
  }
}

TEST_CASE("openapi: a path's parameters are those in its name", "[envelope]") {
  for (const auto& path : document().json()["paths"].GetObject()) {
    const std::string name = path.name.GetString();
    INFO(name);
    std::set<std::string> wanted;
    for (auto at = name.find('{'); at != std::string::npos; at = name.find('{', at + 1)) {
      wanted.insert(name.substr(at + 1, name.find('}', at) - at - 1));
    }
    std::set<std::string> given;
    if (path.value.HasMember("parameters")) {
      for (const auto& one : path.value["parameters"].GetArray()) {
        const auto& parameter = document().resolved(one);
        CHECK(std::string_view{parameter["in"].GetString()} == "path");
        CHECK(parameter["required"].GetBool());
        given.insert(parameter["name"].GetString());
      }
    }
    CHECK(given == wanted);
  }
}

TEST_CASE("openapi: it has every interaction that the gateway knows, with its verb, and no other (SSP-02)",
          "[envelope]") {
  std::map<std::string, std::set<std::string>> documented;
  for (const auto& operation : document().operations()) {
    if (!operation.interaction.empty()) documented[operation.interaction].insert(operation.verb);
  }
  std::map<std::string, std::set<std::string>> known;
  for (const auto& interaction : spine::interactions()) {
    known[std::string{interaction.id}].insert(std::string{interaction.verb});
    const auto path = std::string{"/U20002/DSTU2/1/"} + std::string{interaction.resource} +
                      (interaction.instance ? "/1" : "") +
                      (interaction.below.empty() ? "" : "/" + std::string{interaction.below});
    const auto* const found = document().find(interaction.verb, path);
    INFO(interaction.verb << " " << path);
    REQUIRE(found != nullptr);
    CHECK(found->interaction == interaction.id);
  }
  CHECK(documented == known);
}

TEST_CASE("postman: each request is an operation of the document, under its interaction", "[envelope]") {
  std::ifstream in{GW_GUIDES "/postman.json"};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  rapidjson::Document collection;
  REQUIRE_FALSE(collection.Parse(text.c_str()).HasParseError());
  REQUIRE(collection["item"].Size() > 5);
  for (const auto& item : collection["item"].GetArray()) {
    INFO(item["name"].GetString());
    const auto& request = item["request"];
    std::string path;
    for (const auto& segment : request["url"]["path"].GetArray()) path += std::string{"/"} + segment.GetString();
    const auto* const operation = document().find(request["method"].GetString(), path);
    REQUIRE(operation != nullptr);
    std::map<std::string, std::string> headers;
    for (const auto& header : request["header"].GetArray())
      headers[header["key"].GetString()] = header["value"].GetString();
    CHECK(headers["Ssp-InteractionID"] == operation->interaction);
    CHECK(headers.contains("Ssp-TraceID"));
    CHECK(headers["Authorization"] == "Bearer {{token}}");
  }
}
