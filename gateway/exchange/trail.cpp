#include "exchange/trail.hpp"

#include "exchange/answer.hpp"

namespace gw::exchange {

void note_refusal(const fhir::Refusal& refusal, Trail& trail) {
  trail.record.outcome = codes_of(refusal);
  trail.refused_by = refusal.issues.empty() ? std::string_view{} : refusal.issues.front().rule;
}

Response refused(const fhir::Refusal& refusal, Trail& trail, fhir::Format format) {
  note_refusal(refusal, trail);
  return answer(refusal, format);
}

namespace {

/// What can be told truly of a request that could not be recorded.
fhir::Refusal refusal_of_unrecorded(const Trail& trail) {
  if (trail.record.task && !trail.reads) return refusal_of_unrecorded_repeat();
  return trail.relayed ? refusal_of_unrecorded_relay() : refusal_of_audit();
}

}  // namespace

asio::awaitable<Response> recorded(outbox::Outbox& outbox, Response response, Trail& trail, fhir::Format format) {
  if (!trail.recorded) {
    trail.record.status = response.status;
    if (trail.record.outcome.empty()) trail.record.outcome = "told";  // what was asked for
    auto written = co_await outbox.record(trail.record);
    // A 5xx stands as it is: it may say what is known of a delivery, which a general "cannot store" would hide.
    if (!written && response.status < 500) {
      response = answer(refusal_of_unrecorded(trail), format);
    }
  }
  add_common_headers(response);
  co_return response;
}

}  // namespace gw::exchange
