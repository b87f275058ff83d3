// The writers' view of the tables: where may repeat, what is a number, what comes first.
#include <array>

#include "rules/primitives.hpp"
#include "rules/tables.hpp"
#include "rules/validator.hpp"

namespace gw::rules {
namespace {

constexpr int kLast = 1'000'000;

/// What the tables say of one element: its parent's node and its position there; null when they do not know it.
struct Place {
  const Node* node = nullptr;
  int order = kLast;
};

/// The base type's node of the nearest resource at or above `element`, or null.
const Node* resource_node(const fhir::Element& element) {
  const auto* const definition = kTables.by_type(element.resource_type);
  return definition == nullptr ? nullptr : &kTables.nodes[definition->node];
}

/// Goes up to the nearest resource, then down by names. Elements deeper than the readers allow are not looked up.
Place place_of(const fhir::Element& element) {
  constexpr std::size_t kDepth = 128;
  std::array<const fhir::Element*, kDepth> way;
  std::size_t steps = 0;
  const auto* at = &element;
  do {
    if (steps == kDepth || at->parent == nullptr) return {};
    way[steps++] = at;
    at = at->parent;
  } while (!at->resource);
  Place place{resource_node(*at), kLast};
  while (steps > 0 && place.node != nullptr) {
    const auto found = find_child(kTables, *place.node, way[--steps]->name, 0);
    if (found == place.node->child_count) return {};
    place = {&kTables.children_of(*place.node)[found], static_cast<int>(found)};
  }
  return place.node == nullptr ? Place{} : place;
}

class TableShape final : public fhir::Shape {
 public:
  [[nodiscard]] bool repeats(const fhir::Element& element) const override {
    const auto place = place_of(element);
    return place.node != nullptr && place.node->has(Node::kRepeats);
  }
  [[nodiscard]] fhir::ValueKind json_kind(const fhir::Element& element) const override {
    const auto place = place_of(element);
    if (place.node != nullptr) return json_kind_of(place.node->kind);
    // Of a type without tables (Conformance), only what stands there is known.
    return element.has_value() ? fhir::ValueKind::kString : fhir::ValueKind::kNone;
  }
  [[nodiscard]] int order(const fhir::Element& element) const override { return place_of(element).order; }
};

}  // namespace

const fhir::Shape& shape() {
  static const TableShape kShape;
  return kShape;
}

}  // namespace gw::rules
