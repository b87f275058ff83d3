// Runs the tables: every row over a real connection to the one gateway, each with the exact status, error code and
// issue code. A failing row tells its rule and what it changes.
#include <catch2/catch.hpp>
#include <set>

#include "envelope/rows.hpp"

using namespace gw;
using namespace gw::test;

namespace {

World& world() {
  static World one;
  return one;
}

/// What every answer must have, whatever the row.
void check_headers(const Row& row, const Answer& answer) {
  CHECK(header_value(answer.headers, "Cache-Control") == "no-store");              // ANS-07
  CHECK_FALSE(header_value(answer.headers, "Strict-Transport-Security").empty());  // ANS-07
  const bool closes = iequals(header_value(answer.headers, "Connection"), "close");
  if (answer.status == 201) CHECK_FALSE(header_value(answer.headers, "X-Rate-Limit-Remaining").empty());  // SSP-07
  if (answer.status == 405) CHECK_FALSE(header_value(answer.headers, "Allow").empty());                   // SSP-07
  if (answer.status == 503) CHECK_FALSE(header_value(answer.headers, "Retry-After").empty());             // SSP-07
  if (answer.status >= 495 && answer.status <= 497) CHECK(closes);  // TLS-02, TLS-05
  if (row.expected == "400 BAD_REQUEST too-long") CHECK(closes);
  if (row.rule.starts_with("JWT-") && answer.status == 400 && row.expected.find("BAD_REQUEST") != std::string::npos) {
    CHECK(header_value(answer.headers, "WWW-Authenticate").starts_with("Bearer error=\"invalid_"));  // JWT-01
  }
}

void run(const Rows& rows) {
  for (const auto& row : rows) {
    INFO(row.rule << ": " << row.what);
    auto request = world().good_request();
    row.change(request, world());
    const auto reached = world().reached();
    const auto answer = world().send(request);
    INFO(answer.body);
    CHECK(answer.verdict() == row.expected);
    CHECK_THAT(answer.body, Catch::Contains(row.says));
    if (answer.status >= 400 && answer.status < 500) {
      CHECK_THAT(answer.body, Catch::Contains("[" + row.rule + "]"));
      CHECK(world().reached() == reached);  // a refused request gets no further
    }
    if (answer.status != 0) check_headers(row, answer);
  }
}

/// The error table: status, code and issue code, 429 excepted.
const std::vector<std::string>& error_table() {
  static const std::vector<std::string> lines{
      "400 BAD_REQUEST invalid",
      "400 BAD_REQUEST structure",
      "400 REQUEST_UNMATCHED value",
      "400 INVALID_NHS_NUMBER value",
      "400 INVALID_IDENTIFIER_SYSTEM value",
      "400 INVALID_IDENTIFIER_VALUE value",
      "403 ASID_CHECK_FAILED forbidden",
      "403 NO_ORGANISATIONAL_CONSENT forbidden",
      "403 NO_PATIENT_CONSENT forbidden",
      "403 NO_RELATIONSHIP forbidden",
      "403 ACCESS_DENIED forbidden",
      "404 NO_RECORD_FOUND not-found",
      "404 ORGANISATION_NOT_FOUND not-found",
      "404 PATIENT_NOT_FOUND not-found",
      "405 BAD_REQUEST not-supported",
      "409 CONFLICTING_VALUES duplicate",
      "400 BAD_REQUEST too-long",
      "415 BAD_REQUEST not-supported",
      "422 INVALID_RESOURCE required",
      "422 INVALID_RESOURCE value",
      "422 INVALID_RESOURCE structure",
      "422 INVALID_RESOURCE code-invalid",
      "422 INVALID_RESOURCE business-rule",
      "422 INVALID_PARAMETER value",
      "422 REFERENCE_NOT_FOUND invalid",
      "495 ACCESS_DENIED security",
      "496 ACCESS_DENIED security",
      "497 ACCESS_DENIED security",
      "500 INTERNAL_SERVER_ERROR exception",
      "501 NOT_IMPLEMENTED not-supported",
      "502 INTERNAL_SERVER_ERROR transient",
      "503 INTERNAL_SERVER_ERROR transient",
      "504 INTERNAL_SERVER_ERROR transient",
      "504 INTERNAL_SERVER_ERROR timeout",
  };
  return lines;
}

/// One fault of each check, in the order in which the checks run.
Rows faults_in_order() {
  return {
      {"TLS-02", "certificate", certificate("expired"), "495 ACCESS_DENIED security"},
      {"SSP-07", "request line", [](Request& request, World&) { request.method = "PUT"; },
       "405 BAD_REQUEST not-supported"},
      {"SSP-01", "header", header("Ssp-TraceID", "1"), "400 BAD_REQUEST invalid"},
      {"JWT-02", "token", claim("/aud", R"("me")"), "400 BAD_REQUEST invalid"},
      {"SSP-05", "URL", target("/Z00000/DSTU2/1/Order"), "404 ORGANISATION_NOT_FOUND not-found"},
      {"SSP-03", "Ssp-To", header("Ssp-To", "299999999999"), "400 BAD_REQUEST invalid"},
      {"SSP-04", "Ssp-From", header("Ssp-From", "200000000004"), "403 NO_ORGANISATIONAL_CONSENT forbidden"},
      {"ANS-05", "media type", header("Content-Type", "text/plain"), "415 BAD_REQUEST not-supported"},
      {"TASK-07", "profile", order("/date", R"("2017-08-17")"), "422 INVALID_RESOURCE business-rule"},
      {"OUT-08", "business rule", order("/subject/reference", R"("Patient/nobody")"),
       "422 REFERENCE_NOT_FOUND invalid"},
  };
}

}  // namespace

TEST_CASE("table: TLS and certificates (TLS-01, TLS-02, TLS-04, TLS-05)", "[envelope]") {
  run(transport_rows());
}

TEST_CASE(
    "table: the Ssp headers, interactions, URLs and organisations (SSP-01, SSP-02, SSP-03, SSP-04, SSP-05, SSP-12)",
    "[envelope]") {
  run(envelope_rows());
}

TEST_CASE(
    "table: the token, and each claim missing, null, empty, of a wrong type and value (JWT-01, JWT-02, JWT-03, "
    "JWT-04, JWT-05, JWT-07)",
    "[envelope]") {
  run(token_rows());
}

TEST_CASE("table: NHS numbers, the token's patient and the recipient's own rules (SSP-10, JWT-03, OUT-08)",
          "[envelope]") {
  run(patient_rows());
}

TEST_CASE("table: messages, tasks, what is kept, and recipients (ANS-04, ANS-05, SSP-06, SSP-07, OUT-03, OUT-11)",
          "[envelope]") {
  run(error_rows());
}

TEST_CASE("table: every line of the error table has a row, and no row another verdict (ANS-04)", "[envelope]") {
  std::set<std::string> reached;
  for (const auto& row : all_rows()) {
    if (row.expected.size() > 3 && row.expected != "no answer") reached.insert(row.expected);
  }
  CHECK(reached == std::set<std::string>{error_table().begin(), error_table().end()});
}

TEST_CASE("order: of two faults the one whose check comes first is told, and it alone (SSP-11)", "[envelope]") {
  const auto faults = faults_in_order();
  for (std::size_t first = 0; first < faults.size(); ++first) {
    for (std::size_t second = first + 1; second < faults.size(); ++second) {
      INFO(faults[first].what << " before " << faults[second].what);
      auto request = world().good_request();
      faults[second].change(request, world());
      faults[first].change(request, world());
      const auto answer = world().send(request);
      INFO(answer.body);
      CHECK(answer.verdict() == faults[first].expected);
      CHECK_THAT(answer.body,
                 Catch::Contains("[" + faults[first].rule + "]") && !Catch::Contains("[" + faults[second].rule + "]"));
    }
  }
}
