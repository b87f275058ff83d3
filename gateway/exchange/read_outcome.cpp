#include "exchange/read_outcome.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "exchange/answer.hpp"
#include "exchange/earlier_task.hpp"
#include "exchange/pending.hpp"
#include "exchange/preference.hpp"

namespace gw::exchange {

namespace {

using outbox::StoredTask;

fhir::Refusal no_such_task() {
  return fhir::refuse(404, fhir::Issue{.type = fhir::IssueType::kNotFound,
                                       .code = fhir::ErrorCode::kNoRecordFound,
                                       .diagnostics = "no task with this id was sent to this organisation through here",
                                       .location = "http.target",
                                       .rule = "OUT-06"});
}

fhir::Refusal not_yours() {
  return fhir::refuse(403, fhir::Issue{.type = fhir::IssueType::kForbidden,
                                       .code = fhir::ErrorCode::kAccessDenied,
                                       .diagnostics = "what became of a task is told to the organisation that sent it, "
                                                      "and to no other",
                                       .location = "http.target",
                                       .rule = "OUT-06"});
}

bool is_on_its_way(const StoredTask& stored) {
  return stored.is_pending() || outbox::is_being_worked_on(stored.state);
}

}  // namespace

asio::awaitable<Response> read_outcome(const Parts& parts, const RequestHead& head, const Caller& caller,
                                       fhir::Format format, Trail& trail) {
  const auto refused = [&](const fhir::Refusal& refusal) {
    note_refusal(refusal, trail);
    return answer(refusal, format);
  };
  const auto id = task_id_from(caller.url.id);
  if (id.number == 0) co_return refused(no_such_task());
  auto found = co_await parts.outbox.find(id);
  if (!found) co_return refused(refusal_of_reading());
  if (!*found || (*found)->task.recipient != caller.recipient->ods) co_return refused(no_such_task());
  auto stored = std::move(**found);
  if (stored.task.sender != caller.sender->ods) co_return refused(not_yours());

  const auto wait = std::min<milliseconds>(wait_wish(head.headers), parts.settings.sender_wait);
  if (wait > milliseconds{0} && outbox::is_being_worked_on(stored.state)) {
    auto ended = co_await parts.outbox.wait_until_final(id, std::chrono::steady_clock::now() + wait);
    if (ended) stored = std::move(*ended);
  }
  trail.record.task = id;
  trail.reads = true;
  trail.record.outcome = "told: " + std::string{outbox::name_of(stored.state)};
  if (is_on_its_way(stored)) {
    co_return pending(stored, outcome_url(parts.settings.caller, caller.url, id), parts.settings.poll_after, format);
  }
  auto told = repeated(stored, caller, head, format);
  trail.relayed = told.relayed;
  co_return std::move(told.response);
}

}  // namespace gw::exchange
