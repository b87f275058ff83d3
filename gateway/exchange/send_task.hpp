// The way of a task: the main job, one step a line. Start reading at send_task in the source file.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/stages.hpp"
#include "fhir/issue.hpp"
#include "net/handler.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// What is known of a request for the audit, and what became of it that the answer's last steps must know.
struct Trail {
  outbox::AuditRecord record;
  bool recorded = false;        ///< the outbox recorded it already, with the task's own state
  std::string_view refused_by;  ///< the rule that the first issue of a refusal names
  StageClock stages;
  bool relayed = false;  ///< the answer may be a recipient's own: not a byte of it is changed (SSP-06)
};

/// Keep in the trail why the request is refused: codes for the audit, the rule for /metrics.
void note_refusal(const fhir::Refusal& refusal, Trail& trail);

/// Receive a task and keep it (mailbox) or deliver it (relay). Always gives an answer, and the answer is the truth
/// (OUT-02): 201 only when the recipient has stored the task. All references outlive the call.
asio::awaitable<Response> send_task(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                    const Caller& caller, Trail& trail);

}  // namespace gw::exchange
