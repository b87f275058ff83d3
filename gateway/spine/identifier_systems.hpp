// The identifier systems that tokens and look-ups are made of, and the other names that a partner may have for them
// (SSP-12). Pure.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::spine {

inline constexpr std::string_view kNhsNumberSystem = "http://fhir.nhs.net/Id/nhs-number";
inline constexpr std::string_view kOdsCodeSystem = "http://fhir.nhs.net/Id/ods-organization-code";
/// Both in use: the published one, and the one that a test suite's error spread.
inline constexpr std::array<std::string_view, 2> kSdsUserSystems{"http://fhir.nhs.net/sds-user-id",
                                                                 "http://fhir.nhs.net/Id/sds-user-id"};

/// A system under a partner's own name.
struct SystemAlias {
  std::string theirs;
  std::string_view ours;  ///< one of the constants above
  friend bool operator==(const SystemAlias&, const SystemAlias&) = default;
};

[[nodiscard]] bool is_known_system(std::string_view system);

/// The system that "nhs-number", "ods-organization-code" or "sds-user-id" is short for; empty for any other text.
[[nodiscard]] std::string_view system_named(std::string_view short_name);

/// What `system` is here: itself, unless it is another name for one of ours.
[[nodiscard]] std::string_view known_as(std::string_view system, std::span<const SystemAlias> aliases);

}  // namespace gw::spine
