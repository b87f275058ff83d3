#include "app/lint_jwt.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "spine/payload.hpp"
#include "support/test_pki.hpp"

using namespace gw;
using namespace gw::app;
using Catch::Contains;
using test::Payload;

namespace {

/// What a run printed, and its exit code.
struct Printed {
  int code = 0;
  std::string out, err;
};

std::string all_of(std::FILE* file) {
  std::rewind(file);
  std::string text(1U << 16U, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

Printed lint(const std::string& standard_input, const LintJwtOptions& options = {}) {
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const File in{std::tmpfile(), &std::fclose};
  const File out{std::tmpfile(), &std::fclose};
  const File err{std::tmpfile(), &std::fclose};
  REQUIRE(std::fwrite(standard_input.data(), 1, standard_input.size(), in.get()) == standard_input.size());
  std::rewind(in.get());
  Printed printed;
  printed.code = lint_jwt(options, {.in = in.get(), .out = out.get(), .err = err.get()}, test::kNow);
  printed.out = all_of(out.get());
  printed.err = all_of(err.get());
  return printed;
}

rapidjson::Document json_of(const Printed& printed) {
  rapidjson::Document json;
  json.Parse(printed.out.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

}  // namespace

TEST_CASE("lint-jwt: a right token is told by its claims, without the patient's number (JWT-07, AUD-04)", "[app]") {
  const auto printed = lint(Payload{}.jwt());
  CHECK(printed.code == kExitDone);
  CHECK_THAT(printed.out, Contains("<stdin>: right for create:order at 2017-07-14T02:40:10") &&
                              Contains("https://sender.example.nhs.uk") && Contains("Dr Ada Jones") &&
                              Contains("A12345") && Contains("R0260") && Contains("999*******"));
  CHECK_THAT(printed.out, !Contains("9990000018") && !Contains("999 000 0018"));
  CHECK(printed.err.empty());
  CHECK_THAT(lint(Payload{}.jwt(), {.show = true}).out, Contains("999 000 0018"));
}

TEST_CASE("lint-jwt: each claim's fault says what was found and what is right (JWT-07, JWT-02)", "[app]") {
  auto payload = Payload{};
  payload.set("/aud", R"("me")").erase("/requesting_device").set("/exp", "1500000299");
  const auto printed = lint(payload.jwt());
  CHECK(printed.code == kExitRefused);
  CHECK_THAT(printed.out,
             Contains("<stdin>: error: aud is 'me'; it must be exactly \"https://authorize.fhir.nhs.net/token\" "
                      "[aud, JWT-02]\n") &&
                 Contains("requesting_device is missing; it must be the system that asks") &&
                 Contains("exp is 1500000299; it must be iat + 300 s exactly, which is 1500000300"));
  CHECK_THAT(printed.err, Catch::StartsWith("3 faults for create:order at "));
}

TEST_CASE("lint-jwt: a token is taken as it was copied, with Bearer, header name and line end, or without (JWT-01)",
          "[app]") {
  const auto jwt = Payload{}.jwt();
  for (const auto& text : {jwt, jwt + "\n", "Bearer " + jwt, "bearer " + jwt + "\r\n", "Authorization: Bearer " + jwt,
                           "  authorization:bearer  " + jwt + "  \n"}) {
    CHECK(lint(text).code == kExitDone);
  }
  for (const std::string text : {"", "\n", "Bearer", "Bearer ", "Authorization:"})
    CHECK(lint(text).code == kExitRefused);
  CHECK_THAT(lint(jwt.substr(0, 80) + "\n" + jwt.substr(80)).out, Contains("line breaks"));
}

TEST_CASE("lint-jwt: it is checked for the interaction and the moment that are named (JWT-04, JWT-02)", "[app]") {
  const auto jwt = Payload{}.jwt();
  for (const std::string name : {"create:order", "create:order-1", "gpc.registerpatient",
                                 "urn:nhs:names:services:gpconnect:fhir:rest:create:order"}) {
    CHECK(lint(jwt, {.interaction = name}).code == kExitDone);
  }
  const auto read = lint(jwt, {.interaction = "read:order"});
  CHECK(read.code == kExitRefused);
  CHECK_THAT(read.out, Contains("patient/*.read or organization/*.read for this interaction"));
  const auto unknown = lint(jwt, {.interaction = "create:ordre"});
  CHECK(unknown.code == kExitUsage);
  CHECK_THAT(unknown.err, Contains("create:order, read:order, ") && Contains("gpc.getcarerecord"));

  CHECK(lint(jwt, {.at = "2017-07-14T03:44:59+01:00"}).code == kExitDone);
  const auto late = lint(jwt, {.at = "2017-07-14T02:45:00Z"});
  CHECK(late.code == kExitRefused);
  CHECK_THAT(late.out, Contains("exp 1500000300 (2017-07-14T02:45:00") && Contains("is past"));
  for (const std::string at : {"yesterday", "2017-07-14", "2017-07-14T02:45:00"}) {
    CHECK(lint(jwt, {.at = at}).code == kExitUsage);
  }
}

TEST_CASE("lint-jwt: --json says the same to a program (OPS-04)", "[app]") {
  const auto right = lint(Payload{}.jwt(), {.json = true});
  CHECK(right.code == kExitDone);
  const auto token = json_of(right);
  CHECK(token["right"].IsTrue());
  CHECK(std::string{token["token"]["user_role"].GetString()} == "R0260");
  CHECK(std::string{token["token"]["patient"].GetString()} == "999*******");

  auto payload = Payload{};
  payload.set("/requested_record/identifier/0/value", R"("9990000019")");
  const auto wrong = lint(payload.jwt(), {.json = true});
  CHECK(wrong.code == kExitRefused);
  const auto faults = json_of(wrong);
  CHECK(faults["right"].IsFalse());
  CHECK(faults["status"].GetInt() == 400);
  REQUIRE(faults["faults"].Size() == 1);
  CHECK(std::string{faults["faults"][0]["claim"].GetString()} == "requested_record.identifier.value");
  CHECK(std::string{faults["faults"][0]["rule"].GetString()} == "JWT-03");
  CHECK(std::string{faults["faults"][0]["code"].GetString()} == "INVALID_NHS_NUMBER");
  CHECK_FALSE(faults.HasMember("token"));
}

TEST_CASE("lint-jwt: a file is read, and one that is not there gives 3", "[app]") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("token.txt", Payload{}.jwt()).string();
  const auto printed = lint("", {.file = file});
  CHECK(printed.code == kExitDone);
  CHECK_THAT(printed.out, Catch::StartsWith(file + ": right"));
  const auto none = lint("", {.file = file + ".none"});
  CHECK(none.code == kExitFailed);
  CHECK_THAT(none.err, Contains("token.txt.none: cannot be read: "));
}

TEST_CASE("lint-jwt: no control character of a token reaches the terminal", "[app]") {
  for (const auto* const claim :
       {"/iss", "/sub", "/requested_scope", "/requesting_device/model", "/requesting_organization/name",
        "/requesting_organization/id", "/requesting_practitioner/name/given/0", "/requesting_practitioner/id",
        "/requesting_practitioner/identifier/0/value", "/requesting_organization/identifier/0/value",
        "/requesting_practitioner/practitionerRole/0/role/coding/0/code"}) {
    for (const auto* const text : {R"("a\u001b[31m")", R"("a\u007f")", R"("a\nb")"}) {
      CAPTURE(claim, text);
      auto payload = Payload{};
      auto out = lint(payload.set(claim, text).jwt()).out;
      std::erase(out, '\n');
      CHECK(out.find_first_of("\x1b\x7f") == std::string::npos);
    }
  }
}
