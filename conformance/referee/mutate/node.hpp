// A task as a tree of our own, apart from the gateway's, so that a fault of its readers or writers is no fault here;
// and its two wire forms. Knows nothing of what is valid but the order that XML demands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gw::referee {

struct Node {
  enum class Kind : std::uint8_t { kComplex, kString, kNumber, kBoolean, kXhtml };

  std::string name;
  std::string value;
  std::string type;  ///< a resource's type
  std::string raw;   ///< JSON only: stands in place of the value, as it is
  std::vector<Node> children;
  Kind kind = Kind::kComplex;
  bool repeats = false;   ///< JSON writes an array
  bool no_value = false;  ///< a primitive that has lost its value and holds extensions only

  [[nodiscard]] bool primitive() const { return kind != Kind::kComplex; }
  [[nodiscard]] const Node* child(std::string_view wanted) const;
};

/// The tree of a JSON object; `_name` twins are not known. The text is this program's own, so a fault in it throws.
[[nodiscard]] Node parse(std::string_view json);
/// The datatype or resource that a node is, as far as a task holds it: "Coding"; empty where it is not known.
[[nodiscard]] std::string_view type_of(const Node& node);

[[nodiscard]] std::string to_json(const Node& root);
[[nodiscard]] std::string to_xml(const Node& root);

}  // namespace gw::referee
