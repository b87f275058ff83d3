#include "exchange/answer.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "fhir/operation_outcome.hpp"
#include "fhir/read.hpp"

using namespace gw;
using namespace gw::exchange;
using fhir::ErrorCode;
using fhir::Format;
using fhir::Issue;
using fhir::IssueType;
using fhir::Refusal;
using net::ProtocolFault;

namespace {

/// "496 ACCESS_DENIED security close", of the first issue.
std::string verdict_on(const Refusal& refusal) {
  REQUIRE(refusal.issues.size() == 1);
  const auto& issue = refusal.issues.front();
  CHECK_FALSE(issue.diagnostics.empty());
  return std::to_string(refusal.status) + ' ' + std::string{fhir::code_of(issue.code)} + ' ' +
         std::string{fhir::code_of(issue.type)} + (refusal.close ? " close" : "");
}

/// "code type diagnostics" of every issue in an OperationOutcome, a line each.
std::string read_outcome(const Response& response) {
  const bool json = header_value(response.headers, "Content-Type") == fhir::media_type(Format::kJson);
  if (!json) REQUIRE(header_value(response.headers, "Content-Type") == fhir::media_type(Format::kXml));
  auto document = json ? fhir::read_json(response.body) : fhir::read_xml(response.body);
  REQUIRE(document.has_value());
  const auto& root = *document->root();
  CHECK(root.name == "OperationOutcome");
  REQUIRE(root.child("meta") != nullptr);
  CHECK(root.child("meta")->child_value("profile") ==
        "http://fhir.nhs.net/StructureDefinition/gpconnect-operationoutcome-1");
  std::string lines;
  for (const auto* issue = root.child("issue"); issue != nullptr; issue = issue->next) {
    if (issue->name != "issue") continue;
    REQUIRE(issue->child("details") != nullptr);
    const auto* const coding = issue->child("details")->child("coding");
    REQUIRE(coding != nullptr);
    lines += std::string{coding->child_value("code")} + ' ' + std::string{issue->child_value("code")} + ' ' +
             std::string{issue->child_value("diagnostics")} + '\n';
  }
  return lines;
}

std::vector<Refusal> every_refusal() {
  std::vector<Refusal> all{refusal_of_audit(), refusal_of_bug()};
  for (int kind = 0; kind <= static_cast<int>(FaultKind::kStorageInDoubt); ++kind) {
    all.push_back(refusal_of_body(fault(static_cast<FaultKind>(kind), "detail")));
    all.push_back(refusal_of_storage(fault(static_cast<FaultKind>(kind), "detail")));
  }
  for (int kind = 0; kind <= static_cast<int>(ProtocolFault::kTooManyConnections); ++kind) {
    all.push_back(refusal_of_protocol(static_cast<ProtocolFault>(kind), "detail"));
  }
  return all;
}

}  // namespace

TEST_CASE("answer: every refusal becomes an OperationOutcome of its status, in both formats (ANS-03)", "[exchange]") {
  for (const auto& refusal : every_refusal()) {
    for (const auto format : {Format::kJson, Format::kXml}) {
      const auto response = answer(refusal, format);
      CHECK(response.status == refusal.status);
      CHECK(response.status >= 400);
      CHECK(response.close == refusal.close);
      CHECK(header_value(response.headers, "Content-Type") == fhir::media_type(format));
      const auto& issue = refusal.issues.at(0);
      const auto told = std::string{fhir::code_of(issue.code)} + ' ' + std::string{fhir::code_of(issue.type)} + ' ' +
                        issue.diagnostics;
      CHECK(read_outcome(response).substr(0, told.size()) == told);
    }
  }
}

TEST_CASE("answer: all problems of a refusal are told, with its own headers (ANS-03)", "[exchange]") {
  Refusal refusal{.status = 422};
  refusal.issues = {
      Issue{.type = IssueType::kRequired, .code = ErrorCode::kInvalidResource, .diagnostics = "one < two"},
      Issue{.type = IssueType::kValue, .code = ErrorCode::kInvalidNhsNumber, .diagnostics = "\"two\" & \xc3\xa9"}};
  refusal.headers = {{"Allow", "GET"}};
  for (const auto format : {Format::kJson, Format::kXml}) {
    const auto response = answer(refusal, format);
    CHECK(response.status == 422);
    CHECK(header_value(response.headers, "Allow") == "GET");
    CHECK(read_outcome(response) ==
          "INVALID_RESOURCE required one < two\nINVALID_NHS_NUMBER value \"two\" & \xc3\xa9\n");
  }
}

TEST_CASE("answer: diagnostics with bytes that neither format may hold still give an outcome that can be read (ANS-03)",
          "[exchange]") {
  const auto refusal = fhir::refuse(400, Issue{.diagnostics = "found 'a\x01\x0b\xff\xed\xa0\x80' here"});
  for (const auto format : {Format::kJson, Format::kXml}) {
    CHECK(read_outcome(answer(refusal, format)).starts_with("BAD_REQUEST invalid found 'a"));
  }
}

TEST_CASE("answer: connections that never became requests are told why, and closed (TLS-02, TLS-05, ANS-08)",
          "[exchange]") {
  const auto told = [](ProtocolFault fault) { return verdict_on(refusal_of_protocol(fault, "detail")); };
  CHECK(told(ProtocolFault::kBadCertificate) == "495 ACCESS_DENIED security close");
  CHECK(told(ProtocolFault::kNoCertificate) == "496 ACCESS_DENIED security close");
  CHECK(told(ProtocolFault::kPlainHttp) == "497 ACCESS_DENIED security close");
  CHECK(told(ProtocolFault::kMalformed) == "400 BAD_REQUEST invalid close");
  CHECK(told(ProtocolFault::kHeadTooLarge) == "400 BAD_REQUEST too-long close");
  CHECK(told(ProtocolFault::kTooManyConnections) == "503 INTERNAL_SERVER_ERROR transient close");
}

TEST_CASE("answer: what the protocol check found reaches the sender (ANS-03)", "[exchange]") {
  for (const auto fault : {ProtocolFault::kBadCertificate, ProtocolFault::kNoCertificate, ProtocolFault::kPlainHttp,
                           ProtocolFault::kMalformed}) {
    const auto refusal = refusal_of_protocol(fault, "two Host headers");
    CHECK(refusal.issues.at(0).diagnostics.find("two Host headers") != std::string::npos);
  }
}

TEST_CASE("answer: a body that could not be read is 400, and the connection closes (ANS-08)", "[exchange]") {
  const auto told = [](FaultKind kind) { return verdict_on(refusal_of_body(fault(kind, "over 1048576 bytes"))); };
  CHECK(told(FaultKind::kTooLarge) == "400 BAD_REQUEST too-long close");
  CHECK(told(FaultKind::kMalformed) == "400 BAD_REQUEST invalid close");
  CHECK(told(FaultKind::kTimeout) == "400 BAD_REQUEST timeout close");
  CHECK(told(FaultKind::kClosed) == "400 BAD_REQUEST invalid close");
  CHECK(refusal_of_body(fault(FaultKind::kTooLarge, "over 1048576 bytes")).issues.at(0).diagnostics.find("1048576") !=
        std::string::npos);
}

TEST_CASE("answer: a task or audit record that cannot be stored is 503 with Retry-After (OUT-09, AUD-02, SSP-07)",
          "[exchange]") {
  for (const auto& refusal : {refusal_of_storage(fault(FaultKind::kStorage, "disk full at /var/lib/x")),
                              refusal_of_storage(fault(FaultKind::kOverloaded, "queue")), refusal_of_audit()}) {
    CHECK(verdict_on(refusal) == "503 INTERNAL_SERVER_ERROR transient");
    const auto response = answer(refusal, Format::kJson);
    CHECK(header_value(response.headers, "Retry-After") == "5");
    CHECK(response.body.find("/var/lib") == std::string::npos);
  }
  CHECK(refusal_of_storage(fault(FaultKind::kStorage, "")).issues.at(0).diagnostics.find("not delivered") !=
        std::string::npos);
}

TEST_CASE("answer: a failure in our own works is 500 and tells nothing of them (ANS-03)", "[exchange]") {
  CHECK(verdict_on(refusal_of_bug()) == "500 INTERNAL_SERVER_ERROR exception");
}

TEST_CASE("answer: the common headers stand on every answer, once (ANS-07)", "[exchange]") {
  for (const auto& refusal : every_refusal()) {
    auto response = answer(refusal, Format::kJson);
    add_common_headers(response);
    add_common_headers(response);
    CHECK(header_count(response.headers, "Cache-Control") == 1);
    CHECK(header_value(response.headers, "Cache-Control") == "no-store");
    CHECK(header_count(response.headers, "Strict-Transport-Security") == 1);
    CHECK(header_value(response.headers, "Strict-Transport-Security").starts_with("max-age="));
  }
}

TEST_CASE(
    "answer: a header that the recipient set stays as it is, ours comes after it where it is needed (ANS-07, "
    "ANS-13)",
    "[exchange]") {
  const auto cache_lines = [](std::string_view theirs) {
    Response response;
    response.headers = {{"cache-control", std::string{theirs}}, {"strict-transport-security", "max-age=5"}};
    add_common_headers(response);
    CHECK(header_count(response.headers, "Strict-Transport-Security") == 1);
    std::string lines;
    for (const auto& header : response.headers) {
      if (iequals(header.name, "Cache-Control")) lines += header.name + ": " + header.value + '\n';
    }
    return lines;
  };
  CHECK(cache_lines("private") == "cache-control: private\nCache-Control: no-store\n");
  CHECK(cache_lines("max-age=60, x-no-store") == "cache-control: max-age=60, x-no-store\nCache-Control: no-store\n");
  CHECK(cache_lines("private , No-Store") == "cache-control: private , No-Store\n");
}

TEST_CASE("answer: a resource is answered with its status and media type (ANS-05)", "[exchange]") {
  const auto response = answer(200, "<Order/>", Format::kXml);
  CHECK(response.status == 200);
  CHECK(response.body == "<Order/>");
  CHECK(header_value(response.headers, "Content-Type") == "application/xml+fhir; charset=UTF-8");
  CHECK_FALSE(response.close);
}

TEST_CASE("answer: the audit's outcome lists each error code once, warnings aside (AUD-01)", "[exchange]") {
  Refusal refusal{.status = 422};
  refusal.issues = {Issue{.code = ErrorCode::kInvalidResource}, Issue{.code = ErrorCode::kReferenceNotFound},
                    Issue{.code = ErrorCode::kInvalidResource},
                    Issue{.severity = fhir::Severity::kWarning, .code = ErrorCode::kBadRequest},
                    Issue{.severity = fhir::Severity::kInformation, .code = ErrorCode::kNoRecordFound}};
  CHECK(codes_of(refusal) == "INVALID_RESOURCE REFERENCE_NOT_FOUND");
  CHECK(codes_of(Refusal{}).empty());
}
