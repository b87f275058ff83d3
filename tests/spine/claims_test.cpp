// Every claim missing, null, empty and of the wrong type; and the values that each may have.
#include <catch2/catch.hpp>

#include "payload.hpp"

using namespace gw;
using test::has;
using test::issues_of;
using test::Payload;

namespace {

struct Row {
  std::string claim;
  std::string rule;
  std::vector<std::string> wrong_types;
};

const std::vector<Row>& claims() {
  static const std::vector<std::string> no_text{"null", "\"\"", "\"  \"",       "7",       "true",
                                                "{}",   "[]",   R"({"a":"b"})", R"(["x"])"};
  static const std::vector<std::string> no_number{"null", "\"\"", "\"1500000000\"", "true", "{}", "[]", "[1500000000]"};
  static const std::vector<std::string> no_object{"null", "\"\"", "\"x\"", "7", "false", "{}", "[]", R"([{"a":"b"}])"};
  static const std::vector<Row> rows{
      {"iss", "JWT-02", no_text},
      {"sub", "JWT-02", no_text},
      {"aud", "JWT-02", no_text},
      {"exp", "JWT-02", no_number},
      {"iat", "JWT-02", no_number},
      {"reason_for_request", "JWT-02", no_text},
      {"requested_record", "JWT-03", no_object},
      {"requested_scope", "JWT-04", no_text},
      {"requesting_device", "JWT-05", no_object},
      {"requesting_organization", "JWT-05", no_object},
      {"requesting_practitioner", "JWT-05", no_object},
  };
  return rows;
}

/// Refused with 400 and exactly one issue, for `claim`.
fhir::Issue only_issue(const Payload& payload, const std::string& claim,
                       std::string_view interaction = test::kCreateOrder) {
  const auto checked = payload.check(interaction);
  INFO(issues_of(checked));
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().status == 400);
  CHECK(header_value(checked.error().headers, "WWW-Authenticate").starts_with("Bearer error=\"invalid_token\""));
  REQUIRE(checked.error().issues.size() == 1);
  CHECK(checked.error().issues[0].location.starts_with(claim));
  return checked.error().issues[0];
}

}  // namespace

TEST_CASE("claims: a good token is read in full (JWT-02 to JWT-05)", "[spine]") {
  const auto checked = Payload{}.check();
  INFO(issues_of(checked));
  REQUIRE(checked.has_value());
  CHECK(checked->issuer == "https://sender.example.nhs.uk");
  CHECK(checked->user_id == "7");
  CHECK(checked->user_sds_id == "G1");
  CHECK(checked->user_name == "Dr Ada Jones");
  CHECK(checked->user_role == "R0260");
  CHECK(checked->scope == "patient/*.write");
  CHECK(checked->device == "Desk 2.0");
  CHECK(checked->organisation.text() == "A12345");
  CHECK(checked->organisation_name == "The Surgery");
  CHECK(checked->organisation_id == "9");
  REQUIRE(checked->patient);
  CHECK(checked->patient->text() == "9990000018");
  CHECK_FALSE(checked->record_organisation);
  CHECK(checked->issued_at == Instant{seconds{1'500'000'000}});
  CHECK(checked->expires_at == Instant{seconds{1'500'000'300}});
}

TEST_CASE("claims: each one that is missing is named (JWT-02, JWT-07)", "[spine]") {
  for (const auto& row : claims()) {
    INFO(row.claim);
    auto payload = Payload{};
    const auto issue = only_issue(payload.erase('/' + row.claim), row.claim);
    CHECK(issue.rule == row.rule);
    CHECK(has(issue.diagnostics, row.claim + " is missing; it must be "));
  }
}

TEST_CASE("claims: null, empty and wrong-typed ones are missing ones, and say so (JWT-02)", "[spine]") {
  for (const auto& row : claims()) {
    for (const auto& value : row.wrong_types) {
      INFO(row.claim << " = " << value);
      auto payload = Payload{};
      const auto issue = only_issue(payload.set('/' + row.claim, value), row.claim);
      CHECK(issue.rule == row.rule);
      CHECK(issue.code == fhir::ErrorCode::kBadRequest);
      if (value == "null") CHECK(has(issue.diagnostics, row.claim + " is null; it must be "));
    }
  }
}

TEST_CASE("claims: names are case-sensitive, and a near one is pointed out (JWT-02)", "[spine]") {
  for (const auto& row : claims()) {
    auto upper = row.claim;
    upper.front() = static_cast<char>(upper.front() - 'a' + 'A');
    auto payload = Payload{};
    payload.erase('/' + row.claim).set('/' + upper, "\"x\"");
    CHECK(has(only_issue(payload, row.claim).diagnostics, "there is '" + upper + '\''));
  }
  auto british = Payload{};
  british.erase("/requesting_organization").set("/requesting_organisation", "{\"a\":1}");
  CHECK(has(only_issue(british, "requesting_organization").diagnostics, "'requesting_organisation'"));
}

TEST_CASE("claims: all faults of a token are told at once (JWT-07)", "[spine]") {
  const auto checked = Payload{"{}"}.check();
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().issues.size() == claims().size());
}

TEST_CASE("claims: those that the rules do not know are let be", "[spine]") {
  CHECK(Payload{}.set("/jti", "\"1\"").set("/nbf", "null").check().has_value());
}

TEST_CASE("claims: aud, reason_for_request and iss have one right form (JWT-02)", "[spine]") {
  for (const std::string bad :
       {"https://authorize.fhir.nhs.net/token/", "HTTPS://authorize.fhir.nhs.net/token", " x"}) {
    auto payload = Payload{};
    CHECK(has(only_issue(payload.set("/aud", '"' + bad + '"'), "aud").diagnostics, '\'' + bad + '\''));
  }
  for (const std::string bad : {"DirectCare", "directcare ", "secondaryuses"}) {
    auto payload = Payload{};
    CHECK(has(only_issue(payload.set("/reason_for_request", '"' + bad + '"'), "reason_for_request").diagnostics,
              "exactly \"directcare\""));
  }
  for (const std::string bad : {"sender", "://x", "1a:b", "https:", "https://a b", "ht tp://x"}) {
    auto payload = Payload{};
    CHECK(has(only_issue(payload.set("/iss", '"' + bad + '"'), "iss").diagnostics, "absolute URI"));
  }
}

TEST_CASE("scope: it must be one of the interaction's (JWT-04)", "[spine]") {
  for (const std::string bad :
       {"patient/*.read", "organization/*.read", "patient/*.WRITE", "patient/*.write patient/*.read"}) {
    auto payload = Payload{};
    const auto issue = only_issue(payload.set("/requested_scope", '"' + bad + '"'), "requested_scope");
    CHECK(issue.rule == "JWT-04");
    CHECK(has(issue.diagnostics, "patient/*.write or organization/*.write"));
  }
  CHECK(Payload{}.set("/requested_scope", "\"organization/*.write\"").check().has_value());
  CHECK(Payload{}.set("/requested_scope", "\"organization/*.read\"").check(test::kReadMetadata).has_value());
  auto payload = Payload{};
  only_issue(payload.set("/requested_scope", "\"patient/*.read\""), "requested_scope", test::kReadMetadata);
}

TEST_CASE("record: an Organization fits an organisation's scope and not a patient's (JWT-03, JWT-04)", "[spine]") {
  const std::string organisation =
      R"({"resourceType":"Organization","identifier":[{"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"B1"}]})";
  auto payload = Payload{};
  payload.set("/requested_record", organisation);
  CHECK(has(only_issue(payload, "requested_record").diagnostics, "'Organization'; it must be Patient"));
  const auto wide = payload.set("/requested_scope", "\"organization/*.write\"").check();
  REQUIRE(wide.has_value());
  CHECK(wide->record_organisation->text() == "B1");
  CHECK_FALSE(wide->patient);
  payload.erase("/requested_record/identifier/0/value");
  CHECK(has(only_issue(payload, "requested_record.identifier").diagnostics, "without an ODS code"));
}

TEST_CASE("record: the patient's NHS number must be there under its system (JWT-03)", "[spine]") {
  const std::string at = "/requested_record/identifier";
  for (const auto& [pointer, value] :
       std::vector<std::pair<std::string, std::string>>{{at, R"([])"},
                                                        {at, R"(null)"},
                                                        {at + "/0/system", R"("http://fhir.nhs.net/Id/NHS-number")"},
                                                        {at + "/0/system", R"(null)"},
                                                        {at + "/0/value", R"("")"},
                                                        {at + "/0/value", R"(9990000018)"}}) {
    INFO(pointer << " = " << value);
    auto payload = Payload{};
    const auto checked = payload.set(pointer, value).check();
    CHECK(has(issues_of(checked), "requested_record.identifier: requested_record is a Patient without an NHS number"));
    CHECK(checked.error().status == 400);
  }
}

TEST_CASE("record: an NHS number that fails its check digit is INVALID_NHS_NUMBER and not quoted (JWT-03, SSP-10)",
          "[spine]") {
  for (const std::string bad : {"9990000019", "999000001", "999 000 0018"}) {
    auto payload = Payload{};
    const auto checked = payload.set("/requested_record/identifier/0/value", '"' + bad + '"').check();
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().status == 400);
    CHECK(checked.error().issues[0].code == fhir::ErrorCode::kInvalidNhsNumber);
    CHECK(checked.error().issues[0].type == fhir::IssueType::kValue);
    CHECK_FALSE(has(issues_of(checked), bad));
  }
}

TEST_CASE("claims: a scope, an identifier or an alg inside an array is not one (JWT-02)", "[spine]") {
  const auto scope = Payload{}.set("/requested_scope", R"(["patient/*.write"])").check();
  REQUIRE_FALSE(scope.has_value());
  CHECK(issues_of(scope).find("requested_scope is an array") != std::string::npos);
  CHECK_FALSE(Payload{}.set("/requesting_organization/identifier/0/value", R"(["A12345"])").check().has_value());
  CHECK_FALSE(Payload{}.set("/requested_record/resourceType", R"(["Patient"])").check().has_value());
}

TEST_CASE("claims: two values in one identifier system are refused, the same one twice is not (JWT-03, JWT-05)",
          "[spine]") {
  const std::string number = R"({"system": "http://fhir.nhs.net/Id/nhs-number", "value": "9000000009"})";
  const std::string other = R"({"system": "http://fhir.nhs.net/Id/nhs-number", "value": "9000000017"})";
  only_issue(Payload{}.set("/requested_record/identifier", "[" + number + "," + other + "]"), "requested_record");
  CHECK(Payload{}.set("/requested_record/identifier", "[" + number + "," + number + "]").check().has_value());
  const std::string code = R"({"system": "http://fhir.nhs.net/Id/ods-organization-code", "value": "A1"})";
  const std::string second = R"({"system": "http://fhir.nhs.net/Id/ods-organization-code", "value": "A2"})";
  only_issue(Payload{}.set("/requesting_organization/identifier", "[" + code + "," + second + "]"),
             "requesting_organization");
}
