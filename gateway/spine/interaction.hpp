// The interactions the gateway knows: which verb and path shape each belongs to (SSP-02). Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gw::spine {

enum class Operation : unsigned char {
  kCreateOrder,
  kReadOrder,
  kSearchOrder,
  kReadPatient,
  kSearchPatient,
  kReadOrganization,
  kSearchOrganization,
  kMetadata,
  kReadOutcome,  ///< of a task that was taken for deferred delivery; the gateway's own, for relayed organisations too
  kRelayed,      ///< of other parts of GP Connect: carried to the recipient's endpoint, not understood (SSP-06)
};

struct Interaction {
  std::string_view id;  ///< "urn:nhs:names:services:gpconnect:fhir:rest:create:order"
  Operation operation;
  std::string_view verb;                     ///< "POST"
  std::string_view resource;                 ///< "Order"; "metadata" for the conformance statement
  bool patient_record;                       ///< the token's requested_record is a Patient (JWT-03)
  std::span<const std::string_view> scopes;  ///< accepted requested_scope values (JWT-04)
  bool instance = false;                     ///< the path has an id after the resource type
  std::string_view below = {};  ///< what ends the path: an operation ("$gpc.getcarerecord") or a compartment's type
  /// The interaction whose registration in the directory covers this one; empty: its own.
  std::string_view covered_by = {};
  /// What the directory must name for it.
  [[nodiscard]] std::string_view registered_as() const { return covered_by.empty() ? id : covered_by; }
};

/// There are never more than these: what is counted by interaction is sized by it.
inline constexpr std::size_t kMostInteractions = 32;

/// All of them, in the order the conformance statement lists them.
[[nodiscard]] std::span<const Interaction> interactions();

/// What ends the path of kReadOutcome, and its id (OUT-06).
inline constexpr std::string_view kOutcomeOperation = "$gpc.gettaskoutcome";
inline constexpr std::string_view kReadOutcome = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.gettaskoutcome";

/// By id, exact case; a trailing "-1" is accepted. Null when unknown.
[[nodiscard]] const Interaction* find_interaction(std::string_view id);

}  // namespace gw::spine
