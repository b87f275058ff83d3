// DSTU2's `_name` twins: what a primitive has beside its value (id, extensions). Internal to fhir/.
//
// A twin may come before or after the value that it belongs to. It is first read as a sibling of that value, marked in
// its index, and joined with it when the object that holds both ends.
#pragma once

#include "fhir/element.hpp"
#include "fhir/faults.hpp"

namespace gw::fhir {

void mark_twin(Element& element);
[[nodiscard]] bool is_twin(const Element& element);
/// Marks an element that merge_twins is to leave out.
void drop(Element& element);

/// Joins each twin among the children of `owner` with its value, notes what does not fit (other lengths, nulls with no
/// twin, a twin beside an object), and clears all marks. n log n in the number of children.
void merge_twins(Element& owner, Faults& faults);

}  // namespace gw::fhir
