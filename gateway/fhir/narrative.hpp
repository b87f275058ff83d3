// Narrative safety: the XHTML of a task's text (TASK-09).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/issue.hpp"

namespace gw::fhir {

/// What a narrative div is found to be. `problems` are finished sentences, each naming element or attribute.
struct NarrativeReport {
  std::vector<std::string> problems;  ///< each refuses the task
  bool in_xhtml_namespace = false;    ///< false gives a warning for task profiles (TASK-10), a refusal elsewhere
  bool has_content = false;           ///< some non-blank text or an image (txt-2)
  std::string text;                   ///< the plain text: entities resolved, tags dropped, white space folded
};

/// Check a div against DSTU2's lists of allowed XHTML elements and attributes. Pure; bounded by `max_bytes`.
[[nodiscard]] NarrativeReport check_narrative(std::string_view div, std::size_t max_bytes = std::size_t{512} * 1024);

}  // namespace gw::fhir
