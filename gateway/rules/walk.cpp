// Structure: which elements stand where, how often, and in which order. Values are in walk_values.cpp.
#include "rules/walk.hpp"

#include <algorithm>
#include <array>

#include "rules/words.hpp"

namespace gw::rules {

using fhir::Element;
using fhir::IssueType;

const Note& Walk::note_of(const Node& node) const {
  static constexpr Note kNothing{};
  return node.note == kNone ? kNothing : tables_.notes[node.note];
}

std::string_view Walk::hint_or(const Node& node, std::string_view otherwise) const {
  const auto hint = note_of(node).hint;
  return hint.empty() ? otherwise : hint;
}

void Walk::report(const Element& element, const Context& context, IssueType type, std::string diagnostics,
                  fhir::Severity severity) {
  found_.add(element, Problem{type, std::move(diagnostics), fhir::path_of(element), context.rule, severity});
}

void Walk::resource(const Element& resource, const Definition& definition) {
  const Scope scope{resource};
  body(resource, definition, Context{scope, {}, 0});
}

void Walk::body(const Element& resource, const Definition& definition, const Context& context) {
  if (definition.claim != kNone) claim(resource, definition);
  const auto& node = tables_.nodes[definition.node];
  if (resource.first_child == nullptr && !found_.full())
    report(resource, context, IssueType::kStructure, bounded(fhir::path_of(resource)) + " is empty.");
  content(resource, node, context);
}

void Walk::claim(const Element& resource, const Definition& definition) {
  const auto* const meta = resource.child("meta");
  const auto* last = static_cast<const Element*>(nullptr);
  for (const auto* at = meta != nullptr ? meta->first_child : nullptr; at != nullptr; at = at->next) {
    if (at->name != "profile") continue;
    if (at->value == definition.url) return;
    last = at;
  }
  if (found_.full()) return;
  const auto& note = tables_.notes[definition.claim];
  const auto path = bounded(fhir::path_of(resource)) + ".meta.profile";
  std::string text = path + (last == nullptr ? " is missing" : " is " + shown(last->value)) + "; " +
                     std::string(note.hint) + ": '" + std::string(definition.url) + "'.";
  const auto& at = last != nullptr ? *last : meta != nullptr ? *meta : resource;
  found_.add(at, Problem{last == nullptr ? IssueType::kRequired : IssueType::kValue, std::move(text), path, note.rule});
}

void Walk::content(const Element& element, const Node& node, const Context& context) {
  if (context.depth > kMaxDepth) {
    if (!found_.full()) report(element, context, IssueType::kStructure, "The resource is nested too deeply.");
    return;
  }
  if (node.constraint_count > 0) constraints(element, node, context);
  if (element.first_child != nullptr || node.has(Node::kChildRequired)) children(element, node, context);
}

void Walk::missing(const Element& element, const Node& node, const Index* counts, const Context& context) {
  const auto children = tables_.children_of(node);
  for (std::size_t at = 0; at < children.size(); ++at) {
    const auto& child = children[at];
    if (child.min == 0 || child.slot != at || counts[at] >= child.min || found_.full()) continue;
    const auto& note = note_of(child);
    const auto path = bounded(fhir::path_of(element)) + "." + std::string(child.name);
    std::string text = path + " is missing" + (note.missing.empty() ? "" : "; " + std::string(note.missing)) + ".";
    const bool warns = child.has(Node::kMissingWarns);
    const auto rule = warns ? tables_.notes[child.waiver].rule : note.rule.empty() ? context.rule : note.rule;
    found_.add(element, Problem{IssueType::kRequired, std::move(text), path, rule,
                                warns ? fhir::Severity::kWarning : fhir::Severity::kError});
  }
}

void Walk::children(const Element& element, const Node& node, const Context& context) {
  const auto known = tables_.children_of(node);
  std::array<Index, kMaxChildren> counts{};
  std::fill_n(counts.begin(), known.size(), Index{0});
  std::size_t at = 0;
  for (const auto* child = element.first_child; child != nullptr; child = child->next) {
    const auto found = find_child(tables_, node, child->name, at);
    if (found == known.size()) continue;
    at = found;
    auto& count = counts[known[at].slot];
    if (count < kUnbounded) ++count;
  }
  if (node.has(Node::kChildRequired)) missing(element, node, counts.data(), context);

  std::fill_n(counts.begin(), known.size(), Index{0});
  const Element* previous = nullptr;
  Index rank = 0;
  at = 0;
  for (const auto* child = element.first_child; child != nullptr; child = child->next) {
    const auto found = find_child(tables_, node, child->name, at);
    if (found == known.size()) {
      // A plain JSON object, as in the audit token, still has resourceType among its members.
      const bool type_of_fragment =
          child->name == "resourceType" && !element.resource && &element == &context.scope.resource();
      if (!type_of_fragment && !found_.full()) unknown(*child, node, context);
      continue;
    }
    at = found;
    const auto& expected = known[at];
    const auto& note = note_of(expected);
    const Context inner{context.scope, note.rule.empty() ? context.rule : note.rule, context.depth + 1};
    auto& count = counts[expected.slot];
    if (count < kUnbounded) ++count;
    if (expected.max != kUnbounded && count == expected.max + 1) surplus(*child, node, expected, inner);
    if (expected.max == 0) continue;
    // An attribute (id, url) is found at its tag, and has no place in the order.
    const bool attribute = !is_json() && child->offset == element.offset;
    if (!is_json() && !attribute && expected.slot < rank && !found_.full()) {
      report(*child, inner, IssueType::kStructure,
             bounded(fhir::path_of(*child)) + " stands too late; XML has a fixed order, in which it comes before " +
                 std::string(previous->name) + ".");
    }
    if (!attribute) {
      rank = std::max(rank, expected.slot);
      previous = child;
    }
    this->child(*child, expected, inner);
  }
}

void Walk::surplus(const Element& element, const Node& parent, const Node& node, const Context& context) {
  if (found_.full()) return;
  const auto path = bounded(fhir::path_of(element));
  if (node.max == 0) {
    report(element, context, IssueType::kStructure,
           path + " is not allowed; " + std::string(hint_or(node, "leave it out")) + ".");
    return;
  }
  const auto known = tables_.children_of(parent);
  for (const auto* other = element.parent->first_child; other != &element; other = other->next) {
    const auto at = find_child(tables_, parent, other->name, 0);
    if (at == known.size() || known[at].slot != node.slot || other->name == element.name) continue;
    report(element, context, IssueType::kStructure,
           path + " stands beside " + std::string(other->name) + "; only one of the two may be given.");
    return;
  }
  report(element, context, IssueType::kStructure,
         path + " is one too many; " + std::string(hint_or(node, "it may stand once")) + ".");
}

void Walk::unknown(const Element& element, const Node& node, const Context& context) {
  const auto meant = nearest(tables_, node, element.name);
  auto text = bounded(fhir::path_of(element)) + " is not an element of DSTU2 here";
  text += meant.empty() ? "; leave it out, or send it as an extension." : "; '" + std::string(meant) + "' was meant?";
  report(element, context, IssueType::kStructure, std::move(text));
}

void Walk::constraints(const Element& element, const Node& node, const Context& context) {
  for (const auto at : tables_.node_constraints.subspan(node.constraints, node.constraint_count)) {
    const auto& constraint = tables_.constraints[at];
    const auto* const broken = constraint.check(context.scope, element);
    if (broken == nullptr || found_.full()) continue;
    auto text = bounded(fhir::path_of(*broken));
    if (broken->has_value() && broken->kind != fhir::ValueKind::kXhtml) text += " is " + shown(broken->value);
    text += ": " + std::string(constraint.human) + " (" + std::string(constraint.key) + ").";
    report(*broken, context, IssueType::kInvariant, std::move(text));
  }
}

void Walk::child(const Element& element, const Node& node, const Context& context) {
  if (is_json()) array_form(element, node, context);
  if (node.has(Node::kModifier) && element.name == "modifierExtension" && !found_.full()) {
    report(element, context, IssueType::kExtension,
           bounded(fhir::path_of(element)) + " (" + shown(element.child_value("url")) +
               ") may change the meaning of what it stands in; this gateway knows no modifier extension, so it may not "
               "accept one.");
  }
  if (node.kind == Kind::kResource) {
    contained(element, node, context);
  } else if (node.kind == Kind::kXhtml) {
    narrative(element, node, context);
  } else if (node.kind == Kind::kComplex || node.kind == Kind::kReference) {
    complex(element, node, context);
  } else {
    primitive(element, node, context);
  }
}

void Walk::array_form(const Element& element, const Node& node, const Context& context) {
  const bool repeats = node.has(Node::kRepeats);
  if (element.in_array == repeats || element.index > 0 || found_.full()) return;
  // More than one where one may stand: the array is how JSON must write it, and surplus() tells of it.
  if (!repeats && element.next != nullptr && element.next->name == element.name) return;
  const auto path = bounded(fhir::path_of(element));
  report(element, context, IssueType::kStructure,
         repeats ? path + " may repeat, so JSON writes it as an array, [ ], even when there is one."
                 : path + " may not repeat, so JSON writes it without an array, [ ].");
}

void Walk::complex(const Element& element, const Node& node, const Context& context) {
  if (element.has_value() || element.first_child == nullptr) {
    if (found_.full()) return;
    const auto path = bounded(fhir::path_of(element));
    report(element, context, IssueType::kStructure,
           element.has_value() ? path + " is a plain value; it is made of elements of its own (a JSON object)."
                               : path + " is empty; give it content or leave it out.");
    return;
  }
  content(element, node, context);
  if (node.value_set != kNone) concept_of(element, node, context);
  if (node.kind == Kind::kReference) reference(element, node, context);
}

void Walk::contained(const Element& element, const Node& node, const Context& context) {
  const auto* const definition =
      node.definition != kNone ? &tables_.definitions[node.definition] : tables_.by_type(element.resource_type);
  const bool usable = element.resource && definition != nullptr && definition->resource;
  if (!usable || definition->type != element.resource_type) {
    if (found_.full()) return;
    const auto path = bounded(fhir::path_of(element));
    if (!element.resource) {
      report(element, context, IssueType::kStructure, path + " is not a resource; it needs a resourceType.");
    } else if (usable) {
      report(element, context, IssueType::kStructure,
             path + " is " + shown(element.resource_type) + "; only " + std::string(definition->type) +
                 " may stand here" + (note_of(node).hint.empty() ? "" : ": " + std::string(note_of(node).hint)) + ".");
    } else {
      report(element, context, IssueType::kNotSupported,
             path + " is " + shown(element.resource_type) + ", a resource type that this gateway does not know.");
    }
    return;
  }
  if (element.parent != nullptr && element.parent->resource) {
    body(element, *definition, context);
  } else {
    const Scope own{element};
    body(element, *definition, Context{own, context.rule, context.depth});
  }
}

}  // namespace gw::rules
