#include "exchange/answer.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "fhir/operation_outcome.hpp"

namespace gw::exchange {

namespace {

using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;
using fhir::Refusal;

constexpr std::string_view kRetryAfterSeconds = "5";

void add_if_absent(Response& response, std::string_view name, std::string_view value) {
  if (header_count(response.headers, name) == 0) response.headers.push_back({std::string{name}, std::string{value}});
}

Refusal access_denied(int status, std::string_view detail, std::string_view rule) {
  auto refusal = fhir::refuse(status, Issue{.type = IssueType::kSecurity,
                                            .code = ErrorCode::kAccessDenied,
                                            .diagnostics = std::string{detail},
                                            .rule = rule});
  refusal.close = true;
  return refusal;
}

Refusal unavailable(std::string diagnostics, std::string_view rule) {
  return refusal_of_recipient(503, false, std::move(diagnostics), rule);
}

}  // namespace

Response answer(const Refusal& refusal, fhir::Format format) {
  auto response = answer(refusal.status, fhir::write_operation_outcome(refusal.issues, format), format);
  response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
  response.close = refusal.close;
  return response;
}

Response answer(int status, std::string resource, fhir::Format format) {
  Response response;
  response.status = status;
  response.headers.push_back({"Content-Type", std::string{fhir::media_type(format)}});
  response.body = std::move(resource);
  return response;
}

Refusal refusal_of_body(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kTooLarge: {
      auto refusal = fhir::refuse(400, Issue{.type = IssueType::kTooLong,
                                             .diagnostics = "the body is too large: " + fault.detail,
                                             .location = "http.body",
                                             .rule = "ANS-08"});
      refusal.close = true;
      return refusal;
    }
    case FaultKind::kTimeout: {
      auto refusal = fhir::refuse(400, Issue{.type = IssueType::kTimeout,
                                             .diagnostics = "the body did not arrive in time: " + fault.detail,
                                             .location = "http.body",
                                             .rule = "ANS-08"});
      refusal.close = true;
      return refusal;
    }
    default: {
      auto refusal = fhir::refuse(400, Issue{.type = IssueType::kInvalid,
                                             .diagnostics = "the body's framing is broken: " + fault.detail,
                                             .location = "http.body",
                                             .rule = "ANS-08"});
      refusal.close = true;
      return refusal;
    }
  }
}

Refusal refusal_of_storage(const Fault& fault) {
  if (fault.kind == FaultKind::kTooLarge) {
    return fhir::refuse(400, Issue{.type = IssueType::kTooLong,
                                   .diagnostics = "the task is too large to be kept: " + fault.detail,
                                   .location = "http.body",
                                   .rule = "OUT-09"});
  }
  const bool busy = fault.kind == FaultKind::kOverloaded || fault.kind == FaultKind::kClosed;
  return unavailable(
      std::string{busy ? "the gateway is too busy or stopping" : "the gateway cannot store tasks at the moment"} +
          ". This request was not delivered and will not be: send it again later, or use another channel. " +
          std::string{kEarlierStands},
      "OUT-09");
}

Refusal refusal_of_reading() {
  return unavailable("the gateway cannot read stored tasks at the moment; repeat this request later", "OUT-09");
}

Refusal refusal_of_recipient(int status, bool timed_out, std::string diagnostics, std::string_view rule) {
  auto refusal = fhir::refuse(status, Issue{.type = timed_out ? IssueType::kTimeout : IssueType::kTransient,
                                            .code = ErrorCode::kInternalServerError,
                                            .diagnostics = std::move(diagnostics),
                                            .rule = rule});
  if (status == 503) refusal.headers.push_back({"Retry-After", std::string{kRetryAfterSeconds}});
  return refusal;
}

Refusal refusal_of_relayed_interaction() {
  return fhir::refuse(501,
                      Issue{.type = IssueType::kNotSupported,
                            .code = ErrorCode::kNotImplemented,
                            .diagnostics = "this organisation takes tasks in a mailbox here and has no system that "
                                           "serves this interaction",
                            .location = "Ssp-InteractionID",
                            .rule = "SSP-06"});
}

Refusal refusal_of_directory() {
  return unavailable(
      "the gateway cannot ask the directory service at the moment which systems Ssp-From and the URL name; nothing was "
      "done for this request, so repeat it later. " +
          std::string{kEarlierStands},
      "SSP-09");
}

Refusal refusal_of_audit() {
  return unavailable("the gateway cannot record requests at the moment, so it serves none; try again later", "AUD-02");
}

Refusal refusal_of_unrecorded_repeat() {
  return refusal_of_recipient(
      504, false,
      "this request repeats an earlier one, whose task may have been delivered, but the gateway "
      "cannot record requests at the moment. Repeat it later to be told that task's outcome",
      "AUD-02");
}

Refusal refusal_of_unrecorded_relay() {
  return refusal_of_recipient(
      504, false,
      "the recipient's system answered this request, so that it may have been carried out, but the gateway cannot "
      "record requests at the moment and so passes no answer on. Look before you repeat it",
      "AUD-02");
}

Refusal refusal_of_protocol(net::ProtocolFault fault, std::string_view detail) {
  using net::ProtocolFault;
  switch (fault) {
    case ProtocolFault::kNoCertificate:
      return access_denied(496, detail, "TLS-02");
    case ProtocolFault::kBadCertificate:
      return access_denied(495, detail, "TLS-02");
    case ProtocolFault::kPlainHttp:
      return access_denied(497, detail, "TLS-05");
    case ProtocolFault::kTooManyConnections: {
      auto refusal = unavailable("the gateway has as many connections as it can serve", "SSP-07");
      refusal.close = true;
      return refusal;
    }
    case ProtocolFault::kMalformed:
    case ProtocolFault::kHeadTooLarge:
    case ProtocolFault::kHeadTimeout:
      break;
  }
  auto refusal =
      fhir::refuse(400, Issue{.type = fault == ProtocolFault::kHeadTooLarge ? IssueType::kTooLong : IssueType::kInvalid,
                              .diagnostics = std::string{detail},
                              .location = "http.head",
                              .rule = "ANS-08"});
  refusal.close = true;
  return refusal;
}

Refusal refusal_of_bug() {
  return fhir::refuse(500, Issue{.type = IssueType::kException,
                                 .code = ErrorCode::kInternalServerError,
                                 .diagnostics = "the gateway failed to handle this request; its operator can find the "
                                                "cause by the trace id. If it carried a task, that may have been "
                                                "delivered: repeat the request as it is to be told the outcome"});
}

void add_common_headers(Response& response) {
  const bool forbids_storing = std::any_of(response.headers.begin(), response.headers.end(), [](const Header& header) {
    return iequals(header.name, "Cache-Control") && list_has(header.value, "no-store");
  });
  if (!forbids_storing) response.headers.push_back({"Cache-Control", "no-store"});
  add_if_absent(response, "Strict-Transport-Security", "max-age=31536000");
}

std::string codes_of(const Refusal& refusal) {
  std::string codes;
  for (const auto& issue : refusal.issues) {
    if (issue.severity == fhir::Severity::kInformation || issue.severity == fhir::Severity::kWarning) continue;
    const auto code = fhir::code_of(issue.code);
    if (codes.find(code) != std::string::npos) continue;
    if (!codes.empty()) codes += ' ';
    codes += code;
  }
  return codes;
}

}  // namespace gw::exchange
