// The gateway's own verdict over a task's text, as the comparison needs it.
#pragma once

#include <string>
#include <vector>

#include "fhir/issue.hpp"

namespace gw::referee {

/// The base that references may be absolute under.
inline constexpr const char* kBase = "https://hub.example.nhs.uk:8443/A20047/DSTU2/1";

/// Every issue of the task, on 2026-06-15, the date of the unchanged task; of reading alone where it cannot be read.
[[nodiscard]] std::vector<fhir::Issue> issues_of(std::string text, bool xml);
[[nodiscard]] bool refuses(const std::vector<fhir::Issue>& issues);

/// `issues` with what may differ between the two forms of one task taken off: lines, columns, and the index that a path
/// has where an element may repeat. Sorted, since the order of elements may differ.
[[nodiscard]] std::vector<std::string> comparable(const std::vector<fhir::Issue>& issues);

}  // namespace gw::referee
