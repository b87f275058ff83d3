// The resource within which `#id` references resolve, as invariants and the walk see it.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "fhir/element.hpp"

namespace gw::rules {

/// One outermost resource and what it contains. Few look-ups among few contained resources go through the children one
/// by one; more get an index, so that a hostile body costs no quadratic time. Not thread-safe; lives on the stack of
/// one validation.
class Scope {
 public:
  explicit Scope(const fhir::Element& resource);

  [[nodiscard]] const fhir::Element& resource() const { return resource_; }
  /// The contained resource of this id, or null.
  [[nodiscard]] const fhir::Element* contained(std::string_view id) const;
  /// Whether some reference in the resource is "#" and this id.
  [[nodiscard]] bool refers_to(std::string_view id) const;

 private:
  void make_index() const;

  const fhir::Element& resource_;
  bool many_ = false;
  mutable std::size_t looked_up_ = 0;
  mutable bool indexed_ = false;
  mutable std::vector<std::pair<std::string_view, const fhir::Element*>> contained_;
  mutable std::vector<std::string_view> references_;
};

/// The element after `at` in a walk of the tree below `top`, in document order; null at the end. No recursion.
[[nodiscard]] const fhir::Element* next_in_tree(const fhir::Element* at, const fhir::Element& top);

}  // namespace gw::rules
