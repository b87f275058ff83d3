// Values: primitives and their forms, codes, references, narrative.
#include <algorithm>
#include <utility>

#include "fhir/narrative.hpp"
#include "rules/primitives.hpp"
#include "rules/reference.hpp"
#include "rules/walk.hpp"
#include "rules/words.hpp"

namespace gw::rules {

using fhir::Element;
using fhir::IssueType;
using fhir::ValueKind;

namespace {

std::string_view words_for(ValueKind kind) {
  switch (kind) {
    case ValueKind::kNumber:
      return "a number";
    case ValueKind::kBoolean:
      return "true or false";
    default:
      return "a string in quotes";
  }
}

/// "'a', 'b' or 'c'", cut after a dozen.
std::string list_of(std::span<const Concept> concepts) {
  constexpr std::size_t kMost = 12;
  std::string list;
  const auto count = std::min(concepts.size(), kMost);
  for (std::size_t at = 0; at < count; ++at) {
    if (at > 0) list += at + 1 == count && count == concepts.size() ? " or " : ", ";
    list += "'" + std::string(concepts[at].code) + "'";
  }
  return count < concepts.size() ? list + " and so on" : list;
}

/// "Patient, Group or Device".
std::string list_of(std::span<const std::string_view> types) {
  std::string list;
  for (std::size_t at = 0; at < types.size(); ++at) {
    if (at > 0) list += at + 1 == types.size() ? " or " : ", ";
    list += types[at];
  }
  return list;
}

}  // namespace

void Walk::primitive(const Element& element, const Node& node, const Context& context) {
  if (element.has_value()) {
    value(element, node, context);
  } else if (const auto* const inside = element.first_child;
             inside != nullptr &&
             ((is_json() && !element.from_twin) || (inside->name != "id" && inside->name != "extension"))) {
    if (found_.full()) return;
    report(element, context, IssueType::kStructure,
           bounded(fhir::path_of(element)) + " is made of elements; it holds a plain value.");
    return;
  } else if ((element.first_child == nullptr || node.fixed != kNone || node.min > 0) && !found_.full()) {
    report(element, context, IssueType::kStructure,
           bounded(fhir::path_of(element)) + (element.kind == ValueKind::kNull ? " is null" : " has no value") +
               "; give it a value or leave it out.");
  }
  if (element.first_child != nullptr || node.constraint_count > 0) content(element, node, context);
}

void Walk::value(const Element& element, const Node& node, const Context& context) {
  if (is_json() && element.kind != json_kind_of(node.kind)) {
    if (found_.full()) return;
    report(element, context, IssueType::kStructure,
           bounded(fhir::path_of(element)) + " is " + std::string(words_for(element.kind)) + " in JSON; it must be " +
               std::string(words_for(json_kind_of(node.kind))) + ".");
    return;
  }
  if (!fits(node.kind, element.value)) {
    if (found_.full()) return;
    report(
        element, context, IssueType::kValue,
        bounded(fhir::path_of(element)) + " is " + shown(element.value) + "; " + std::string(form_of(node.kind)) + ".");
    return;
  }
  if (node.fixed != kNone && element.value != tables_.texts[node.fixed]) {
    if (found_.full()) return;
    report(element, context, node.kind == Kind::kCode ? IssueType::kCodeInvalid : IssueType::kValue,
           bounded(fhir::path_of(element)) + " is " + shown(element.value) + "; it must be '" +
               std::string(tables_.texts[node.fixed]) + "'.");
  }
  if (node.value_set != kNone) code(element, node, context);
}

void Walk::code(const Element& element, const Node& node, const Context& context) {
  const auto& set = tables_.value_sets[node.value_set];
  const auto concepts = tables_.concepts_of(set);
  const bool allowed =
      set.grammar == Grammar::kCodes
          ? std::any_of(concepts.begin(), concepts.end(), [&](const Concept& c) { return c.code == element.value; })
          : fits(set.grammar, element.value);
  if (allowed || found_.full()) return;
  const auto text = set.grammar == Grammar::kLanguageTag ? "it is a language tag such as en-GB"
                    : set.grammar == Grammar::kMediaType ? "it is a media type such as text/plain"
                                                         : "it must be " + list_of(concepts);
  report(
      element, context, IssueType::kCodeInvalid,
      bounded(fhir::path_of(element)) + " is " + shown(element.value) + "; " + std::string(hint_or(node, text)) + ".");
}

void Walk::concept_of(const Element& element, const Node& node, const Context& context) {
  const auto& set = tables_.value_sets[node.value_set];
  const auto concepts = tables_.concepts_of(set);
  const auto in_set = [&](const Element& coding) {
    const auto code = coding.child_value("code");
    if (set.grammar != Grammar::kCodes) return fits(set.grammar, code);
    const auto system = coding.child_value("system");
    return std::any_of(concepts.begin(), concepts.end(),
                       [&](const Concept& c) { return c.code == code && c.system == system; });
  };
  if (in_set(element)) return;
  for (const auto* at = element.first_child; at != nullptr; at = at->next) {
    if (at->name == "coding" && in_set(*at)) return;
  }
  if (found_.full()) return;
  const auto text =
      "its code comes from " + std::string(set.url) + (concepts.empty() ? std::string{} : ": " + list_of(concepts));
  report(
      element, context, IssueType::kCodeInvalid,
      bounded(fhir::path_of(element)) + " has no coding of the right set; " + std::string(hint_or(node, text)) + ".");
}

void Walk::reference(const Element& element, const Node& node, const Context& context) {
  const auto* const found = element.child("reference");
  if (found == nullptr || !found->has_value()) return;
  const auto parts = parse_reference(found->value);
  const bool local = parts.form == ReferenceForm::kFragment;
  const auto tell = [&](std::string_view otherwise) {
    if (found_.full()) return;
    report(*found, context, IssueType::kValue,
           bounded(fhir::path_of(*found)) + " is " + shown(found->value) + "; " +
               std::string(hint_or(node, otherwise)) + ".");
  };
  if (local && !node.has(Node::kContained)) {
    tell("it leads to another resource, such as Patient/1, and not to a contained one");
    return;
  }
  if (!local && !node.has(Node::kReferenced)) {
    tell("it leads to a contained resource: # and its id");
    return;
  }
  const auto* const inside = local ? context.scope.contained(parts.id) : nullptr;
  const auto type = inside != nullptr ? inside->resource_type : parts.type;
  const auto targets = tables_.targets_of(node);
  if (type.empty() || targets.empty() || std::find(targets.begin(), targets.end(), type) != targets.end()) return;
  tell("it may lead to " + list_of(targets));
}

void Walk::narrative(const Element& element, const Node& node, const Context& context) {
  const bool right_kind = element.kind == ValueKind::kXhtml || (is_json() && element.kind == ValueKind::kString);
  if (!right_kind) {
    if (found_.full()) return;
    report(element, context, IssueType::kStructure,
           bounded(fhir::path_of(element)) + " is not XHTML; it holds one div element" +
               (is_json() ? ", as a string." : " of the XHTML namespace."));
    return;
  }
  auto checked = fhir::check_narrative(element.value);
  if (wanted_ != nullptr && wanted_->div == &element) wanted_->text = std::move(checked.text);
  const auto tell = [&](std::string_view problem, const Context& where, fhir::Severity severity) {
    if (found_.full()) return;
    report(element, where, IssueType::kInvariant, bounded(fhir::path_of(element)).append(": ").append(problem),
           severity);
  };
  for (const auto& problem : checked.problems) tell(problem, context, fhir::Severity::kError);
  if (!checked.problems.empty()) return;
  if (!checked.in_xhtml_namespace) {
    const bool warns = node.has(Node::kNamespaceWarns);
    const Context where{context.scope, warns ? tables_.notes[node.waiver].rule : context.rule, context.depth};
    tell("the div is not in the XHTML namespace; write <div xmlns=\"http://www.w3.org/1999/xhtml\">.", where,
         warns ? fhir::Severity::kWarning : fhir::Severity::kError);
  }
  if (!checked.has_content) {
    tell("the narrative is blank; it needs some text for people to read (txt-2).", context, fhir::Severity::kError);
  }
}

}  // namespace gw::rules
