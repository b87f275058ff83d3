// What is told of a task that is still on its way, and where to ask for more (OUT-06). Pure.
#pragma once

#include <string>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "fhir/element.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

/// "[public url]/[base as in the sender's URL]/Order/[id]/$gpc.gettaskoutcome": below the recipient's base in the form
/// that the sender used, so that it goes the same way as the task did.
[[nodiscard]] std::string outcome_url(const CallerSettings& settings, const Url& url, TaskId id);

/// 202 with Content-Location, Retry-After, and an OperationOutcome whose diagnostics begin with the task's state in one
/// of the four words that staff know (OPS-05).
[[nodiscard]] Response pending(const outbox::StoredTask& stored, std::string outcome_url, seconds poll_after,
                               fhir::Format format);

/// What a deferred task's sender is told when its time is up: certainly not delivered. `tries` were made; `cause` is
/// what the last one met, or empty.
[[nodiscard]] fhir::Refusal refusal_of_expired(const outbox::Deferral& deferral, int tries, std::string_view cause);

}  // namespace gw::exchange
