// The recipient's own rules, run where its mailbox is here (OUT-08, JWT-03). Pure.
#pragma once

#include <optional>

#include "directory/directory.hpp"
#include "exchange/caller.hpp"
#include "fhir/issue.hpp"
#include "rules/task.hpp"

namespace gw::exchange {

/// Subject, source and target resolve; the target is the URL's organisation; the token's patient is the task's; the
/// recipient has a care relationship with the patient and the patient's consent. Unresolved references are reported
/// together (422); then the first of 400, 403 in that order. On success gives the patient.
[[nodiscard]] fhir::Checked<const directory::Patient*> check_mailbox_rules(const rules::TaskFacts& facts,
                                                                           const Caller& caller);

}  // namespace gw::exchange
