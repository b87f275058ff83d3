// Renders issues as a DSTU2 OperationOutcome that claims gpconnect-operationoutcome-1 (ANS-03).
#pragma once

#include <span>
#include <string>

#include "fhir/element.hpp"
#include "fhir/issue.hpp"

namespace gw::fhir {

/// The issues as a resource in `format`: meta.profile, then per issue severity, code, details.coding (system, code,
/// display), diagnostics, location. When there is no issue, one informational "All OK" issue is written.
[[nodiscard]] std::string write_operation_outcome(std::span<const Issue> issues, Format format);

/// The media type that goes with it, with charset: "application/json+fhir; charset=UTF-8".
[[nodiscard]] std::string_view media_type(Format format);

}  // namespace gw::fhir
