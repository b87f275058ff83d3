#include "rules/scope.hpp"

#include <algorithm>

namespace gw::rules {
namespace {

constexpr std::size_t kFew = 8;

bool is_local_reference(const fhir::Element& element) {
  return element.name == "reference" && element.value.size() > 1 && element.value.front() == '#';
}

}  // namespace

const fhir::Element* next_in_tree(const fhir::Element* at, const fhir::Element& top) {
  if (at->first_child != nullptr) return at->first_child;
  while (at != &top && at->next == nullptr) at = at->parent;
  return at == &top ? nullptr : at->next;
}

Scope::Scope(const fhir::Element& resource) : resource_(resource) {
  std::size_t count = 0;
  for (const auto* child = resource.first_child; child != nullptr && !many_; child = child->next) {
    if (child->resource && child->name == "contained") many_ = ++count > kFew;
  }
}

void Scope::make_index() const {
  if (indexed_) return;
  indexed_ = true;
  for (const auto* child = resource_.first_child; child != nullptr; child = child->next) {
    if (child->resource && child->name == "contained") contained_.emplace_back(child->child_value("id"), child);
  }
  std::stable_sort(contained_.begin(), contained_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto* at = &resource_; at != nullptr; at = next_in_tree(at, resource_)) {
    if (is_local_reference(*at)) references_.push_back(at->value.substr(1));
  }
  std::sort(references_.begin(), references_.end());
}

const fhir::Element* Scope::contained(std::string_view id) const {
  if (id.empty()) return nullptr;
  if (many_ || ++looked_up_ > kFew) {
    make_index();
    const auto found =
        std::lower_bound(contained_.begin(), contained_.end(), id,
                         [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
    return found != contained_.end() && found->first == id ? found->second : nullptr;
  }
  for (const auto* child = resource_.first_child; child != nullptr; child = child->next) {
    if (child->resource && child->name == "contained" && child->child_value("id") == id) return child;
  }
  return nullptr;
}

bool Scope::refers_to(std::string_view id) const {
  if (id.empty()) return false;
  if (many_) {
    make_index();
    return std::binary_search(references_.begin(), references_.end(), id);
  }
  for (const auto* at = &resource_; at != nullptr; at = next_in_tree(at, resource_)) {
    if (is_local_reference(*at) && at->value.substr(1) == id) return true;
  }
  return false;
}

}  // namespace gw::rules
