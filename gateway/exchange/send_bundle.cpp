#include "exchange/send_bundle.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include "base/failpoint.hpp"
#include "exchange/answer.hpp"
#include "exchange/bundle.hpp"
#include "exchange/bundle_answer.hpp"
#include "exchange/media.hpp"
#include "exchange/request_body.hpp"
#include "exchange/resource_builder.hpp"
#include "exchange/send_task.hpp"
#include "exchange/stored_order.hpp"
#include "exchange/task_intake.hpp"

namespace gw::exchange {

namespace {

using outbox::Repeat;
using outbox::State;
using SteadyTime = std::chrono::steady_clock::time_point;

/// A Bundle on its way. Lives in send_bundle's frame.
struct Way {
  const Parts& parts;
  Trail& trail;
  fhir::Format format;  ///< of the answer
  bool minimal;
  SteadyTime deadline;
};

Response refused(Way& way, const fhir::Refusal& refusal) {
  note_refusal(refusal, way.trail);
  return answer(refusal, way.format);
}

/// The entry as a request of its own: validated, admitted, delivered and recorded as any task.
asio::awaitable<Response> send_entry(Way& way, BundleEntry& entry, Trail& trail) {
  Response response;
  if (!entry.order) {
    const auto refusal = entry.order.error();
    note_refusal(refusal, trail);
    response = answer(refusal, way.format);
  } else if (std::chrono::steady_clock::now() >= way.deadline) {
    const auto refusal = refusal_of_recipient(
        504, true,
        "the time for this Bundle ended before this task's turn; it was not sent and will not be. Send it again",
        "TASK-12");
    note_refusal(refusal, trail);
    response = answer(refusal, way.format);
  } else {
    response =
        co_await send_read_task(way.parts, entry.head, std::move(*entry.order), entry.caller, trail, way.deadline);
  }
  co_return co_await recorded(way.parts.outbox, std::move(response), trail, way.format);
}

asio::awaitable<Response> send_each(Way& way, TaskBundle bundle) {
  std::vector<EntryAnswer> answers;
  answers.reserve(bundle.entries.size());
  std::size_t bytes = 0;
  for (auto& entry : bundle.entries) {
    Trail trail{.record = way.trail.record};
    auto response = co_await send_entry(way, entry, trail);
    way.trail.recorded = true;
    // One task is all or nothing by itself: a failure is the answer.
    if (bundle.transaction && response.status >= 300) {
      way.trail.relayed = trail.relayed;
      co_return response;
    }
    // Answers of recipients may be large, and are kept until the last has come; beyond the limit, without a resource.
    bytes += response.body.size();
    if (bytes > way.parts.settings.bundle_answer_bytes) response.body.clear();
    answers.push_back({entry.caller.envelope.trace, std::move(response)});
  }
  co_return put_together(answers, bundle.transaction, way.format);
}

/// "Order.date" as "Bundle.entry[2].resource.date".
void place(fhir::Issue& issue, std::size_t index) {
  constexpr std::string_view order = "Order";
  if (!issue.location.starts_with(order)) return;
  issue.location = "Bundle.entry[" + std::to_string(index) + "].resource" + issue.location.substr(order.size());
}

/// Tasks for a mailbox, made ready to be stored, or all that is wrong with them.
struct Group {
  std::vector<outbox::Entrant> entrants;
  std::vector<EntryAnswer> answers;  ///< for when they are stored
  fhir::Refusal refusal{.status = 0, .issues = {}};
};

void add_refusal(Group& group, fhir::Refusal refusal, std::size_t index, std::size_t most_issues) {
  if (group.refusal.status == 0) group.refusal.status = refusal.status;
  for (auto& issue : refusal.issues) {
    if (group.refusal.issues.size() >= most_issues) return;
    place(issue, index);
    group.refusal.issues.push_back(std::move(issue));
  }
}

void add_entry(Way& way, Group& group, BundleEntry& entry, std::size_t index) {
  constexpr std::int64_t first_version = 1;
  const auto& parts = way.parts;
  const auto most_issues = parts.settings.validate.issues;
  if (!entry.order) return add_refusal(group, entry.order.error(), index, most_issues);
  const auto now = parts.clock.now();
  Trail trail{.record = way.trail.record};
  auto intake = take_in(entry.head, std::move(*entry.order), entry.caller, parts.settings, now, trail);
  if (!intake) return add_refusal(group, intake.error(), index, most_issues);
  auto task = describe(entry.head, *intake, entry.caller, parts.outbox.next_id(), now);
  task.guarded = false;  // what comes together is meant; a blind repeat of the whole is known by its trace id
  stamp(intake->document, task, first_version, now);
  auto representation = way.minimal ? std::string{} : written(intake->document, way.format);
  group.answers.push_back({entry.caller.envelope.trace, created(entry.caller.base, task.id, first_version, now,
                                                                std::move(representation), way.format, way.minimal)});
  auto& record = trail.record;
  note_identifier(task, record);
  record.task = task.id;
  record.status = 201;
  record.outcome = "delivered";
  group.entrants.push_back({std::move(task), State::kDelivered, outbox::Reply{.status = 201}, std::move(record)});
}

fhir::Refusal refusal_of_blocked(const outbox::GroupAdmission& group) {
  const auto at = "Bundle.entry[" + std::to_string(*group.blocked_by) + ']';
  const auto* const clash = std::get_if<outbox::Conflict>(&group.blocker);
  if (clash == nullptr) {
    return refusal_of_recipient(503, false,
                                at + " repeats an earlier task that is not known to be delivered, so nothing of this "
                                     "Bundle was stored. Repeat it later, or leave that task out",
                                "OUT-03");
  }
  return fhir::refuse(
      409,
      fhir::Issue{
          .type = fhir::IssueType::kDuplicate,
          .code = fhir::ErrorCode::kConflictingValues,
          .diagnostics = clash->by_identifier
                             ? at + " has an Order.identifier that another task has, sent before with other content or "
                                    "standing in this Bundle too; nothing was stored. A new task needs an identifier "
                                    "of its own"
                             : at + " was sent before, with this Ssp-TraceID, with other content; nothing was stored. "
                                    "A new request needs a trace id of its own",
          .location = clash->by_identifier ? at + ".resource.identifier" : "Ssp-TraceID",
          .rule = "OUT-03"});
}

/// A task that is in the mailbox already: the same answer as the first time (OUT-03), recorded.
asio::awaitable<Response> told_again(Way& way, const Caller& caller, const outbox::StoredTask& earlier) {
  Trail trail{.record = way.trail.record};
  trail.record.task = earlier.task.id;
  note_identifier(earlier.task, trail.record);
  trail.record.outcome = "repeat";
  auto representation = way.minimal ? std::string{} : read_back(earlier, way.format);
  auto response = created(caller.base, earlier.task.id, earlier.version, earlier.updated_at, std::move(representation),
                          way.format, way.minimal);
  co_return co_await recorded(way.parts.outbox, std::move(response), trail, way.format);
}

/// A transaction of tasks for a mailbox: one commit stores them all, or none is stored.
asio::awaitable<Response> store_all(Way& way, TaskBundle bundle) {
  Group group;
  for (std::size_t i = 0; i < bundle.entries.size(); ++i) add_entry(way, group, bundle.entries[i], i);
  if (group.refusal.status != 0) co_return refused(way, group.refusal);
  if (group.entrants.empty()) co_return put_together({}, true, way.format);
  failpoint("mailbox.before_admit");
  auto admission = co_await way.parts.outbox.admit_all(std::move(group.entrants));
  failpoint("mailbox.after_admit");
  if (!admission) co_return refused(way, refusal_of_storage(admission.error()));
  if (admission->blocked_by) co_return refused(way, refusal_of_blocked(*admission));
  way.trail.recorded = true;
  for (std::size_t i = 0; i < group.answers.size(); ++i) {
    const auto* const repeat = std::get_if<Repeat>(&admission->each[i]);
    if (repeat == nullptr) continue;
    auto again = co_await told_again(way, bundle.entries[i].caller, repeat->earlier);
    if (again.status >= 300) co_return again;  // it could not be recorded
    group.answers[i].response = std::move(again);
  }
  co_return put_together(group.answers, true, way.format);
}

}  // namespace

asio::awaitable<Response> send_bundle(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                      const Caller& caller, Trail& trail) {
  Way way{parts, trail, error_format(head), prefers_minimal(head),
          std::chrono::steady_clock::now() + parts.settings.sender_wait};
  const auto wanted = answer_format(head, caller.url.query);
  if (!wanted) co_return refused(way, wanted.error());
  auto bytes = co_await read_body(head, body, parts.settings);
  if (!bytes) co_return refused(way, bytes.error());
  auto bundle = take_apart(head, std::move(bytes->plain), caller, parts.settings, *wanted, parts.clock.now());
  if (!bundle) co_return refused(way, bundle.error());
  if (bundle->transaction && caller.recipient->has_mailbox()) {
    co_return co_await store_all(way, std::move(*bundle));
  }
  co_return co_await send_each(way, std::move(*bundle));
}

}  // namespace gw::exchange
