// OperationOutcome in both formats (ANS-03).
#include "fhir/operation_outcome.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "fhir/escape.hpp"
#include "fhir/read.hpp"

using namespace gw::fhir;

namespace {

Issue sample() {
  Issue issue;
  issue.type = IssueType::kCodeInvalid;
  issue.code = ErrorCode::kInvalidResource;
  issue.diagnostics = "The code is '3'; it must be '1' or '2'.";
  issue.location = "Order.reasonCodeableConcept.coding[0].code";
  issue.rule = "TASK-04";
  issue.line = 3;
  issue.column = 17;
  return issue;
}

Checked<Document> read_back(const std::string& body, Format format) {
  return format == Format::kJson ? read_json(body) : read_xml(body);
}

}  // namespace

TEST_CASE("outcome: it carries profile, severity, code, details, diagnostics and location in both formats (ANS-03)",
          "[fhir]") {
  const std::vector<Issue> issues = {sample(), sample()};
  for (const Format format : {Format::kJson, Format::kXml}) {
    const auto read = read_back(write_operation_outcome(issues, format), format);
    REQUIRE(read.has_value());
    const Element* root = read->root();
    CHECK(root->resource_type == "OperationOutcome");
    CHECK(root->child("meta")->child_value("profile") ==
          "http://fhir.nhs.net/StructureDefinition/gpconnect-operationoutcome-1");
    const Element* issue = root->child("issue");
    CHECK(issue->child_value("severity") == "error");
    CHECK(issue->child_value("code") == "code-invalid");
    const Element* coding = issue->child("details")->child("coding");
    CHECK(coding->child_value("system") == "http://fhir.nhs.net/ValueSet/gpconnect-error-or-warning-code-1");
    CHECK(coding->child_value("code") == "INVALID_RESOURCE");
    CHECK(coding->child_value("display") == "Resource is not valid");
    CHECK(issue->child_value("diagnostics") == "The code is '3'; it must be '1' or '2'. (line 3, column 17) [TASK-04]");
    CHECK(issue->child_value("location") == "Order.reasonCodeableConcept.coding[0].code");
    REQUIRE(issue->next != nullptr);
    CHECK(issue->next->name == "issue");
  }
}

TEST_CASE("outcome: no issue is written as one informational issue", "[fhir]") {
  for (const Format format : {Format::kJson, Format::kXml}) {
    const auto read = read_back(write_operation_outcome({}, format), format);
    REQUIRE(read.has_value());
    const Element* issue = read->root()->child("issue");
    CHECK(issue->child_value("severity") == "information");
    CHECK(issue->child_value("code") == "informational");
    CHECK(issue->child_value("diagnostics") == "All OK");
    CHECK(issue->child("details") == nullptr);
    CHECK(issue->child("location") == nullptr);
  }
}

TEST_CASE("outcome: hostile text quoted in diagnostics still gives a well-formed answer", "[fhir]") {
  Issue issue = sample();
  issue.diagnostics = "\"'<script>&\\ \n \x01 \xFF \xED\xA0\x80 \xEF\xBF\xBF \xC3\xA9";
  issue.location = "a\"/><b";
  for (const Format format : {Format::kJson, Format::kXml}) {
    const auto read = read_back(write_operation_outcome({&issue, 1}, format), format);
    REQUIRE(read.has_value());
    CHECK(read->root()->child("issue")->child_value("location") == "a\"/><b");
  }
}

TEST_CASE("outcome: every code has a word and a display of its own", "[fhir]") {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kNotImplemented); ++code) {
    CHECK_FALSE(display_of(static_cast<ErrorCode>(code)).empty());
    CHECK(code_of(static_cast<ErrorCode>(code)).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") ==
          std::string_view::npos);
  }
  CHECK(code_of(IssueType::kNotFound) == "not-found");
  CHECK(code_of(Severity::kFatal) == "fatal");
  CHECK(code_of(ErrorCode::kNoOrganisationalConsent) == "NO_ORGANISATIONAL_CONSENT");
}

TEST_CASE("outcome: media types carry the charset (ANS-05)", "[fhir]") {
  CHECK(media_type(Format::kJson) == "application/json+fhir; charset=UTF-8");
  CHECK(media_type(Format::kXml) == "application/xml+fhir; charset=UTF-8");
}

TEST_CASE("outcome: a quoted piece of input is cut at a character boundary", "[fhir]") {
  CHECK(quoted("abc") == "'abc'");
  const std::string euros = "a\xE2\x82\xAC";
  std::string longer;
  for (int i = 0; i < 40; ++i) longer += euros;
  const std::string cut = quoted(longer);
  CHECK(cut.size() < 80);
  CHECK(cut.ends_with("...'"));
  for (std::string_view rest = cut; !rest.empty(); rest.remove_prefix(utf8_length(rest)))
    REQUIRE(utf8_length(rest) > 0);
}

TEST_CASE("refusal: the exception of a value that is not there names the rule and no data (AUD-04)", "[fhir]") {
  Issue issue;
  issue.diagnostics = "the value is '9990000018'";
  issue.rule = "TASK-05";
  const Checked<int> refused = refuse(400, issue);
  CHECK_THROWS_WITH(refused.value(), "value of a refused check was used: TASK-05");
}
