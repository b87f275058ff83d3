// Reading the claims of an audit token: what is missing, null, empty or of the wrong type is one thing (JWT-02), and
// every fault is named with the claim, what is right and what was found (JWT-07). Pure; borrows from the Document.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "spine/identifier_systems.hpp"
#include "spine/interaction.hpp"
#include "spine/token.hpp"

namespace gw::spine {

inline constexpr std::string_view kJobRoleSystem = "http://fhir.nhs.net/ValueSet/sds-job-role-name-1";
inline constexpr std::string_view kAudience = "https://authorize.fhir.nhs.net/token";
inline constexpr std::string_view kReason = "directcare";
inline constexpr std::int64_t kTokenLife = 300;  ///< seconds

/// Gathers what is wrong with a token.
class ClaimFaults {
 public:
  /// `of_structure`: whether the resources are held against DSTU2's structure.
  explicit ClaimFaults(bool of_structure = true) : of_structure_(of_structure) {}
  /// A claim that is absent or not as the rules want it: 400 BAD_REQUEST.
  void add(std::string_view location, std::string diagnostics, std::string_view rule);
  /// Any other issue.
  void add(fhir::Issue issue) { issues_.push_back(std::move(issue)); }
  [[nodiscard]] bool none() const { return issues_.empty(); }
  [[nodiscard]] bool of_structure() const { return of_structure_; }
  [[nodiscard]] std::vector<fhir::Issue> take() && { return std::move(issues_); }

 private:
  bool of_structure_;
  std::vector<fhir::Issue> issues_;
};

/// Where a value is looked for, and how faults name it.
struct Claim {
  const fhir::Element* in;    ///< the object that holds it
  std::string_view name;      ///< "given"
  std::string_view path;      ///< "requesting_practitioner.name.given"
  std::string_view expected;  ///< "the user's given names", ends the sentence "path is missing; it must be ..."
  std::string_view rule;
};

/// The value of a claim that must be non-blank text. Absent with a fault noted otherwise.
[[nodiscard]] std::optional<std::string_view> text_claim(const Claim& claim, ClaimFaults& faults);
/// A claim that must be a whole number of seconds since 1970.
[[nodiscard]] std::optional<std::int64_t> seconds_claim(const Claim& claim, ClaimFaults& faults);
/// A claim that must be an object with something in it. Null with a fault noted otherwise.
[[nodiscard]] const fhir::Element* object_claim(const Claim& claim, ClaimFaults& faults);
/// As object_claim, and its resourceType must be one of `types`.
[[nodiscard]] const fhir::Element* resource_claim(const Claim& claim, std::span<const std::string_view> types,
                                                  ClaimFaults& faults);

/// The non-blank text of the child `name`, or an empty view; for parts whose absence is judged by the caller.
[[nodiscard]] std::string_view text_of(const fhir::Element& in, std::string_view name);
/// The value of the first identifier of `resource` in one of `systems` that has one, or an empty view.
[[nodiscard]] std::string_view identifier_in(const fhir::Element& resource, std::span<const std::string_view> systems);

/// Whether identifiers of `systems` give more than one value: then no reader can say which is meant.
[[nodiscard]] bool has_two_identifiers(const fhir::Element& resource, std::span<const std::string_view> systems);

/// The claims that are plain values (JWT-02, JWT-04); what they say goes into `token`.
void check_issuer_and_subject(const fhir::Element& root, Token& token, ClaimFaults& faults);
/// A claim that can have one value only.
void check_fixed(const fhir::Element& root, std::string_view name, std::string_view value, ClaimFaults& faults);
void check_times(const fhir::Element& root, Instant now, const TokenPolicy& policy, Token& token, ClaimFaults& faults);
/// The scope, or an empty view with a fault noted when it does not fit the interaction.
std::string_view check_scope(const fhir::Element& root, const Interaction& interaction, Token& token,
                             ClaimFaults& faults);

/// What the four resource claims must hold (JWT-03, JWT-05); what they say goes into `token`. `scope` is the token's
/// requested_scope if that was right, else empty.
void check_requested_record(const fhir::Document& document, const Interaction& interaction, std::string_view scope,
                            Token& token, ClaimFaults& faults);
void check_device(const fhir::Document& document, Token& token, ClaimFaults& faults);
void check_organization(const fhir::Document& document, Token& token, ClaimFaults& faults);
void check_practitioner(const fhir::Document& document, Token& token, ClaimFaults& faults);

/// In the resource claims' identifiers, put our name of a system in place of a partner's own (SSP-12).
void rename_systems(fhir::Element& root, std::span<const SystemAlias> aliases);

/// Note as 422 INVALID_RESOURCE where `resource` departs from DSTU2's structure. Absent elements are no fault: the
/// published token has a Device without a type (JWT-05).
void check_structure(const fhir::Document& document, const fhir::Element& resource, std::string_view type,
                     ClaimFaults& faults);

}  // namespace gw::spine
