// What is wrong with the data of a request, in the words that an OperationOutcome uses (ANS-03, section 7 of the
// rules).
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.hpp"

namespace gw::fhir {

enum class Severity : unsigned char { kFatal, kError, kWarning, kInformation };

/// DSTU2 issue-type codes that the gateway uses.
enum class IssueType : unsigned char {
  kInvalid,
  kStructure,
  kRequired,
  kValue,
  kInvariant,
  kSecurity,
  kForbidden,
  kProcessing,
  kNotSupported,
  kDuplicate,
  kNotFound,
  kTooLong,
  kCodeInvalid,
  kExtension,
  kBusinessRule,
  kConflict,
  kTransient,
  kException,
  kTimeout,
  kThrottled,
  kInformational,
};

/// Codes in system http://fhir.nhs.net/ValueSet/gpconnect-error-or-warning-code-1.
enum class ErrorCode : unsigned char {
  kBadRequest,
  kRequestUnmatched,
  kInvalidNhsNumber,
  kInvalidIdentifierSystem,
  kInvalidIdentifierValue,
  kAsidCheckFailed,
  kNoOrganisationalConsent,
  kNoPatientConsent,
  kNoRelationship,
  kAccessDenied,
  kNoRecordFound,
  kOrganisationNotFound,
  kPatientNotFound,
  kConflictingValues,
  kInvalidResource,
  kInvalidParameter,
  kReferenceNotFound,
  kTooManyRequests,
  kInternalServerError,
  kNotImplemented,
};

[[nodiscard]] std::string_view code_of(Severity severity);  ///< "error"
[[nodiscard]] std::string_view code_of(IssueType type);     ///< "code-invalid"
[[nodiscard]] std::string_view code_of(ErrorCode code);     ///< "BAD_REQUEST"
[[nodiscard]] std::string_view display_of(ErrorCode code);  ///< "Bad request"

/// One problem. `diagnostics` tells the sender's developer what was found, what is right, and so what to mend; never a
/// path, SQL, a token, or another patient's data. Lines and columns count from 1; 0 where there is no body position.
struct Issue {
  Severity severity = Severity::kError;
  IssueType type = IssueType::kInvalid;
  ErrorCode code = ErrorCode::kBadRequest;
  std::string diagnostics;
  std::string location;   ///< "Order.reasonCodeableConcept.coding[0].code"; a header's name for header faults
  std::string_view rule;  ///< id in conformance/requirements.csv, a literal
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Why a request is not served: the HTTP status, and every problem found.
struct Refusal {
  int status = 400;
  std::vector<Issue> issues;
  Headers headers;     ///< extra headers, for example WWW-Authenticate or Allow
  bool close = false;  ///< the connection cannot be trusted any further
};

[[nodiscard]] Refusal refuse(int status, Issue issue);

/// Names the rule alone: the text of an exception is logged, and diagnostics may quote the sender's data (AUD-04).
[[noreturn]] inline void throw_exception_from_error(const Refusal& r, const boost::source_location&) {
  throw std::logic_error("value of a refused check was used: " +
                         (r.issues.empty() ? std::string{"no issue"} : std::string{r.issues.front().rule}));
}

/// A checked value, or the refusal that is the answer.
template <class T>
using Checked = boost::system::result<T, Refusal>;

}  // namespace gw::fhir
