#include "exchange/earlier_task.hpp"

#include <span>
#include <utility>

#include "exchange/answer.hpp"
#include "exchange/media.hpp"
#include "exchange/stored_order.hpp"
#include "fhir/operation_outcome.hpp"

namespace gw::exchange {

namespace {

using delivery::Delivery;
using delivery::Verdict;
using outbox::State;
using outbox::StoredTask;

/// The answer to a repeat of an entry that has none on record: a restart, or an operator, settled it (OUT-05).
fhir::Refusal refusal_without_reply(State state) {
  switch (state) {
    case State::kAbandoned:
    case State::kFailed:
    case State::kExpired:
      return refusal_of_delivery(Delivery{
          .verdict = Verdict::kFailed,
          .status = 502,
          .diagnostics = "the gateway was interrupted before this task was sent. It was not delivered and will "
                         "not be: send it again with a new trace id, or use another channel"});
    default:
      return refusal_in_doubt(
          "the gateway was interrupted while this task was being sent; it may have been delivered. Ask the recipient "
          "before sending it again");
  }
}

/// The answer to a repeat of an entry that was in doubt until somebody found out (OUT-04). What the first sender was
/// told, that nobody knows, is no longer true.
Response resolved(const StoredTask& earlier, fhir::Format format) {
  const auto when = to_iso8601(earlier.updated_at);
  if (earlier.state != State::kDelivered) {
    return answer(
        refusal_of_delivery(Delivery{
            .verdict = Verdict::kFailed,
            .status = 502,
            .diagnostics = "what became of this task was not known at first; on " + when +
                           " it was found out that the recipient does not have it. It was not delivered and will "
                           "not be: send it again with a new trace id, or use another channel"}),
        format);
  }
  const fhir::Issue found{.severity = fhir::Severity::kInformation,
                          .type = fhir::IssueType::kInformational,
                          .diagnostics = "what became of this task was not known at first; on " + when +
                                         " it was found out that the recipient has stored it. Its own answer is not "
                                         "on record, so this one has no Location",
                          .rule = "OUT-04"};
  return answer(201, fhir::write_operation_outcome(std::span{&found, 1}, format), format);
}

/// Where the first one stands, as its 201 said.
Headers place_of(const StoredTask& earlier, const Caller& caller) {
  if (earlier.mailbox) return version_headers(caller.base, earlier.task.id, earlier.version, earlier.updated_at);
  Headers place;
  for (const auto* const name : {"Location", "Content-Location", "ETag", "Last-Modified"}) {
    const auto value = header_value(earlier.reply.headers, name);
    if (!value.empty()) place.push_back({name, std::string{value}});
  }
  return place;
}

}  // namespace

Told repeated(const StoredTask& earlier, const Caller& caller, const RequestHead& head, fhir::Format format) {
  if (earlier.resolved) return {resolved(earlier, format)};
  if (earlier.reply.status == 0) return {answer(refusal_without_reply(earlier.state), format)};
  if (earlier.mailbox) {
    return {created(caller.base, earlier.task.id, earlier.version, earlier.updated_at, read_back(earlier, format),
                    format, prefers_minimal(head))};
  }
  Told told{.relayed = true};
  told.response.status = earlier.reply.status;
  told.response.headers = earlier.reply.headers;
  told.response.body = earlier.reply.body;
  return told;
}

Response duplicate(const StoredTask& earlier, const Caller& caller, const RequestHead& head, fhir::Format format) {
  if (earlier.resolved) return resolved(earlier, format);
  const fhir::Issue told{.severity = fhir::Severity::kInformation,
                         .type = fhir::IssueType::kDuplicate,
                         .diagnostics = "a task with the same content was delivered at " +
                                        to_iso8601(earlier.task.received_at) + " under Ssp-TraceID " +
                                        earlier.task.trace.text() +
                                        "; this request was taken for its repeat, and this is that task's place. If a "
                                        "second task is meant, give it an Order.identifier of its own",
                         .rule = "OUT-11"};
  Response response;
  response.status = 201;
  if (!prefers_minimal(head)) {
    response = answer(201, fhir::write_operation_outcome(std::span{&told, 1}, format), format);
  }
  auto place = place_of(earlier, caller);
  // What this answer holds is no representation of that task (RFC 7231 section 3.1.4.2).
  std::erase_if(place, [](const Header& header) { return iequals(header.name, "Content-Location"); });
  std::move(place.begin(), place.end(), std::back_inserter(response.headers));
  return response;
}

fhir::Refusal refusal_of_duplicate(const StoredTask& earlier) {
  return fhir::refuse(409,
                      fhir::Issue{.type = fhir::IssueType::kDuplicate,
                                  .code = fhir::ErrorCode::kConflictingValues,
                                  .diagnostics = "a task with the same content was delivered at " +
                                                 to_iso8601(earlier.task.received_at) + " under Ssp-TraceID " +
                                                 earlier.task.trace.text() +
                                                 "; this one was not delivered and will not be. If a second task is "
                                                 "meant, give it an Order.identifier of its own",
                                  .location = "Order",
                                  .rule = "OUT-11"});
}

fhir::Refusal refusal_of_conflict(bool by_identifier) {
  return fhir::refuse(
      409,
      fhir::Issue{.type = fhir::IssueType::kDuplicate,
                  .code = fhir::ErrorCode::kConflictingValues,
                  .diagnostics = by_identifier
                                     ? "a task with this Order.identifier was sent before with other content; a new "
                                       "task needs an identifier of its own"
                                     : "a request with this Ssp-TraceID was sent before with other content; a new "
                                       "request needs a trace id of its own",
                  .location = by_identifier ? "Order.identifier" : "Ssp-TraceID",
                  .rule = "OUT-03"});
}

fhir::Refusal refusal_of_delivery(const Delivery& delivery) {
  return refusal_of_recipient(delivery.status, delivery.timed_out, delivery.diagnostics,
                              delivery.verdict == Verdict::kInDoubt ? "OUT-04" : "SSP-07");
}

fhir::Refusal refusal_in_doubt(std::string diagnostics) {
  return refusal_of_delivery(Delivery{.verdict = Verdict::kInDoubt, .diagnostics = std::move(diagnostics)});
}

}  // namespace gw::exchange
