// The tree as XML, children in the order that the tables fix. Recursion is bounded by the depth that the readers allow.
#include <algorithm>
#include <utility>
#include <vector>

#include "fhir/escape.hpp"
#include "fhir/html_entities.hpp"
#include "fhir/write.hpp"

namespace gw::fhir {
namespace {

/// The narrative's div: JSON gives it as a string, so the kind alone does not tell.
bool is_div(const Element& element) {
  return element.kind == ValueKind::kXhtml ||
         (element.name == "div" && element.parent != nullptr && element.parent->name == "text");
}

/// Whether XML writes `element` as an attribute of its parent.
bool is_attribute(const Element& element) {
  const Element& parent = *element.parent;
  if (element.name == "id") return !parent.resource;
  return element.name == "url" && (parent.name == "extension" || parent.name == "modifierExtension");
}

class XmlWriter {
 public:
  explicit XmlWriter(const Shape& shape) : shape_(shape) {}

  void root(const Element& element) {
    const std::string_view tag = element.resource ? element.resource_type : element.name;
    out_ = R"(<?xml version="1.0" encoding="UTF-8"?>)";
    out_.append("<").append(tag).append(" xmlns=\"http://hl7.org/fhir\"");
    content(element, tag);
  }

  std::string take() { return std::move(out_); }

 private:
  void attribute(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    append_xml_attribute(out_, value);
    out_ += '"';
  }

  void any(const Element& element) {
    if (is_div(element)) {
      out_ += without_html_entities(element.value);
      return;
    }
    out_.append("<").append(element.name);
    if (!element.resource) return content(element, element.name);
    out_.append("><").append(element.resource_type);
    content(element, element.resource_type);
    out_.append("</").append(element.name).append(">");
  }

  /// The rest of a tag that has been begun: attributes, children, and the end tag named `tag`.
  void content(const Element& element, std::string_view tag) {
    std::vector<std::pair<int, const Element*>> children;
    for (const Element* at = element.first_child; at != nullptr; at = at->next) {
      if (is_attribute(*at)) {
        attribute(at->name, at->value);
      } else if (at->kind != ValueKind::kNull) {
        children.emplace_back(shape_.order(*at), at);
      }
    }
    if (element.has_value()) attribute("value", element.value);
    if (children.empty()) {
      out_ += "/>";
      return;
    }
    out_ += '>';
    std::stable_sort(children.begin(), children.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& child : children) any(*child.second);
    out_.append("</").append(tag).append(">");
  }

  const Shape& shape_;
  std::string out_;
};

}  // namespace

std::string write_xml(const Element& root, const Shape& shape) {
  XmlWriter writer{shape};
  writer.root(root);
  return writer.take();
}

}  // namespace gw::fhir
