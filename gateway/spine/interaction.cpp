#include "spine/interaction.hpp"

#include <array>

namespace gw::spine {

namespace {

constexpr std::array<std::string_view, 2> kWriteScopes{"patient/*.write", "organization/*.write"};
constexpr std::array<std::string_view, 2> kReadScopes{"patient/*.read", "organization/*.read"};
constexpr std::array<std::string_view, 1> kOrganisationReadScope{"organization/*.read"};

constexpr std::string_view kLaterForm = "-1";

// A relayed interaction to come (getcarerecord, appointments) is one more row here.
constexpr std::array<Interaction, 8> kInteractions{{
    {"urn:nhs:names:services:gpconnect:fhir:rest:create:order", Operation::kCreateOrder, "POST", "Order", true,
     kWriteScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:order", Operation::kReadOrder, "GET", "Order", true, kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:order", Operation::kSearchOrder, "GET", "Order", true,
     kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:patient", Operation::kReadPatient, "GET", "Patient", true,
     kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:patient", Operation::kSearchPatient, "GET", "Patient", true,
     kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:organization", Operation::kReadOrganization, "GET",
     "Organization", false, kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:search:organization", Operation::kSearchOrganization, "GET",
     "Organization", false, kReadScopes},
    {"urn:nhs:names:services:gpconnect:fhir:rest:read:metadata", Operation::kMetadata, "GET", "metadata", false,
     kOrganisationReadScope},
}};

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
