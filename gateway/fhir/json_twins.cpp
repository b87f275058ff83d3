// Joins values and twins, once the object that holds both has ended.
#include "fhir/json_twins.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fhir/escape.hpp"

namespace gw::fhir {
namespace {

// Marks in Element::index while an object is being read. Far above any index: elements are limited.
constexpr std::uint32_t kTwinMark = 0x80000000U;
constexpr std::uint32_t kDropMark = 0x40000000U;
constexpr std::uint32_t kIndexBits = 0x3FFFFFFFU;

/// "'_name'"; a name that is too long to show is cut before it is copied.
std::string quoted_twin(std::string_view name) {
  constexpr std::size_t kMost = 80;
  return quoted("_" + std::string{name.substr(0, kMost)});
}

/// One name's values and twins, which are to be as many and to stand alike.
void merge_group(const std::vector<Element*>& values, const std::vector<Element*>& twins, Faults& faults) {
  if (!values.empty() && !twins.empty() &&
      (values.size() != twins.size() || values.front()->in_array != twins.front()->in_array)) {
    faults.note(twins.front(), twins.front()->offset,
                quoted_twin(twins.front()->name) + " does not match " + quoted(twins.front()->name) +
                    ": both must be arrays of the same length, or neither an array.");
    return;
  }
  for (std::size_t at = 0; at < twins.size(); ++at) {
    Element* twin = twins[at];
    const bool empty_place = twin->kind == ValueKind::kNull;
    if (values.empty()) {
      twin->from_twin = true;
      if (empty_place) faults.note(twin, twin->offset, "A null in an array of extensions stands beside no value.");
      continue;
    }
    drop(*twin);
    if (empty_place) continue;
    Element* value = values[at];
    if (value->kind == ValueKind::kNone) {
      faults.note(value, twin->offset, "Only a primitive value can have a property that begins with '_' beside it.");
      continue;
    }
    if (value->kind == ValueKind::kNull) value->kind = ValueKind::kNone;
    value->from_twin = true;
    value->first_child = twin->first_child;
    value->last_child = twin->last_child;
    for (Element* moved = value->first_child; moved != nullptr; moved = moved->next) moved->parent = value;
  }
  for (Element* value : values) {
    if (value->kind == ValueKind::kNull && value->in_array) {
      faults.note(value, value->offset,
                  "A null in an array is allowed only where the array " + quoted_twin(value->name) +
                      " has an object at the same place.");
    }
  }
}

}  // namespace

void mark_twin(Element& element) {
  element.index |= kTwinMark;
}

bool is_twin(const Element& element) {
  return (element.index & kTwinMark) != 0;
}

void drop(Element& element) {
  element.index |= kDropMark;
}

void merge_twins(Element& owner, Faults& faults) {
  std::vector<Element*> children;
  for (Element* at = owner.first_child; at != nullptr; at = at->next) children.push_back(at);
  std::vector<Element*> sorted = children;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Element* a, const Element* b) { return a->name < b->name; });
  std::vector<Element*> values;
  std::vector<Element*> twins;
  for (std::size_t at = 0; at < sorted.size();) {
    values.clear();
    twins.clear();
    const std::string_view name = sorted[at]->name;
    for (; at < sorted.size() && sorted[at]->name == name; ++at) {
      (is_twin(*sorted[at]) ? twins : values).push_back(sorted[at]);
    }
    merge_group(values, twins, faults);
  }
  owner.first_child = nullptr;
  owner.last_child = nullptr;
  for (Element* at : children) {
    const bool dropped = (at->index & kDropMark) != 0;
    at->index &= kIndexBits;
    at->next = nullptr;
    if (dropped) continue;
    (owner.last_child == nullptr ? owner.first_child : owner.last_child->next) = at;
    owner.last_child = at;
  }
}

}  // namespace gw::fhir
