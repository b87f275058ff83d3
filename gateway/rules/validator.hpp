// The one validator: walks an element tree beside the tables made at build time from profiles/.
// Pure. It knows no resource by name: what it enforces is what the profiles say.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "fhir/write.hpp"

namespace gw::rules {

/// All issues of one body, in document order.
struct Verdict {
  std::vector<fhir::Issue> issues;
  /// True when any issue is an error.
  [[nodiscard]] bool refused() const;
};

struct ValidateLimits {
  std::size_t issues = 100;  ///< after this many, one more says that the list was cut
};

/// Validate `document` as a resource that must claim (and is held to) the profile with canonical URL `profile`.
/// An empty `profile` validates against the base type alone.
[[nodiscard]] Verdict validate(const fhir::Document& document, std::string_view profile,
                               const ValidateLimits& limits = {});

/// Validate `element` (a resource inside another document, for example in the audit token) as base type `type`.
[[nodiscard]] Verdict validate_fragment(const fhir::Document& document, const fhir::Element& element,
                                        std::string_view type, const ValidateLimits& limits = {});

/// The writers' view of the tables.
[[nodiscard]] const fhir::Shape& shape();

inline constexpr std::string_view kTaskOrderProfile = "http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1";
inline constexpr std::string_view kTaskBasicProfile =
    "http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1";

}  // namespace gw::rules
