// Element tree to bytes, for both formats.
#pragma once

#include <string>

#include "fhir/element.hpp"

namespace gw::fhir {

/// Tells the writers what only the tables know (rules/ implements it), because fhir/ stands above rules/.
class Shape {
 public:
  Shape() = default;
  Shape(const Shape&) = delete;
  Shape& operator=(const Shape&) = delete;
  virtual ~Shape() = default;
  /// Whether `element` may repeat, so that JSON writes it as an array even when there is one.
  [[nodiscard]] virtual bool repeats(const Element& element) const = 0;
  /// The JSON kind of a primitive read from XML: kString, kNumber or kBoolean.
  [[nodiscard]] virtual ValueKind json_kind(const Element& element) const = 0;
  /// Rank of `element` among its parent's children, for XML, which fixes the order.
  [[nodiscard]] virtual int order(const Element& element) const = 0;
};

[[nodiscard]] std::string write_json(const Element& root, const Shape& shape);
[[nodiscard]] std::string write_xml(const Element& root, const Shape& shape);

}  // namespace gw::fhir
