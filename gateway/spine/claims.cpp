#include "spine/claims.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "rules/validator.hpp"
#include "spine/quote.hpp"

namespace gw::spine {

namespace {

using fhir::Element;
using fhir::ValueKind;

/// The last second of year 9999: later instants are no dates that anything can write.
constexpr std::int64_t kLastSecond = 253'402'300'799;
/// Of a number that is no time: shown unmasked, as 13 digits tell of milliseconds.
constexpr std::size_t kShownDigits = 20;

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
}

/// What stands in a claim's place, in words. `found` may be null.
std::string_view form_of(const Element* found) {
  if (found == nullptr) return "is missing";
  if (found->in_array) return "is an array";
  switch (found->kind) {
    case ValueKind::kNull:
      return "is null";
    case ValueKind::kNumber:
      return "is a number";
    case ValueKind::kBoolean:
      return "is true or false";
    case ValueKind::kString:
      return is_blank(found->value) ? "is empty" : "is a text";
    default:
      return found->first_child == nullptr ? "is empty" : "is an object";
  }
}

/// A claim whose name differs by a slip, if the right one is not there.
std::string hint(const Claim& claim, const Element* found) {
  if (found != nullptr) return {};
  for (const auto* other = claim.in->first_child; other != nullptr; other = other->next) {
    if (nearly(other->name, claim.name))
      return " (there is " + quoted(other->name) + ": names must be exact, case too)";
  }
  return {};
}

void not_as_expected(const Claim& claim, const Element* found, ClaimFaults& faults) {
  faults.add(claim.path,
             std::string{claim.path} + ' ' + std::string{form_of(found)} + hint(claim, found) + "; it must be " +
                 std::string{claim.expected},
             claim.rule);
}

std::string listed(std::span<const std::string_view> names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : " or ") + std::string{name};
  return text;
}

}  // namespace

void ClaimFaults::add(std::string_view location, std::string diagnostics, std::string_view rule) {
  issues_.push_back(
      fhir::Issue{.diagnostics = std::move(diagnostics), .location = std::string{location}, .rule = rule});
}

std::optional<std::string_view> text_claim(const Claim& claim, ClaimFaults& faults) {
  const auto* const found = claim.in->child(claim.name);
  if (found != nullptr && found->kind == ValueKind::kString && !found->in_array && !is_blank(found->value)) {
    return found->value;
  }
  not_as_expected(claim, found, faults);
  return std::nullopt;
}

std::optional<std::int64_t> seconds_claim(const Claim& claim, ClaimFaults& faults) {
  const auto* const found = claim.in->child(claim.name);
  if (found == nullptr || found->kind != ValueKind::kNumber || found->in_array) {
    not_as_expected(claim, found, faults);
    return std::nullopt;
  }
  std::int64_t number = 0;
  const auto* const end = found->value.data() + found->value.size();
  const auto [stop, error] = std::from_chars(found->value.data(), end, number);
  if (error != std::errc{} || stop != end || number < 0 || number > kLastSecond) {
    faults.add(claim.path,
               std::string{claim.path} + " is the number '" + std::string{found->value.substr(0, kShownDigits)} +
                   "'; it must be " + std::string{claim.expected},
               claim.rule);
    return std::nullopt;
  }
  return number;
}

const Element* object_claim(const Claim& claim, ClaimFaults& faults) {
  const auto* const found = claim.in->child(claim.name);
  if (found != nullptr && found->kind == ValueKind::kNone && !found->in_array && found->first_child != nullptr) {
    return found;
  }
  not_as_expected(claim, found, faults);
  return nullptr;
}

const Element* resource_claim(const Claim& claim, std::span<const std::string_view> types, ClaimFaults& faults) {
  const auto* const found = object_claim(claim, faults);
  if (found == nullptr) return nullptr;
  const auto type = text_of(*found, "resourceType");
  if (std::find(types.begin(), types.end(), type) != types.end()) return found;
  faults.add(claim.path,
             std::string{claim.path} + (type.empty() ? " has no resourceType" : " has resourceType " + quoted(type)) +
                 "; it must be " + listed(types) + ": " + std::string{claim.expected},
             claim.rule);
  return nullptr;
}

std::string_view text_of(const Element& in, std::string_view name) {
  const auto* const found = in.child(name);
  if (found == nullptr || found->kind != ValueKind::kString || found->in_array || is_blank(found->value)) return {};
  return found->value;
}

std::string_view identifier_in(const Element& resource, std::span<const std::string_view> systems) {
  for (const auto* one = resource.child("identifier"); one != nullptr; one = one->next) {
    if (one->name != "identifier") continue;
    if (std::find(systems.begin(), systems.end(), text_of(*one, "system")) == systems.end()) continue;
    if (const auto value = text_of(*one, "value"); !value.empty()) return value;
  }
  return {};
}

bool has_two_identifiers(const Element& resource, std::span<const std::string_view> systems) {
  const auto first = identifier_in(resource, systems);
  for (const auto* one = resource.child("identifier"); one != nullptr; one = one->next) {
    if (one->name != "identifier") continue;
    if (std::find(systems.begin(), systems.end(), text_of(*one, "system")) == systems.end()) continue;
    if (const auto value = text_of(*one, "value"); !value.empty() && value != first) return true;
  }
  return false;
}

void rename_systems(Element& root, std::span<const SystemAlias> aliases) {
  if (aliases.empty()) return;
  for (auto* resource = root.first_child; resource != nullptr; resource = resource->next) {
    for (auto* one = resource->first_child; one != nullptr; one = one->next) {
      if (one->name != "identifier") continue;
      for (auto* part = one->first_child; part != nullptr; part = part->next) {
        if (part->name == "system" && part->kind == ValueKind::kString) part->value = known_as(part->value, aliases);
      }
    }
  }
}

void check_structure(const fhir::Document& document, const Element& resource, std::string_view type,
                     ClaimFaults& faults) {
  if (!faults.of_structure()) return;
  auto verdict = rules::validate_fragment(document, resource, type);
  for (auto& issue : verdict.issues) {
    if (issue.severity != fhir::Severity::kError || issue.type == fhir::IssueType::kRequired) continue;
    issue.code = fhir::ErrorCode::kInvalidResource;
    issue.diagnostics = without_nhs_numbers(std::move(issue.diagnostics));
    issue.rule = "JWT-05";
    issue.line = issue.column = 0;
    faults.add(std::move(issue));
  }
}

}  // namespace gw::spine
