#include "exchange/read_task.hpp"

#include <utility>

#include "exchange/answer.hpp"
#include "exchange/media.hpp"
#include "exchange/stored_order.hpp"

namespace gw::exchange {

namespace {

using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;

fhir::Refusal no_such_task() {
  return fhir::refuse(404, Issue{.type = IssueType::kNotFound,
                                 .code = ErrorCode::kNoRecordFound,
                                 .diagnostics = "no task with this id and version is kept for this organisation",
                                 .location = "http.target",
                                 .rule = "ANS-09"});
}

fhir::Refusal not_yours() {
  return fhir::refuse(403, Issue{.type = IssueType::kForbidden,
                                 .code = ErrorCode::kAccessDenied,
                                 .diagnostics = "a task is shown to its source and its target organisation and to no "
                                                "other; the organisation that asks is the one of Ssp-From",
                                 .location = "http.target",
                                 .rule = "ANS-09"});
}

}  // namespace

asio::awaitable<Response> read_task(const Parts& parts, const RequestHead& head, const Caller& caller, Trail& trail,
                                    fhir::Format format) {
  const auto id = task_id_from(caller.url.id);
  if (id.number == 0) co_return refused(no_such_task(), trail, format);
  auto found = co_await parts.outbox.find(id);
  if (!found) co_return refused(refusal_of_reading(), trail, format);
  if (!*found || (*found)->task.recipient != caller.recipient->ods || (*found)->state != outbox::State::kDelivered) {
    co_return refused(no_such_task(), trail, format);
  }
  const auto& stored = **found;
  trail.record.task = id;
  trail.reads = true;
  if (!outbox::may_see(requester_of(caller), stored.task)) co_return refused(not_yours(), trail, format);
  if (!caller.url.version.empty() && caller.url.version != std::to_string(stored.version)) {
    co_return refused(no_such_task(), trail, format);
  }
  auto headers = version_headers(caller.base, id, stored.version, stored.updated_at);
  std::erase_if(headers, [](const Header& header) { return header.name == "Location"; });
  Response response;
  if (header_value(head.headers, "If-None-Match") == header_value(headers, "ETag")) {
    response.status = 304;
    trail.record.outcome = "not-modified";
  } else {
    response = answer(200, read_back(stored, format), format);
  }
  std::move(headers.begin(), headers.end(), std::back_inserter(response.headers));
  co_return response;
}

}  // namespace gw::exchange
