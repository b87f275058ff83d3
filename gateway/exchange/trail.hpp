// What is known of a request for the audit, and the step that puts it there before the answer is given (AUD-02).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "base/http.hpp"
#include "exchange/stages.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "outbox/outbox.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// What is known of a request for the audit, and what became of it that the answer's last steps must know.
struct Trail {
  outbox::AuditRecord record;
  bool recorded = false;        ///< the outbox recorded it already, with the task's own state
  std::string_view refused_by;  ///< the rule that the first issue of a refusal names
  StageClock stages;
  bool reads = false;    ///< the task is only asked for
  bool relayed = false;  ///< the answer may be a recipient's own: not a byte of it is changed (SSP-06)
};

/// Keep in the trail why the request is refused: codes for the audit, the rule for /metrics.
void note_refusal(const fhir::Refusal& refusal, Trail& trail);

/// The refusal as the answer to give, noted in the trail.
[[nodiscard]] Response refused(const fhir::Refusal& refusal, Trail& trail, fhir::Format format);

/// The answer, once the request is durable in the audit, with the headers that every answer has (ANS-07). Another
/// answer where it could not be recorded. The references outlive the call.
asio::awaitable<Response> recorded(outbox::Outbox& outbox, Response response, Trail& trail, fhir::Format format);

}  // namespace gw::exchange
