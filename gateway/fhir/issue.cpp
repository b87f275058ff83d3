// The code words of issues. Displays are short words of our own, for people who read an answer without the code list.
#include "fhir/issue.hpp"

#include <utility>

namespace gw::fhir {

std::string_view code_of(Severity severity) {
  switch (severity) {
    case Severity::kFatal:
      return "fatal";
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInformation:
      return "information";
  }
  return "error";
}

std::string_view code_of(IssueType type) {
  switch (type) {
    case IssueType::kInvalid:
      return "invalid";
    case IssueType::kStructure:
      return "structure";
    case IssueType::kRequired:
      return "required";
    case IssueType::kValue:
      return "value";
    case IssueType::kInvariant:
      return "invariant";
    case IssueType::kSecurity:
      return "security";
    case IssueType::kForbidden:
      return "forbidden";
    case IssueType::kProcessing:
      return "processing";
    case IssueType::kNotSupported:
      return "not-supported";
    case IssueType::kDuplicate:
      return "duplicate";
    case IssueType::kNotFound:
      return "not-found";
    case IssueType::kTooLong:
      return "too-long";
    case IssueType::kCodeInvalid:
      return "code-invalid";
    case IssueType::kExtension:
      return "extension";
    case IssueType::kBusinessRule:
      return "business-rule";
    case IssueType::kConflict:
      return "conflict";
    case IssueType::kTransient:
      return "transient";
    case IssueType::kException:
      return "exception";
    case IssueType::kTimeout:
      return "timeout";
    case IssueType::kThrottled:
      return "throttled";
    case IssueType::kInformational:
      return "informational";
  }
  return "processing";
}

std::string_view code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadRequest:
      return "BAD_REQUEST";
    case ErrorCode::kRequestUnmatched:
      return "REQUEST_UNMATCHED";
    case ErrorCode::kInvalidNhsNumber:
      return "INVALID_NHS_NUMBER";
    case ErrorCode::kInvalidIdentifierSystem:
      return "INVALID_IDENTIFIER_SYSTEM";
    case ErrorCode::kInvalidIdentifierValue:
      return "INVALID_IDENTIFIER_VALUE";
    case ErrorCode::kAsidCheckFailed:
      return "ASID_CHECK_FAILED";
    case ErrorCode::kNoOrganisationalConsent:
      return "NO_ORGANISATIONAL_CONSENT";
    case ErrorCode::kNoPatientConsent:
      return "NO_PATIENT_CONSENT";
    case ErrorCode::kNoRelationship:
      return "NO_RELATIONSHIP";
    case ErrorCode::kAccessDenied:
      return "ACCESS_DENIED";
    case ErrorCode::kNoRecordFound:
      return "NO_RECORD_FOUND";
    case ErrorCode::kOrganisationNotFound:
      return "ORGANISATION_NOT_FOUND";
    case ErrorCode::kPatientNotFound:
      return "PATIENT_NOT_FOUND";
    case ErrorCode::kConflictingValues:
      return "CONFLICTING_VALUES";
    case ErrorCode::kInvalidResource:
      return "INVALID_RESOURCE";
    case ErrorCode::kInvalidParameter:
      return "INVALID_PARAMETER";
    case ErrorCode::kReferenceNotFound:
      return "REFERENCE_NOT_FOUND";
    case ErrorCode::kTooManyRequests:
      return "TOO_MANY_REQUESTS";
    case ErrorCode::kInternalServerError:
      return "INTERNAL_SERVER_ERROR";
    case ErrorCode::kNotImplemented:
      return "NOT_IMPLEMENTED";
  }
  return "INTERNAL_SERVER_ERROR";
}

std::string_view display_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadRequest:
      return "Bad request";
    case ErrorCode::kRequestUnmatched:
      return "Token and request name different patients";
    case ErrorCode::kInvalidNhsNumber:
      return "NHS number is not valid";
    case ErrorCode::kInvalidIdentifierSystem:
      return "Identifier system is not valid";
    case ErrorCode::kInvalidIdentifierValue:
      return "Identifier value is not valid";
    case ErrorCode::kAsidCheckFailed:
      return "Sending system is not accepted";
    case ErrorCode::kNoOrganisationalConsent:
      return "Organisations do not share data";
    case ErrorCode::kNoPatientConsent:
      return "Patient has not consented";
    case ErrorCode::kNoRelationship:
      return "No care relationship with the patient";
    case ErrorCode::kAccessDenied:
      return "Access denied";
    case ErrorCode::kNoRecordFound:
      return "No record found";
    case ErrorCode::kOrganisationNotFound:
      return "Organisation not found";
    case ErrorCode::kPatientNotFound:
      return "Patient not found";
    case ErrorCode::kConflictingValues:
      return "Conflicting values";
    case ErrorCode::kInvalidResource:
      return "Resource is not valid";
    case ErrorCode::kInvalidParameter:
      return "Parameter is not valid";
    case ErrorCode::kReferenceNotFound:
      return "Reference does not resolve";
    case ErrorCode::kTooManyRequests:
      return "Too many requests";
    case ErrorCode::kInternalServerError:
      return "Internal server error";
    case ErrorCode::kNotImplemented:
      return "Not implemented";
  }
  return "Internal server error";
}

Refusal refuse(int status, Issue issue) {
  Refusal refusal;
  refusal.status = status;
  refusal.issues.push_back(std::move(issue));
  return refusal;
}

}  // namespace gw::fhir
