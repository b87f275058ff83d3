// The look-ups a sender needs before it can fill a task's references (ANS-11): patients and organisations, from the
// directory, for organisations whose mailbox is here. Pure.
#pragma once

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/trail.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"

namespace gw::exchange {

/// GET Patient/[id], GET Patient?identifier=..., and the same for Organization. A search that finds none is an empty
/// Bundle. Errors: 400 INVALID_IDENTIFIER_SYSTEM or _VALUE, 422 INVALID_PARAMETER, 404 for unknown ids.
[[nodiscard]] Response look_up(const Caller& caller, Trail& trail, fhir::Format format);

}  // namespace gw::exchange
