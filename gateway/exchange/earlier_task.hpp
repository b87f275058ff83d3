// What a request is told that repeats an earlier one: the truth as it stands on record (OUT-02, OUT-03, OUT-04,
// OUT-11). Pure.
#pragma once

#include <string>

#include "base/http.hpp"
#include "delivery/classify.hpp"
#include "exchange/caller.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

/// An answer, and whether it is a recipient's own, of which not a byte is changed (SSP-06).
struct Told {
  Response response;
  bool relayed = false;
};

/// The same answer as the first time; or what was found out since, where that was doubt.
[[nodiscard]] Told repeated(const outbox::StoredTask& earlier, const Caller& caller, const RequestHead& head,
                            fhir::Format format);

/// A task that an earlier one was delivered with already, to the word: told as that one, with an issue that says so.
[[nodiscard]] Response duplicate(const outbox::StoredTask& earlier, const Caller& caller, const RequestHead& head,
                                 fhir::Format format);
/// The same for a sender whose policy is to have them refused: 409.
[[nodiscard]] fhir::Refusal refusal_of_duplicate(const outbox::StoredTask& earlier);

/// The same trace id or identifier came with other content: 409.
[[nodiscard]] fhir::Refusal refusal_of_conflict(bool by_identifier);

/// What the sender of a task is told that was not delivered, or of which that is not known.
[[nodiscard]] fhir::Refusal refusal_of_delivery(const delivery::Delivery& delivery);
/// 504: it may be there.
[[nodiscard]] fhir::Refusal refusal_in_doubt(std::string diagnostics);

}  // namespace gw::exchange
