#include "exchange/lookup.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "exchange/answer.hpp"
#include "exchange/resource_builder.hpp"
#include "spine/identifier_systems.hpp"
#include "spine/nhs_number.hpp"

namespace gw::exchange {

namespace {

using directory::Organisation;
using directory::Patient;
using fhir::Document;
using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;

constexpr std::string_view kPatientProfile = "http://fhir.nhs.net/StructureDefinition/gpconnect-patient-1";
constexpr std::string_view kOrganizationProfile = "http://fhir.nhs.net/StructureDefinition/gpconnect-organization-1";

void fill_patient(const Node& node, const Patient& patient, const Caller& caller) {
  node.set("id", patient.logical_id);
  node.add("meta").set_item("profile", kPatientProfile);
  const auto identifier = node.add_item("identifier");
  identifier.set("system", spine::kNhsNumberSystem);
  identifier.set("value", patient.nhs_number.text());
  const auto name = node.add_item("name");
  name.set("use", "usual");
  name.set_item("family", patient.family_name);
  name.set_item("given", patient.given_name);
  name.set_item("prefix", patient.title);
  if (patient.born) node.set("birthDate", to_iso_date(*patient.born));
  if (patient.died) node.set("deceasedDateTime", to_iso_date(*patient.died));
  const auto* const practice = caller.directory->by_ods(patient.registered_at.text());
  if (practice != nullptr) node.add("managingOrganization").set("reference", "Organization/" + practice->logical_id);
}

void fill_organisation(const Node& node, const Organisation& organisation) {
  node.set("id", organisation.logical_id);
  node.add("meta").set_item("profile", kOrganizationProfile);
  const auto identifier = node.add_item("identifier");
  identifier.set("system", spine::kOdsCodeSystem);
  identifier.set("value", organisation.ods.text());
  if (!organisation.type.empty()) node.add("type").set("text", organisation.type);
  node.set("name", organisation.name);
}

/// The one thing found, or nothing: a look-up is by a unique identifier.
struct Found {
  const Patient* patient = nullptr;
  const Organisation* organisation = nullptr;
  [[nodiscard]] bool any() const { return patient != nullptr || organisation != nullptr; }
};

void fill(const Node& node, const Found& found, const Caller& caller) {
  if (found.patient != nullptr) fill_patient(node, *found.patient, caller);
  if (found.organisation != nullptr) fill_organisation(node, *found.organisation);
}

std::string searchset(const Found& found, const Caller& caller, fhir::Format format) {
  Document document{{}, fhir::Format::kJson};
  const auto bundle = Node::resource_in(document, "Bundle");
  bundle.set("type", "searchset");
  bundle.set("total", found.any() ? "1" : "0", fhir::ValueKind::kNumber);
  if (found.any()) {
    const auto type = caller.url.resource;
    const auto& id = found.patient != nullptr ? found.patient->logical_id : found.organisation->logical_id;
    const auto entry = bundle.add_item("entry");
    entry.set("fullUrl", caller.base + "/" + std::string{type} + "/" + id);
    fill(entry.add_resource("resource", type), found, caller);
    entry.add("search").set("mode", "match");
  }
  return written(document, format);
}

fhir::Refusal invalid_identifier(bool system, std::string diagnostics) {
  return fhir::refuse(400,
                      Issue{.type = IssueType::kValue,
                            .code = system ? ErrorCode::kInvalidIdentifierSystem : ErrorCode::kInvalidIdentifierValue,
                            .diagnostics = std::move(diagnostics),
                            .location = "identifier",
                            .rule = "ANS-11"});
}

/// The search parameter `identifier=system|value`, exactly once.
fhir::Checked<std::pair<std::string, std::string>> identifier_of(const Url& url) {
  const auto parameters = parse_query(url.query);
  if (!parameters) return parameters.error();
  std::vector<std::string> values;
  for (const auto& [name, value] : *parameters) {
    if (name == "identifier") values.push_back(value);
  }
  if (values.size() != 1) {
    return fhir::refuse(422,
                        Issue{.type = IssueType::kValue,
                              .code = ErrorCode::kInvalidParameter,
                              .diagnostics = "a look-up needs the parameter identifier=[system]|[value] exactly once",
                              .location = "identifier",
                              .rule = "ANS-11"});
  }
  const auto bar = values.front().find('|');
  if (bar == std::string::npos) {
    return invalid_identifier(true, "identifier has no system; it is written [system]|[value], for example " +
                                        std::string{spine::kNhsNumberSystem} + "|...");
  }
  return std::pair{values.front().substr(0, bar), values.front().substr(bar + 1)};
}

fhir::Checked<Found> search(const Caller& caller) {
  const auto identifier = identifier_of(caller.url);
  if (!identifier) return identifier.error();
  const auto& [system, value] = *identifier;
  const bool wants_patient = caller.url.resource == "Patient";
  const auto right_system = wants_patient ? spine::kNhsNumberSystem : spine::kOdsCodeSystem;
  if (spine::known_as(system, caller.sender->policy.identifier_systems) != right_system) {
    return invalid_identifier(true, "identifier's system must be " + std::string{right_system});
  }
  if (!wants_patient) {
    if (value.empty()) return invalid_identifier(false, "identifier's value is empty; it is an ODS code");
    return Found{.organisation = caller.directory->by_ods(value)};
  }
  const auto number = spine::parse_nhs_number(value);
  if (!number)
    return invalid_identifier(false, "identifier's value is no NHS number: ten digits, the last a check digit");
  return Found{.patient = caller.directory->patient_by_nhs_number(*number)};
}

fhir::Checked<Found> read(const Caller& caller) {
  const bool wants_patient = caller.url.resource == "Patient";
  Found found;
  if (wants_patient) {
    found.patient = caller.directory->patient_by_logical_id(caller.url.id);
  } else {
    found.organisation = caller.directory->by_logical_id(caller.url.id);
  }
  if (found.any() && caller.url.version.empty()) return found;
  return fhir::refuse(404,
                      Issue{.type = IssueType::kNotFound,
                            .code = wants_patient ? ErrorCode::kPatientNotFound : ErrorCode::kOrganisationNotFound,
                            .diagnostics = "there is no " + std::string{caller.url.resource} + " with this id here",
                            .location = "http.target",
                            .rule = "ANS-11"});
}

}  // namespace

Response look_up(const Caller& caller, Trail& trail, fhir::Format format) {
  if (caller.url.id.empty()) {
    const auto found = search(caller);
    if (!found) return refused(found.error(), trail, format);
    trail.record.outcome = found->any() ? "found 1" : "found 0";
    return answer(200, searchset(*found, caller, format), format);
  }
  const auto found = read(caller);
  if (!found) return refused(found.error(), trail, format);
  Document document{{}, fhir::Format::kJson};
  fill(Node::resource_in(document, caller.url.resource), *found, caller);
  return answer(200, written(document, format), format);
}

}  // namespace gw::exchange
