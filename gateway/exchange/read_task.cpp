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
  return fhir::refuse(403,
                      Issue{.type = IssueType::kForbidden,
                            .code = ErrorCode::kAccessDenied,
                            .diagnostics = "a task is shown to the organisation that sent it and the one it is for, "
                                           "and to no other",
                            .location = "http.target",
                            .rule = "ANS-09"});
}

bool is_between(const outbox::StoredTask& stored, const directory::Organisation& organisation) {
  return stored.task.sender == organisation.ods || stored.task.recipient == organisation.ods;
}

}  // namespace

asio::awaitable<fhir::Checked<Response>> read_task(const Parts& parts, const RequestHead& head, const Caller& caller,
                                                   fhir::Format format) {
  const auto id = task_id_from(caller.url.id);
  if (id.number == 0) co_return no_such_task();
  auto found = co_await parts.outbox.find(id);
  if (!found) co_return refusal_of_reading();
  if (!*found || (*found)->task.recipient != caller.recipient->ods || (*found)->state != outbox::State::kDelivered) {
    co_return no_such_task();
  }
  const auto& stored = **found;
  if (!is_between(stored, *caller.sender)) co_return not_yours();
  if (!caller.url.version.empty() && caller.url.version != std::to_string(stored.version)) {
    co_return no_such_task();
  }
  auto headers = version_headers(caller.base, id, stored.version, stored.updated_at);
  std::erase_if(headers, [](const Header& header) { return header.name == "Location"; });
  Response response;
  if (header_value(head.headers, "If-None-Match") == header_value(headers, "ETag")) {
    response.status = 304;
  } else {
    response = answer(200, read_back(stored, format), format);
  }
  std::move(headers.begin(), headers.end(), std::back_inserter(response.headers));
  co_return response;
}

}  // namespace gw::exchange
