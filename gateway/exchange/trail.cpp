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

asio::awaitable<Response> recorded(outbox::Outbox& outbox, Response response, Trail& trail, fhir::Format format) {
  if (!trail.recorded) {
    trail.record.status = response.status;
    if (trail.record.outcome.empty()) trail.record.outcome = "told";  // what was asked for
    auto written = co_await outbox.record(trail.record);
    // A 5xx stands as it is: it may say what is known of a delivery, which a general "cannot store" would hide.
    if (!written && response.status < 500) {
      response = answer(trail.record.task ? refusal_of_unrecorded_repeat() : refusal_of_audit(), format);
    }
  }
  add_common_headers(response);
  co_return response;
}

}  // namespace gw::exchange
