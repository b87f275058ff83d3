#include "exchange/way.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "exchange/answer.hpp"
#include "exchange/earlier_task.hpp"
#include "exchange/pending.hpp"
#include "exchange/task_intake.hpp"

namespace gw::exchange {

namespace {

using outbox::StoredTask;

Response as_twin(Way& way, const StoredTask& earlier) {
  way.trail.record.task = earlier.task.id;
  note_identifier(earlier.task, way.trail.record);
  if (way.caller.sender->policy.duplicates == directory::Duplicates::kRefused) {
    return refused(way, refusal_of_duplicate(earlier));
  }
  way.trail.record.outcome = "duplicate";
  return duplicate(earlier, way.caller, way.head, way.format);
}

/// An earlier request's task is being worked on.
asio::awaitable<Response> as_running(Way& way, TaskId id) {
  const bool waits = !way.wish || way.wish->wait > seconds{0};
  if (waits) {
    const auto asked = std::chrono::steady_clock::now() + (way.wish ? way.wish->wait : seconds{0});
    const auto until = way.wish ? std::min<Deadline>(way.deadline, asked) : way.deadline;
    auto earlier = co_await way.parts.outbox.wait_until_final(id, until);
    if (earlier) co_return as_before(way, *earlier);
  }
  way.trail.record.task = id;
  if (way.wish) {
    auto found = co_await way.parts.outbox.find(id);
    if (found && *found) co_return as_before(way, **found);
  }
  // The earlier request goes its way: nothing definite may be told of its task here.
  co_return refused(
      way, refusal_in_doubt("this request repeats an earlier one whose task is still on its way; it may be delivered. "
                            "Repeat this request later to be told the outcome, before you use another channel"));
}

}  // namespace

outbox::AuditRecord answered(Way& way, TaskId id, int status, std::string outcome) {
  way.trail.recorded = true;
  auto record = way.trail.record;
  record.task = id;
  record.status = status;
  record.outcome = std::move(outcome);
  return record;
}

outbox::AuditRecord changed(const Way& way, TaskId id, std::string outcome) {
  auto record = way.trail.record;
  record.kind = "state";
  record.task = id;
  record.outcome = std::move(outcome);
  return record;
}

Response refused(Way& way, const fhir::Refusal& refusal) {
  note_refusal(refusal, way.trail);
  return answer(refusal, way.format);
}

Response deferred(Way& way, const StoredTask& stored) {
  const auto& settings = way.parts.settings;
  auto response =
      pending(stored, outcome_url(settings.caller, way.caller.url, stored.task.id), settings.poll_after, way.format);
  response.headers.push_back({"Preference-Applied", "respond-async"});
  return response;
}

Response as_before(Way& way, const StoredTask& earlier) {
  way.trail.record.task = earlier.task.id;
  note_identifier(earlier.task, way.trail.record);
  way.trail.record.outcome = "repeat";
  const bool on_its_way = earlier.is_pending() || outbox::is_being_worked_on(earlier.state);
  if (way.wish && on_its_way) return deferred(way, earlier);
  auto told = repeated(earlier, way.caller, way.head, way.format);
  way.trail.relayed = told.relayed;
  return std::move(told.response);
}

asio::awaitable<Response> not_admitted(Way& way, outbox::Admission admission) {
  if (const auto* const clash = std::get_if<outbox::Conflict>(&admission)) {
    co_return refused(way, refusal_of_conflict(clash->by_identifier));
  }
  if (const auto* const repeat = std::get_if<outbox::Repeat>(&admission)) co_return as_before(way, repeat->earlier);
  if (const auto* const twin = std::get_if<outbox::Duplicate>(&admission)) co_return as_twin(way, twin->earlier);
  co_return co_await as_running(way, std::get<outbox::Running>(admission).id);
}

}  // namespace gw::exchange
