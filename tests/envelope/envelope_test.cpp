// Runs the tables: every row over a real connection to the one gateway, each with the exact status, error code and
// issue code. A failing row tells its rule and what it changes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <fstream>
#include <set>
#include <string>

#include "envelope/openapi.hpp"
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
  if (answer.status == 429) {                                                                             // SSP-07
    CHECK(header_value(answer.headers, "X-Rate-Limit-Limit") == "10");
    CHECK(header_value(answer.headers, "X-Rate-Limit-Remaining") == "0");
    CHECK(header_value(answer.headers, "X-Rate-Limit-Reset") == "10");
    CHECK(header_value(answer.headers, "Retry-After") == "1");
  }
  if (answer.status == 503) CHECK_FALSE(header_value(answer.headers, "Retry-After").empty());  // SSP-07
  if (answer.status >= 495 && answer.status <= 497) CHECK(closes);                             // TLS-02, TLS-05
  if (row.expected == "400 BAD_REQUEST too-long") CHECK(closes);
  if (row.rule.starts_with("JWT-") && answer.status == 400 && row.expected.find("BAD_REQUEST") != std::string::npos) {
    CHECK(header_value(answer.headers, "WWW-Authenticate").starts_with("Bearer error=\"invalid_"));  // JWT-01
  }
}

/// Whether the OpenAPI document tells of this answer; requests that are no operation of it are left out.
void check_documented(const Request& request, const Answer& answer) {
  static const OpenApi document{GW_GUIDES "/openapi.json"};
  const auto* const operation = document.find(request.method, request.target);
  if (operation == nullptr || answer.status == 0) return;
  const auto type = std::string{header_value(answer.headers, "Content-Type")};
  INFO(operation->id << " answers " << answer.status << " " << type);
  CHECK(document.documents(*operation, answer.status, std::string_view{type}.substr(0, type.find(';'))));
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
    check_documented(request, answer);
  }
}

/// The answers that the errors page explains, "422 INVALID_RESOURCE value". A line of its table begins "| 422
/// INVALID_RESOURCE value | cause | cure |".
std::set<std::string> explained_errors() {
  std::ifstream page{GW_GUIDES "/errors.md"};
  std::set<std::string> answers;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ") || line.size() < 3 || std::isdigit(static_cast<unsigned char>(line[2])) == 0) continue;
    INFO(line);
    CHECK(std::count(line.begin(), line.end(), '|') - (line.find("\\|") == std::string::npos ? 0 : 1) == 4);
    CHECK(answers.insert(line.substr(2, line.find(" | ") - 2)).second);
  }
  return answers;
}

/// Rules of transport, envelope and token that no row can show, since they are about more than one request, or about
/// what is between the requests; each has tests of its own (conformance/requirements.csv).
const std::set<std::string>& without_rows() {
  static const std::set<std::string> rules{
      "TLS-03",  // revocation lists that change while it runs
      "TLS-06",  // certificates that change while it runs
      "TLS-07",  // sessions that are resumed
      "SSP-08",  // retries, which a sender does not see
      "SSP-09",  // where the directory comes from
      "SSP-11",  // the order of the checks: below
      "JWT-07",  // what a refusal says: each row that is refused tells its `says`
  };
  return rules;
}

std::set<std::string> rules_of_sections() {
  std::set<std::string> rules;
  const std::vector<std::pair<std::string, int>> sections{{"TLS-", 7}, {"SSP-", 12}, {"JWT-", 7}};
  for (const auto& [prefix, count] : sections) {
    for (int i = 1; i <= count; ++i) rules.insert(prefix + (i < 10 ? "0" : "") + std::to_string(i));
  }
  return rules;
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

TEST_CASE("table: every line of the errors page has a row here, and no row another verdict (ANS-04)", "[envelope]") {
  std::set<std::string> reached;
  for (const auto& row : all_rows()) {
    if (row.expected.size() > 3 && row.expected != "no answer") reached.insert(row.expected);
  }
  CHECK(reached == explained_errors());
}

TEST_CASE("table: every rule of transport, envelope and token has a row, or is known to have none (ANS-04)",
          "[envelope]") {
  auto shown = without_rows();
  for (const auto& row : all_rows()) {
    INFO(row.rule << ": " << row.what);
    CHECK(without_rows().count(row.rule) == 0);
    if (row.rule.starts_with("TLS-") || row.rule.starts_with("SSP-") || row.rule.starts_with("JWT-"))
      shown.insert(row.rule);
  }
  CHECK(shown == rules_of_sections());
}

TEST_CASE("table: every claim is there missing, null, empty, of a wrong type and of a wrong value (JWT-02, JWT-07)",
          "[envelope]") {
  const auto rows = token_rows();
  for (const std::string claim :
       {"iss", "sub", "aud", "exp", "iat", "reason_for_request", "requested_record", "requested_scope",
        "requesting_device", "requesting_organization", "requesting_practitioner"}) {
    for (const std::string kind : {" missing", " null", " empty", " of a wrong type", " of a wrong value"}) {
      INFO(claim << kind);
      CHECK(std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.what.starts_with(claim + kind); }));
    }
  }
  for (const auto& row : rows) {
    INFO(row.rule << ": " << row.what);
    CHECK((row.expected.starts_with("2") || !row.says.empty()));  // a refusal names the claim
  }
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
