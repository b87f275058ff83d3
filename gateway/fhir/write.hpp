// Element tree to bytes, for both formats. Pure.
//
// The tree must be one that a reader gave and the validator accepted, or that the gateway built itself: names are names
// of elements, siblings of one name stand together, a div is well-formed XHTML.
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
  /// The JSON kind of a primitive: kString, kNumber or kBoolean. kNone for an element that is no primitive, which tells
  /// a primitive that has only extensions from a complex element.
  [[nodiscard]] virtual ValueKind json_kind(const Element& element) const = 0;
  /// Rank of `element` among its parent's children, for XML, which fixes the order.
  [[nodiscard]] virtual int order(const Element& element) const = 0;
};

/// `root` as JSON, without white space. Numbers keep their digits.
[[nodiscard]] std::string write_json(const Element& root, const Shape& shape);
/// `root` as XML. The named entities of XHTML in a div become character references, since XML has no others.
[[nodiscard]] std::string write_xml(const Element& root, const Shape& shape);

}  // namespace gw::fhir
