#include "rules/validator.hpp"

#include <algorithm>

#include "rules/validation.hpp"
#include "rules/walk.hpp"
#include "rules/words.hpp"

namespace gw::rules {

bool Verdict::refused() const {
  return std::any_of(issues.begin(), issues.end(), [](const fhir::Issue& issue) {
    return issue.severity == fhir::Severity::kError || issue.severity == fhir::Severity::kFatal;
  });
}

void validate_into(Collector& found, const fhir::Document& document, std::string_view profile, PlainText* wanted) {
  const auto* const root = document.root();
  if (root == nullptr) return;
  const auto* const definition = profile.empty() ? kTables.by_type(root->name) : kTables.by_url(profile);
  if (definition == nullptr || !definition->resource) {
    found.add(*root,
              Problem{fhir::IssueType::kNotSupported,
                      profile.empty() ? shown(root->name) + " is not a resource type that this gateway can check."
                                      : "This gateway does not know the profile " + std::string(profile) + ".",
                      fhir::path_of(*root),
                      {}});
    return;
  }
  if (definition->type != root->name) {
    found.add(*root,
              Problem{fhir::IssueType::kStructure,
                      "The resource is " + shown(root->name) + "; it must be '" + std::string(definition->type) + "'.",
                      fhir::path_of(*root),
                      {}});
    return;
  }
  Walk{kTables, document, found, wanted}.resource(*root, *definition);
}

Verdict validate(const fhir::Document& document, std::string_view profile, const ValidateLimits& limits) {
  Collector found{limits.issues};
  validate_into(found, document, profile);
  return found.finish(document);
}

Verdict validate_fragment(const fhir::Document& document, const fhir::Element& element, std::string_view type,
                          const ValidateLimits& limits) {
  Collector found{limits.issues};
  const auto* const definition = kTables.by_type(type);
  const auto named = element.resource ? element.resource_type : element.child_value("resourceType");
  if (definition == nullptr) {
    found.add(element, Problem{fhir::IssueType::kNotSupported,
                               shown(type) + " is not a type that this gateway can check.",
                               fhir::path_of(element),
                               {}});
  } else if (definition->resource && named != type) {
    found.add(element, Problem{fhir::IssueType::kStructure,
                               bounded(fhir::path_of(element)) +
                                   (named.empty() ? " has no resourceType" : " is " + shown(named)) + "; it must be '" +
                                   std::string(type) + "'.",
                               fhir::path_of(element),
                               {}});
  } else {
    Walk{kTables, document, found}.resource(element, *definition);
  }
  return found.finish(document);
}

}  // namespace gw::rules
