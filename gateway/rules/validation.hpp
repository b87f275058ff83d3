// The validator's inside, for the task's rules, which add their own issues to the same list. Internal to rules/.
#pragma once

#include <string_view>

#include "fhir/element.hpp"
#include "rules/collector.hpp"

namespace gw::rules {

/// What validate() does, with the issues left in `found`.
void validate_into(Collector& found, const fhir::Document& document, std::string_view profile);

}  // namespace gw::rules
