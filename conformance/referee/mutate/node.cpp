#include "node.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "fhir/escape.hpp"
#include "fhir/read.hpp"

namespace gw::referee {
namespace {

using Names = std::pair<std::string_view, std::string_view>;

/// Which datatype stands under which names.
constexpr auto kTypes = std::to_array<Names>({
    {"assigner", "Reference"},
    {"author", "Reference"},
    {"boundsPeriod", "Period"},
    {"boundsQuantity", "Quantity"},
    {"code", "CodeableConcept"},
    {"coding", "Coding"},
    {"detail", "Reference"},
    {"extension", "Extension"},
    {"identifier", "Identifier"},
    {"meta", "Meta"},
    {"modifierExtension", "Extension"},
    {"period", "Period"},
    {"reasonCodeableConcept", "CodeableConcept"},
    {"reasonReference", "Reference"},
    {"repeat", "Repeat"},
    {"schedule", "Timing"},
    {"security", "Coding"},
    {"source", "Reference"},
    {"subject", "Reference"},
    {"tag", "Coding"},
    {"target", "Reference"},
    {"text", "Narrative"},
    {"type", "CodeableConcept"},
    {"valueCodeableConcept", "CodeableConcept"},
    {"valueCoding", "Coding"},
    {"valueIdentifier", "Identifier"},
    {"valuePeriod", "Period"},
    {"valueQuantity", "Quantity"},
    {"valueReference", "Reference"},
    {"valueTiming", "Timing"},
    {"when", "When"},
});

/// The order of elements in XML; what every element has comes first.
constexpr std::string_view kResource = " id meta implicitRules language text contained extension modifierExtension";
constexpr auto kOrders = std::to_array<Names>({
    {"Order", " identifier date subject source target reasonCodeableConcept reasonReference when detail "},
    {"Basic", " identifier code subject author created "},
    {"Patient", " identifier active name telecom gender birthDate "},
    {"Meta", " versionId lastUpdated profile security tag "},
    {"Identifier", " use type system value period assigner "},
    {"CodeableConcept", " coding text "},
    {"Coding", " system version code display userSelected "},
    {"Reference", " reference display "},
    {"Narrative", " status div "},
    {"Period", " start end "},
    {"Quantity", " value comparator unit system code "},
    {"When", " code schedule "},
    {"Timing", " event repeat code "},
    {"Repeat",
     " boundsQuantity boundsPeriod count duration durationMax durationUnits frequency frequencyMax period periodMax "
     "periodUnits when "},
});

std::string_view find(const auto& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Names& names) { return names.first == name; });
  return found == table.end() ? std::string_view{} : found->second;
}

Node convert(const fhir::Element& from) {
  Node node{.name = std::string(from.name), .value = std::string(from.value)};
  node.repeats = from.in_array;
  switch (from.kind) {
    case fhir::ValueKind::kString:
      node.kind = node.name == "div" ? Node::Kind::kXhtml : Node::Kind::kString;
      break;
    case fhir::ValueKind::kNumber:
      node.kind = Node::Kind::kNumber;
      break;
    case fhir::ValueKind::kBoolean:
      node.kind = Node::Kind::kBoolean;
      break;
    default:
      break;
  }
  for (const auto* at = from.first_child; at != nullptr; at = at->next) {
    if (at->name == "resourceType") {
      node.type = at->value;
    } else {
      node.children.push_back(convert(*at));
    }
  }
  return node;
}

void json_object(std::string& out, const Node& node);

void json_value(std::string& out, const Node& node) {
  if (!node.raw.empty()) {
    out += node.raw;
  } else if (node.no_value) {
    out += "null";
  } else if (!node.primitive()) {
    json_object(out, node);
  } else if (node.kind == Node::Kind::kNumber || node.kind == Node::Kind::kBoolean) {
    out += node.value;
  } else {
    fhir::append_json_string(out, node.value);
  }
}

/// The twin of a primitive: what it has beside its value.
void json_twin(std::string& out, const Node& node) {
  if (node.primitive() && !node.children.empty()) {
    json_object(out, node);
  } else {
    out += "null";
  }
}

void json_group(std::string& out, const std::vector<const Node*>& group) {
  const auto& first = *group.front();
  const bool array = group.size() > 1 || first.repeats;
  const auto list = [&](std::string_view mark, auto write) {
    out += out.back() == '{' ? "\"" : ",\"";
    out.append(mark).append(first.name).append(array ? "\":[" : "\":");
    for (const auto* node : group) {
      if (node != group.front()) out += ',';
      write(out, *node);
    }
    if (array) out += ']';
  };
  if (!std::all_of(group.begin(), group.end(), [](const Node* node) { return node->no_value; })) list("", json_value);
  if (std::any_of(group.begin(), group.end(), [](const Node* n) { return n->primitive() && !n->children.empty(); }))
    list("_", json_twin);
}

void json_object(std::string& out, const Node& node) {
  out += '{';
  if (!node.type.empty()) out.append("\"resourceType\":\"").append(node.type).append("\"");
  std::vector<std::string_view> done;
  for (const auto& child : node.children) {
    if (std::find(done.begin(), done.end(), child.name) != done.end()) continue;
    done.push_back(child.name);
    std::vector<const Node*> group;
    for (const auto& other : node.children) {
      if (other.name == child.name) group.push_back(&other);
    }
    json_group(out, group);
  }
  out += '}';
}

std::vector<const Node*> in_xml_order(const Node& node) {
  const auto own = find(kOrders, type_of(node));
  const std::string order = node.type.empty() ? " id extension modifierExtension" + std::string(own)
                                              : std::string(kResource) + std::string(own);
  std::vector<std::pair<std::size_t, const Node*>> ranked;
  std::size_t last = 0;
  for (const auto& child : node.children) {
    const auto at = order.find(" " + child.name + " ");
    const auto twin =
        std::find_if(ranked.begin(), ranked.end(), [&](const auto& r) { return r.second->name == child.name; });
    if (twin != ranked.end()) {
      last = twin->first;
    } else if (at != std::string::npos) {
      last = at;
    } else if (type_of(node) == "Extension" && child.name.starts_with("value")) {
      last = order.size();
    }
    ranked.emplace_back(last, &child);
  }
  // Names that have no place follow the element that they were found after, kept together.
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Node*> ordered;
  for (const auto& [rank, child] : ranked) {
    const auto same =
        std::find_if(ordered.rbegin(), ordered.rend(), [&, c = child](const Node* o) { return o->name == c->name; });
    ordered.insert(same.base() == ordered.begin() ? ordered.end() : same.base(), child);
  }
  return ordered;
}

void xml_attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("=\"");
  fhir::append_xml_attribute(out, value);
  out += '"';
}

void xml_element(std::string& out, const Node& node, std::string_view tag) {
  if (node.kind == Node::Kind::kXhtml) {
    out += node.value;
    return;
  }
  const bool wraps = !node.type.empty() && tag != node.type;
  out.append("<").append(tag);
  if (wraps) {
    out += '>';
    xml_element(out, node, node.type);
    out.append("</").append(tag).append(">");
    return;
  }
  if (tag == "Order") out += " xmlns=\"http://hl7.org/fhir\"";
  const auto is_attribute = [&](const Node& child) {
    const bool named = (child.name == "id" && node.type.empty()) ||
                       (child.name == "url" && (node.name == "extension" || node.name == "modifierExtension"));
    return named && child.primitive() && !child.no_value;
  };
  for (const auto& child : node.children) {
    if (is_attribute(child)) xml_attribute(out, child.name, child.value);
  }
  if (node.primitive() && !node.no_value) xml_attribute(out, "value", node.value);
  out += '>';
  for (const auto* child : in_xml_order(node)) {
    if (!is_attribute(*child)) xml_element(out, *child, child->name);
  }
  out.append("</").append(tag).append(">");
}

}  // namespace

const Node* Node::child(std::string_view wanted) const {
  const auto found = std::find_if(children.begin(), children.end(), [&](const Node& c) { return c.name == wanted; });
  return found == children.end() ? nullptr : &*found;
}

Node parse(std::string_view json) {
  const auto document = fhir::read_plain_json(std::string(json));
  if (!document) throw std::logic_error("not JSON: " + std::string(json));
  return convert(*document->root());
}

std::string_view type_of(const Node& node) {
  if (!node.type.empty()) return node.type;
  return node.primitive() ? std::string_view{} : find(kTypes, node.name);
}

std::string to_json(const Node& root) {
  std::string out;
  json_object(out, root);
  return out;
}

std::string to_xml(const Node& root) {
  std::string out;
  xml_element(out, root, root.type);
  return out;
}

}  // namespace gw::referee
