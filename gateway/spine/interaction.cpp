#include "spine/interaction.hpp"

#include <array>

namespace gw::spine {

namespace {

constexpr std::array<std::string_view, 2> kWriteScopes{"patient/*.write", "organization/*.write"};
constexpr std::array<std::string_view, 2> kReadScopes{"patient/*.read", "organization/*.read"};
constexpr std::array<std::string_view, 1> kOrganisationReadScope{"organization/*.read"};

constexpr std::string_view kLaterForm = "-1";

/// GP Connect 0.5.0's own list, verbs and paths included (an appointment is cancelled by an update), and the read,
/// the search and the outcome of orders, which are ours.
constexpr std::array<Interaction, 20> kInteractions{{
    {"urn:nhs:names:services:gpconnect:fhir:rest:create:order", Operation::kCreateOrder, "POST", "Order", true,
     kWriteScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:order", Operation::kReadOrder, "GET", "Order", true, kReadScopes,
     true},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:order", Operation::kSearchOrder, "GET", "Order", true,
     kReadScopes},
    {kReadOutcome, Operation::kReadOutcome, "GET", "Order", true, kReadScopes, true, kOutcomeOperation,
     "urn:nhs:names:services:gpconnect:fhir:rest:create:order"},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:patient", Operation::kReadPatient, "GET", "Patient", true,
     kReadScopes, true},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:patient", Operation::kSearchPatient, "GET", "Patient", true,
     kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:organization", Operation::kReadOrganization, "GET",
     "Organization", false, kReadScopes, true},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:organization", Operation::kSearchOrganization, "GET",
     "Organization", false, kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:metadata", Operation::kMetadata, "GET", "metadata", false,
     kOrganisationReadScope},
    {"urn:nhs:names:services:gpconnect:fhir:operation:gpc.getcarerecord", Operation::kRelayed, "POST", "Patient", true,
     kReadScopes, false, "$gpc.getcarerecord"},
    {"urn:nhs:names:services:gpconnect:fhir:operation:gpc.registerpatient", Operation::kRelayed, "POST", "Patient",
     true, kWriteScopes, false, "$gpc.registerpatient"},
    {"urn:nhs:names:services:gpconnect:fhir:operation:gpc.getschedule", Operation::kRelayed, "POST", "Organization",
     false, kReadScopes, true, "$gpc.getschedule"},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:patient_appointments", Operation::kRelayed, "GET", "Patient",
     true, kReadScopes, true, "Appointment"},
    {"urn:nhs:names:services:gpconnect:fhir:rest:create:appointment", Operation::kRelayed, "POST", "Appointment", true,
     kWriteScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:appointment", Operation::kRelayed, "GET", "Appointment", true,
     kReadScopes, true},
    {"urn:nhs:names:services:gpconnect:fhir:rest:update:appointment", Operation::kRelayed, "PUT", "Appointment", true,
     kWriteScopes, true},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:practitioner", Operation::kRelayed, "GET", "Practitioner", false,
     kReadScopes, true},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:practitioner", Operation::kRelayed, "GET", "Practitioner",
     false, kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:location", Operation::kRelayed, "GET", "Location", false,
     kReadScopes, true},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:location", Operation::kRelayed, "GET", "Location", false,
     kReadScopes},
}};
static_assert(kInteractions.size() <= kMostInteractions);

}  // namespace

std::span<const Interaction> interactions() {
  return kInteractions;
}

const Interaction* find_interaction(std::string_view id) {
  if (id.ends_with(kLaterForm)) id.remove_suffix(kLaterForm.size());
  for (const auto& interaction : kInteractions) {
    if (interaction.id == id) return &interaction;
  }
  return nullptr;
}

}  // namespace gw::spine
