// Patients and organisations, looked up where the mailbox is here.
#include "exchange/lookup.hpp"

#include "exchange/answer.hpp"
#include "exchange/exchange_world.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

constexpr std::string_view kNhs = "http://fhir.nhs.net/Id/nhs-number";
constexpr std::string_view kOds = "http://fhir.nhs.net/Id/ods-organization-code";

/// What `below` (of B82001's base) is answered; the sender and its rights are not what is tested here.
Response looked_up(const std::string& below, fhir::Format format = fhir::Format::kJson) {
  const std::string target = "/B82001/DSTU2/1" + below;
  const auto url = parse_url(target);
  REQUIRE(url.has_value());
  Caller caller;
  caller.url = *url;
  caller.directory = make_directory();
  caller.sender = caller.directory->by_ods("A11111");
  caller.recipient = caller.directory->by_ods("B82001");
  caller.base = "https://hub.example.test/B82001/DSTU2/1";
  Trail trail;
  return look_up(caller, trail, format);
}

bool holds(const Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

std::string by_identifier(std::string_view type, std::string_view system, std::string_view value) {
  return "/" + std::string{type} + "?identifier=" + std::string{system} + "%7C" + std::string{value};
}

}  // namespace

TEST_CASE("look-up: a patient is found by NHS number, with the id that a task refers to (ANS-11)", "[exchange]") {
  const auto response = looked_up(by_identifier("Patient", kNhs, kPatientOfMailbox));
  CHECK(response.status == 200);
  CHECK(holds(response, R"("type":"searchset")"));
  CHECK(holds(response, R"("total":1)"));
  CHECK(holds(response, R"("fullUrl":"https://hub.example.test/B82001/DSTU2/1/Patient/10")"));
  CHECK(holds(response, R"("id":"10")"));
  CHECK(holds(response, R"("managingOrganization":{"reference":"Organization/2"})"));
}

TEST_CASE("look-up: an organisation is found by ODS code, and read by id, in both formats (ANS-11)", "[exchange]") {
  CHECK(holds(looked_up(by_identifier("Organization", kOds, "A11111")), R"("name":"Sender Surgery")"));
  const auto read = looked_up("/Organization/1", fhir::Format::kXml);
  CHECK(read.status == 200);
  CHECK(holds(read, "<Organization xmlns=\"http://hl7.org/fhir\">"));
  CHECK(holds(read, "<name value=\"Sender Surgery\"/>"));
}

TEST_CASE("look-up: what is looked up and not there is an empty Bundle; what is read and not there is 404 (ANS-11)",
          "[exchange]") {
  const auto none = looked_up(by_identifier("Patient", kNhs, "9990004129"));
  CHECK(none.status == 200);
  CHECK(holds(none, R"("total":0)"));
  CHECK_FALSE(holds(none, "entry"));
  CHECK(looked_up("/Patient/nobody").status == 404);
  CHECK(holds(looked_up("/Patient/nobody"), "PATIENT_NOT_FOUND"));
  CHECK(holds(looked_up("/Organization/nobody"), "ORGANISATION_NOT_FOUND"));
}

TEST_CASE("look-up: a wrong identifier is told by its fault: system, value, or parameter (ANS-11)", "[exchange]") {
  struct Row {
    std::string below;
    int status;
    std::string_view code;
  };
  const std::vector<Row> rows{
      {by_identifier("Patient", "http://example.test/number", kPatientOfMailbox), 400, "INVALID_IDENTIFIER_SYSTEM"},
      {by_identifier("Patient", kOds, "A11111"), 400, "INVALID_IDENTIFIER_SYSTEM"},
      {by_identifier("Patient", kNhs, "9990002755"), 400, "INVALID_IDENTIFIER_VALUE"},
      {by_identifier("Patient", kNhs, ""), 400, "INVALID_IDENTIFIER_VALUE"},
      {by_identifier("Organization", kOds, ""), 400, "INVALID_IDENTIFIER_VALUE"},
      {"/Patient?identifier=" + std::string{kPatientOfMailbox}, 400, "INVALID_IDENTIFIER_SYSTEM"},
      {"/Patient", 422, "INVALID_PARAMETER"},
      {"/Patient?name=Smith", 422, "INVALID_PARAMETER"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.below);
    const auto response = looked_up(row.below);
    CHECK(response.status == row.status);
    CHECK(holds(response, row.code));
    CHECK_FALSE(holds(response, "9990002755"));
  }
}
