// The validator's inside, for the task's rules, which add their own issues to the same list. Internal to rules/.
#pragma once

#include <string>
#include <string_view>

#include "fhir/element.hpp"
#include "rules/collector.hpp"

namespace gw::rules {

/// The plain text of one narrative, which its validation reads anyway.
struct PlainText {
  const fhir::Element* div = nullptr;
  std::string text;
};

/// What validate() does, with the issues left in `found`, and the text of the div that `wanted` names, where it is not
/// null. A document that is not refused had all its divs read.
void validate_into(Collector& found, const fhir::Document& document, std::string_view profile,
                   PlainText* wanted = nullptr);

}  // namespace gw::rules
