// Builds resources of our own (Conformance, Bundle, Patient, Organization) as element trees.
#pragma once

#include <string_view>

#include "fhir/element.hpp"
#include "fhir/write.hpp"
#include "rules/validator.hpp"

namespace gw::exchange {

/// Writes children of one element; call in the order that the resource's definition has, which XML keeps.
/// Borrows its document.
class Node {
 public:
  Node(fhir::Document& document, fhir::Element* element) : document_(document), element_(element) {}

  /// The root of a fresh document.
  static Node resource_in(fhir::Document& document, std::string_view type) {
    auto* const root = document.add(nullptr, type);
    root->resource = true;
    root->resource_type = type;
    document.set_root(root);
    return {document, root};
  }

  Node add(std::string_view name) const { return {document_, document_.add(element_, name)}; }
  /// A child that may repeat.
  Node add_item(std::string_view name) const {
    const auto node = add(name);
    node.element_->in_array = true;
    return node;
  }
  /// A resource inside this one.
  Node add_resource(std::string_view name, std::string_view type) const {
    const auto node = add(name);
    node.element_->resource = true;
    node.element_->resource_type = type;
    return node;
  }
  void set(std::string_view name, std::string_view value, fhir::ValueKind kind = fhir::ValueKind::kString) const {
    if (!value.empty()) add(name).put(value, kind);
  }
  void set_item(std::string_view name, std::string_view value) const {
    if (!value.empty()) add_item(name).put(value, fhir::ValueKind::kString);
  }
  /// Graft another document's element as this node's content: its children become ours. Both documents must live until
  /// the tree is written.
  void adopt_children_of(fhir::Element& other) const {
    element_->first_child = other.first_child;
    element_->last_child = other.last_child;
    for (auto* child = other.first_child; child != nullptr; child = child->next) child->parent = element_;
  }

 private:
  void put(std::string_view value, fhir::ValueKind kind) const {
    element_->value = document_.keep(value);
    element_->kind = kind;
  }

  fhir::Document& document_;
  fhir::Element* element_;
};

[[nodiscard]] inline std::string written(const fhir::Document& document, fhir::Format format) {
  return format == fhir::Format::kJson ? fhir::write_json(*document.root(), rules::shape())
                                       : fhir::write_xml(*document.root(), rules::shape());
}

}  // namespace gw::exchange
