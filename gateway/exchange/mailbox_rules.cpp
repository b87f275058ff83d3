#include "exchange/mailbox_rules.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gw::exchange {

namespace {

using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;

constexpr std::string_view kPatientPrefix = "Patient/";
constexpr std::string_view kOrganizationPrefix = "Organization/";

const directory::Patient* patient_of(std::string_view reference, const directory::Directory& directory) {
  if (!reference.starts_with(kPatientPrefix)) return nullptr;
  return directory.patient_by_logical_id(reference.substr(kPatientPrefix.size()));
}

const directory::Organisation* organisation_of(std::string_view reference, const directory::Directory& directory) {
  if (!reference.starts_with(kOrganizationPrefix)) return nullptr;
  return directory.by_logical_id(reference.substr(kOrganizationPrefix.size()));
}

Issue unresolved(std::string_view element, std::string_view reference, std::string_view what) {
  return Issue{.type = IssueType::kInvalid,
               .code = ErrorCode::kReferenceNotFound,
               .diagnostics = "Order." + std::string{element} + " refers to '" + std::string{reference.substr(0, 64)} +
                              "', which is no " + std::string{what} + " known to the recipient",
               .location = "Order." + std::string{element} + ".reference",
               .rule = "OUT-08"};
}

/// Registered here, or registered with a practice that shares with the recipient.
bool has_relationship(const directory::Patient& patient, const Caller& caller) {
  const auto* const registered = caller.directory->by_ods(patient.registered_at.text());
  return registered != nullptr && caller.directory->share(*registered, *caller.recipient);
}

fhir::Refusal forbidden(ErrorCode code, std::string diagnostics) {
  return fhir::refuse(403, Issue{.type = IssueType::kForbidden,
                                 .code = code,
                                 .diagnostics = std::move(diagnostics),
                                 .location = "Order.subject.reference",
                                 .rule = "OUT-08"});
}

}  // namespace

fhir::Checked<const directory::Patient*> check_mailbox_rules(const rules::TaskFacts& facts, const Caller& caller) {
  const auto& directory = *caller.directory;
  const auto* const patient = patient_of(facts.subject, directory);
  const auto* const target = organisation_of(facts.target, directory);

  fhir::Refusal broken{.status = 422};
  if (patient == nullptr) broken.issues.push_back(unresolved("subject", facts.subject, "patient"));
  // A Practitioner as source is allowed by the profile and held by no register here; it is accepted as given.
  if (facts.source.starts_with(kOrganizationPrefix) && organisation_of(facts.source, directory) == nullptr) {
    broken.issues.push_back(unresolved("source", facts.source, "organisation"));
  }
  if (target == nullptr) {
    broken.issues.push_back(unresolved("target", facts.target, "organisation"));
  } else if (target != caller.recipient) {
    broken.issues.push_back(Issue{.type = IssueType::kBusinessRule,
                                  .code = ErrorCode::kInvalidResource,
                                  .diagnostics = "Order.target is not the organisation that the URL names (" +
                                                 caller.recipient->ods.text() + ", Organization/" +
                                                 caller.recipient->logical_id + ")",
                                  .location = "Order.target.reference",
                                  .rule = "OUT-08"});
  }
  if (!broken.issues.empty()) return broken;

  if (caller.token.patient && *caller.token.patient != patient->nhs_number) {
    return fhir::refuse(400, Issue{.type = IssueType::kValue,
                                   .code = ErrorCode::kRequestUnmatched,
                                   .diagnostics = "the token's requested_record is not the patient of Order.subject",
                                   .location = "Order.subject.reference",
                                   .rule = "JWT-03"});
  }
  if (patient->consent_withheld) {
    return forbidden(ErrorCode::kNoPatientConsent, "the patient has not consented to sharing with other organisations");
  }
  if (!has_relationship(*patient, caller)) {
    return forbidden(ErrorCode::kNoRelationship,
                     "organisation " + caller.recipient->ods.text() +
                         " has no care relationship with this patient: it is neither the registered practice nor in a "
                         "data sharing agreement with it");
  }
  return patient;
}

}  // namespace gw::exchange
