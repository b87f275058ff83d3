// Turns values into answers: the one place where refusals become statuses and OperationOutcomes (ANS-03, ANS-07). Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"
#include "base/result.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

/// Ends the diagnostics of what refuses a request unread: a repeat that is refused so says nothing of the task
/// (OUT-03).
inline constexpr std::string_view kEarlierStands =
    "If it repeats an earlier request, that one's outcome stands, and a repeat will tell it";

/// A refusal as an OperationOutcome in `format`.
[[nodiscard]] Response answer(const fhir::Refusal& refusal, fhir::Format format);

/// A resource that is already rendered in `format`.
[[nodiscard]] Response answer(int status, std::string resource, fhir::Format format);

/// What a fault while reading the body means to the sender: 400 too-long or malformed, and so on.
[[nodiscard]] fhir::Refusal refusal_of_body(const Fault& fault);

/// The outbox did not take the request in: nothing was sent or stored for it, nothing will be. 503 with Retry-After;
/// 400 too-long where the entry is beyond what one may have.
[[nodiscard]] fhir::Refusal refusal_of_storage(const Fault& fault);

/// A stored task cannot be read: 503 with Retry-After.
[[nodiscard]] fhir::Refusal refusal_of_reading();

/// A recipient, or the way to it, failed: 502, 503 (with Retry-After) or 504 (SSP-07).
[[nodiscard]] fhir::Refusal refusal_of_recipient(int status, bool timed_out, std::string diagnostics,
                                                 std::string_view rule);

/// An interaction that only a recipient with a system of its own can serve: 501.
[[nodiscard]] fhir::Refusal refusal_of_relayed_interaction();

/// The directory service is away, so that it is not known who asks whom: 503 with Retry-After (SSP-09).
[[nodiscard]] fhir::Refusal refusal_of_directory();

/// The request could not be recorded in the audit, so it is not served: 503 with Retry-After (AUD-02).
[[nodiscard]] fhir::Refusal refusal_of_audit();

/// The same for a repeat, whose task has an outcome on record already: 504, since no failure may be told of it.
[[nodiscard]] fhir::Refusal refusal_of_unrecorded_repeat();

/// The same for a request that a recipient answered, and so may have carried out: 504.
[[nodiscard]] fhir::Refusal refusal_of_unrecorded_relay();

/// What a connection that never became a request is told (ANS-08, TLS-02, TLS-05).
[[nodiscard]] fhir::Refusal refusal_of_protocol(net::ProtocolFault fault, std::string_view detail);

/// A failure in our own works: 500, with no detail of ours.
[[nodiscard]] fhir::Refusal refusal_of_bug();

/// Headers that every answer carries, errors too (ANS-07). What a recipient's answer says of its own stays as it is
/// (ANS-13); ours comes after it where that does not forbid storing.
void add_common_headers(Response& response);

/// The error codes joined by spaces, for the audit.
[[nodiscard]] std::string codes_of(const fhir::Refusal& refusal);

}  // namespace gw::exchange
