#include <array>

#include "spine/claims.hpp"
#include "spine/nhs_number.hpp"

namespace gw::spine {

namespace {

constexpr std::string_view kPath = "requested_record";
constexpr std::string_view kRule = "JWT-03";

void check_patient(const fhir::Element& record, Token& token, ClaimFaults& faults) {
  const auto value = identifier_in(record, std::array{kNhsNumberSystem});
  if (value.empty()) {
    faults.add("requested_record.identifier",
               "requested_record is a Patient without an NHS number; it needs an identifier with system " +
                   std::string{kNhsNumberSystem} + " and the number, as text of 10 digits, as its value",
               kRule);
    return;
  }
  if (has_two_identifiers(record, std::array{kNhsNumberSystem})) {
    faults.add("requested_record.identifier",
               "requested_record has two different NHS numbers; a token is for one patient, with one identifier of "
               "system " +
                   std::string{kNhsNumberSystem},
               kRule);
    return;
  }
  token.patient = parse_nhs_number(value);
  if (token.patient) return;
  faults.add(fhir::Issue{.type = fhir::IssueType::kValue,
                         .code = fhir::ErrorCode::kInvalidNhsNumber,
                         .diagnostics = "the NHS number in requested_record (" + std::to_string(value.size()) +
                                        " characters) is not valid; it must be 10 digits without spaces, the last of "
                                        "them the modulus 11 check digit",
                         .location = "requested_record.identifier.value",
                         .rule = kRule});
}

void check_record_organization(const fhir::Element& record, Token& token, ClaimFaults& faults) {
  const auto value = identifier_in(record, std::array{kOdsCodeSystem});
  if (value.empty()) {
    faults.add("requested_record.identifier",
               "requested_record is an Organization without an ODS code; it needs an identifier with system " +
                   std::string{kOdsCodeSystem} + " and the code as its value",
               kRule);
    return;
  }
  if (has_two_identifiers(record, std::array{kOdsCodeSystem})) {
    faults.add("requested_record.identifier",
               "requested_record has two different ODS codes; it needs one identifier of system " +
                   std::string{kOdsCodeSystem},
               kRule);
  }
  token.record_organisation = OdsCode{std::string{value}};
}

}  // namespace

void check_requested_record(const fhir::Document& document, const Interaction& interaction, std::string_view scope,
                            Token& token, ClaimFaults& faults) {
  static constexpr std::array<std::string_view, 2> kTypes{"Patient", "Organization"};
  // An organisation's record fits what concerns no patient, and what is asked with an organisation's scope.
  const bool organisation_fits = !interaction.patient_record || scope.starts_with("organization/");
  const auto types = std::span{kTypes}.first(organisation_fits ? 2 : 1);
  const auto* const record = resource_claim(
      {.in = document.root(),
       .name = kPath,
       .path = kPath,
       .expected = organisation_fits ? "the record that is asked for, as a Patient with an NHS number or an "
                                       "Organization with an ODS code"
                                     : "the patient whose record is asked for, as a Patient resource "
                                       "with an NHS number",
       .rule = kRule},
      types, faults);
  if (record == nullptr) return;
  const auto type = text_of(*record, "resourceType");
  if (type == "Patient") {
    check_patient(*record, token, faults);
  } else {
    check_record_organization(*record, token, faults);
  }
  check_structure(document, *record, type, faults);
}

}  // namespace gw::spine
