#include <algorithm>
#include <array>
#include <utility>

#include "spine/claims.hpp"
#include "spine/quote.hpp"

namespace gw::spine {

namespace {

using fhir::Element;

constexpr std::string_view kRule = "JWT-05";
constexpr std::array<std::string_view, 1> kDevice{"Device"};
constexpr std::array<std::string_view, 1> kOrganization{"Organization"};
constexpr std::array<std::string_view, 1> kPractitioner{"Practitioner"};

/// Adds the texts of all children `name` to `line`, with spaces between. False when there is none.
bool append_texts(const Element& in, std::string_view name, std::string& line) {
  bool any = false;
  for (const auto* one = in.child(name); one != nullptr; one = one->next) {
    if (one->name != name || one->kind != fhir::ValueKind::kString || one->value.empty()) continue;
    if (!line.empty()) line += ' ';
    line += one->value;
    any = true;
  }
  return any;
}

/// An identifier of the user that is not the national one.
bool has_local_identifier(const Element& practitioner) {
  for (const auto* one = practitioner.child("identifier"); one != nullptr; one = one->next) {
    if (one->name != "identifier" || text_of(*one, "value").empty()) continue;
    const auto system = text_of(*one, "system");
    if (!system.empty() && std::find(kSdsUserSystems.begin(), kSdsUserSystems.end(), system) == kSdsUserSystems.end())
      return true;
  }
  return false;
}

void check_identifiers(const Element& practitioner, Token& token, ClaimFaults& faults) {
  token.user_sds_id = identifier_in(practitioner, kSdsUserSystems);
  if (token.user_sds_id.empty()) {
    faults.add("requesting_practitioner.identifier",
               "requesting_practitioner has no SDS user id; it needs an identifier with system " +
                   std::string{kSdsUserSystems.front()} + " (or " + std::string{kSdsUserSystems.back()} +
                   ") and the id as its value",
               kRule);
  }
  if (!has_local_identifier(practitioner)) {
    faults.add("requesting_practitioner.identifier",
               "requesting_practitioner has no local user id; beside the SDS user id it needs an identifier with your "
               "own system's URI and the user's id there as its value",
               kRule);
  }
  if (has_two_identifiers(practitioner, kSdsUserSystems)) {
    faults.add("requesting_practitioner.identifier",
               "requesting_practitioner has two different SDS user ids; it needs one, for the audit to know who asked",
               kRule);
  }
}

void check_name(const Element& practitioner, Token& token, ClaimFaults& faults) {
  const auto* const name = object_claim({.in = &practitioner,
                                         .name = "name",
                                         .path = "requesting_practitioner.name",
                                         .expected = "the user's name, one HumanName with family and given",
                                         .rule = kRule},
                                        faults);
  if (name == nullptr) return;
  append_texts(*name, "prefix", token.user_name);
  for (const std::string_view part : {"given", "family"}) {
    if (append_texts(*name, part, token.user_name)) continue;
    const auto path = "requesting_practitioner.name." + std::string{part};
    faults.add(path, path + " is missing or empty; it must be an array with the user's " + std::string{part} + " name",
               kRule);
  }
}

/// The code of the first coding with the job role system, in any practitionerRole.
std::string_view job_role(const Element& practitioner) {
  for (const auto* one = practitioner.child("practitionerRole"); one != nullptr; one = one->next) {
    const auto* const role = one->name == "practitionerRole" ? one->child("role") : nullptr;
    if (role == nullptr) continue;
    for (const auto* coding = role->child("coding"); coding != nullptr; coding = coding->next) {
      if (coding->name != "coding" || text_of(*coding, "system") != kJobRoleSystem) continue;
      if (const auto code = text_of(*coding, "code"); !code.empty()) return code;
    }
  }
  return {};
}

}  // namespace

void check_device(const fhir::Document& document, Token& token, ClaimFaults& faults) {
  const auto* const device = resource_claim({.in = document.root(),
                                             .name = "requesting_device",
                                             .path = "requesting_device",
                                             .expected = "the system that asks, as a Device resource",
                                             .rule = kRule},
                                            kDevice, faults);
  if (device == nullptr) return;
  append_texts(*device, "model", token.device);
  append_texts(*device, "version", token.device);
  check_structure(document, *device, kDevice.front(), faults);
}

void check_organization(const fhir::Document& document, Token& token, ClaimFaults& faults) {
  const auto* const organization = resource_claim({.in = document.root(),
                                                   .name = "requesting_organization",
                                                   .path = "requesting_organization",
                                                   .expected = "the organisation that asks, as an Organization "
                                                               "resource with an ODS code",
                                                   .rule = kRule},
                                                  kOrganization, faults);
  if (organization == nullptr) return;
  token.organisation = OdsCode{std::string{identifier_in(*organization, std::array{kOdsCodeSystem})}};
  if (token.organisation.empty()) {
    faults.add("requesting_organization.identifier",
               "requesting_organization has no ODS code; it needs an identifier with system " +
                   std::string{kOdsCodeSystem} + " and the code as its value",
               kRule);
  }
  if (has_two_identifiers(*organization, std::array{kOdsCodeSystem})) {
    faults.add("requesting_organization.identifier",
               "requesting_organization has two different ODS codes; it needs one identifier of system " +
                   std::string{kOdsCodeSystem},
               kRule);
  }
  token.organisation_name = text_of(*organization, "name");
  token.organisation_id = text_of(*organization, "id");
  check_structure(document, *organization, kOrganization.front(), faults);
}

void check_practitioner(const fhir::Document& document, Token& token, ClaimFaults& faults) {
  const auto* const practitioner = resource_claim({.in = document.root(),
                                                   .name = "requesting_practitioner",
                                                   .path = "requesting_practitioner",
                                                   .expected = "the user on whose behalf it is asked, as a "
                                                               "Practitioner resource",
                                                   .rule = kRule},
                                                  kPractitioner, faults);
  if (practitioner == nullptr) return;
  const auto id = text_claim({.in = practitioner,
                              .name = "id",
                              .path = "requesting_practitioner.id",
                              .expected = "the user's logical id, the same text as sub",
                              .rule = kRule},
                             faults);
  // Without a sub that fault was told already.
  if (id && !token.user_id.empty() && *id != token.user_id) {
    faults.add("requesting_practitioner.id",
               "requesting_practitioner.id is " + quoted(*id) + " and sub is " + quoted(token.user_id) +
                   "; both must be the same logical id of the user",
               kRule);
  }
  check_identifiers(*practitioner, token, faults);
  check_name(*practitioner, token, faults);
  token.user_role = job_role(*practitioner);
  if (token.user_role.empty()) {
    faults.add("requesting_practitioner.practitionerRole",
               "requesting_practitioner.practitionerRole has no job role; it needs role.coding with system " +
                   std::string{kJobRoleSystem} + " and the role as its code",
               kRule);
  }
  check_structure(document, *practitioner, kPractitioner.front(), faults);
}

}  // namespace gw::spine
