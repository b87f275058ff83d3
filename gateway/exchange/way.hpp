// One task on its way: what each step needs, and the answers that several steps give. Lives in send_task's frame.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/preference.hpp"
#include "exchange/trail.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

namespace asio = boost::asio;
using Deadline = std::chrono::steady_clock::time_point;

struct Way {
  const Parts& parts;
  const RequestHead& head;
  const Caller& caller;
  Trail& trail;
  fhir::Format format;  ///< of the answer
  Deadline deadline;
  std::optional<AsyncWish> wish;  ///< the sender asks for deferred delivery
};

/// The request's audit record, that goes with a change of the task's state.
[[nodiscard]] outbox::AuditRecord answered(Way& way, TaskId id, int status, std::string outcome);
/// The audit record of a change of the task's state alone.
[[nodiscard]] outbox::AuditRecord changed(const Way& way, TaskId id, std::string outcome);

[[nodiscard]] Response refused(Way& way, const fhir::Refusal& refusal);

/// 202: where to ask what becomes of the task (OUT-06).
[[nodiscard]] Response deferred(Way& way, const outbox::StoredTask& stored);

/// What an earlier request's task has come to, or, while it is pending, where to ask.
[[nodiscard]] Response as_before(Way& way, const outbox::StoredTask& earlier);

/// What admission says when it is not "written": the answer to give (OUT-03, OUT-11).
asio::awaitable<Response> not_admitted(Way& way, outbox::Admission admission);

}  // namespace gw::exchange
