#include "exchange/send_task.hpp"

#include <memory>
#include <utility>
#include <variant>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "delivery/classify.hpp"
#include "exchange/answer.hpp"
#include "exchange/doubt.hpp"
#include "exchange/earlier_task.hpp"
#include "exchange/echo.hpp"
#include "exchange/media.hpp"
#include "exchange/relay.hpp"
#include "exchange/request_body.hpp"
#include "exchange/resource_builder.hpp"
#include "exchange/stored_order.hpp"
#include "exchange/task_intake.hpp"

namespace gw::exchange {

namespace {

using delivery::Delivery;
using delivery::Lease;
using delivery::Verdict;
using outbox::Conclusion;
using outbox::Event;
using outbox::NewTask;
using outbox::Reply;
using outbox::State;
using outbox::StoredTask;
using Deadline = std::chrono::steady_clock::time_point;

// Arguments of awaited calls are named first and moved in: GCC 12 destroys brace-made temporaries of a co_await twice.

/// An entry that this request works on. Whatever ends the work (the disk refuses, an exception, a stop), the entry does
/// not stay at work: unless its outcome is on record, the outbox settles it as a restart would.
class AtWork {
 public:
  AtWork(outbox::Outbox& outbox, TaskId id) : outbox_(outbox), id_(id) {}
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  ~AtWork() {
    if (!on_record_) outbox_.let_go(id_);
  }
  [[nodiscard]] TaskId id() const { return id_; }
  void outcome_is_on_record() { on_record_ = true; }

 private:
  outbox::Outbox& outbox_;
  TaskId id_;
  bool on_record_ = false;
};

/// One task on its way: what each step needs. Lives in send_task's frame.
struct Way {
  const Parts& parts;
  const RequestHead& head;
  const Caller& caller;
  Trail& trail;
  fhir::Format format;  ///< of the answer
  Deadline deadline;
};

outbox::AuditRecord answered(Way& way, TaskId id, int status, std::string outcome) {
  way.trail.recorded = true;
  auto record = way.trail.record;
  record.task = id;
  record.status = status;
  record.outcome = std::move(outcome);
  return record;
}

Response refused(Way& way, const fhir::Refusal& refusal) {
  note_refusal(refusal, way.trail);
  return answer(refusal, way.format);
}

Event event_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDelivered:
      return Event::kRecipientStored;
    case Verdict::kRejected:
      return Event::kRecipientRefused;
    case Verdict::kFailed:
      return Event::kCertainFailure;
    case Verdict::kInDoubt:
      return Event::kUnknownOutcome;
  }
  return Event::kUnknownOutcome;
}

std::string_view outcome_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDelivered:
      return "delivered";
    case Verdict::kRejected:
      return "rejected";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kInDoubt:
      return "in-doubt";
  }
  return "in-doubt";
}

Response as_before(Way& way, const StoredTask& earlier) {
  way.trail.record.task = earlier.task.id;
  way.trail.record.outcome = "repeat";
  auto told = repeated(earlier, way.caller, way.head, way.format);
  way.trail.relayed = told.relayed;
  return std::move(told.response);
}

Response as_twin(Way& way, const StoredTask& earlier) {
  way.trail.record.task = earlier.task.id;
  if (way.caller.sender->policy.duplicates == directory::Duplicates::kRefused) {
    return refused(way, refusal_of_duplicate(earlier));
  }
  way.trail.record.outcome = "duplicate";
  return duplicate(earlier, way.caller, way.head, way.format);
}

/// What admission says when it is not "written": the answer to give.
asio::awaitable<Response> not_admitted(Way& way, outbox::Admission admission) {
  if (const auto* const clash = std::get_if<outbox::Conflict>(&admission)) {
    co_return refused(way, refusal_of_conflict(clash->by_identifier));
  }
  if (const auto* const repeat = std::get_if<outbox::Repeat>(&admission)) co_return as_before(way, repeat->earlier);
  if (const auto* const twin = std::get_if<outbox::Duplicate>(&admission)) co_return as_twin(way, twin->earlier);
  const auto running = std::get<outbox::Running>(admission).id;
  auto earlier = co_await way.parts.outbox.wait_until_final(running, way.deadline);
  if (earlier) co_return as_before(way, *earlier);
  // The earlier request goes its way: nothing definite may be told of its task here.
  way.trail.record.task = running;
  co_return refused(
      way, refusal_in_doubt("this request repeats an earlier one whose task is still on its way; it may be delivered. "
                            "Repeat this request later to be told the outcome, before you use another channel"));
}

/// The recipient's mailbox is here: stored is delivered, in one commit (OUT-07).
asio::awaitable<Response> keep_in_mailbox(Way& way, Intake intake, NewTask task) {
  constexpr std::int64_t first_version = 1;
  const auto id = task.id;
  const auto stored_at = task.received_at;
  const bool minimal = prefers_minimal(way.head);
  stamp(intake.document, task, first_version, stored_at);
  auto representation = minimal ? std::string{} : written(intake.document, way.format);
  Reply reply{.status = 201};
  auto record = answered(way, id, 201, "delivered");
  failpoint("mailbox.before_admit");
  auto admission =
      co_await way.parts.outbox.admit(std::move(task), State::kDelivered, std::move(reply), std::move(record));
  way.trail.stages.done(Stage::kAdmit);
  failpoint("mailbox.after_admit");
  if (!admission || !std::holds_alternative<outbox::Admitted>(*admission)) way.trail.recorded = false;
  if (!admission) co_return refused(way, refusal_of_storage(admission.error()));
  if (!std::holds_alternative<outbox::Admitted>(*admission))
    co_return co_await not_admitted(way, std::move(*admission));
  way.trail.record.task = id;
  way.trail.record.outcome = "delivered";
  co_return created(way.caller.base, id, first_version, stored_at, std::move(representation), way.format, minimal);
}

/// What the sender is told of an ended delivery: the recipient's own answer where there is one.
Response answer_to_sender(const Way& way, Delivery& delivery) {
  way.trail.relayed = delivery.answer.has_value();
  if (delivery.answer && delivery.pass_on) return passed_on(std::move(*delivery.answer));
  if (delivery.answer && delivery.verdict == Verdict::kDelivered)
    return passed_on_without_body(std::move(*delivery.answer));
  return answer(refusal_of_delivery(delivery), way.format);
}

/// Write the outcome, then tell it.
asio::awaitable<Response> conclude(Way& way, AtWork& entry, Delivery delivery, const rules::TaskFacts& sent) {
  const bool text_lost = delivery.verdict == Verdict::kDelivered && delivery.answer &&
                         shows_other_text(*delivery.answer, sent, way.caller, way.parts.settings);
  auto response = answer_to_sender(way, delivery);
  if (text_lost) {
    response.headers.push_back(text_warning());
    log::warn("a recipient shows a task without its text", {{"task", to_text(entry.id())}});
  }
  failpoint("exchange.before_conclude");
  Conclusion conclusion{.event = event_of(delivery.verdict),
                        .reply = Reply{.status = response.status, .headers = response.headers, .body = response.body},
                        .note = delivery.diagnostics,
                        .text_lost = text_lost};
  auto record = answered(way, entry.id(), response.status, std::string{outcome_of(delivery.verdict)});
  auto written = co_await way.parts.outbox.conclude(entry.id(), std::move(conclusion), std::move(record));
  way.trail.stages.done(Stage::kConclude);
  failpoint("exchange.after_conclude");
  if (written) {
    entry.outcome_is_on_record();
    way.trail.record.outcome = outcome_of(delivery.verdict);
    co_return response;
  }
  // What came of it is known, but not on disk: nothing definite may be told (OUT-01).
  way.trail.recorded = false;
  log::error("outcome could not be written", {{"task", to_text(entry.id())}, {"cause", written.error().detail}});
  co_return refused(
      way, refusal_in_doubt("the gateway could not record what became of this task; it may have been delivered. "
                            "Ask the recipient before sending it again"));
}

/// The recipient has an endpoint of its own: on disk, then sent, then the outcome on disk, then told (OUT-01).
/// `facts` borrow from the document, which the caller keeps until this ends.
/// `as_it_came` is the body to send where that is not the task's own bytes: those of a gzip request (SSP-06).
asio::awaitable<Response> deliver(Way& way, const rules::TaskFacts& facts, NewTask task, std::string as_it_came) {
  const auto id = task.id;
  const auto route = route_of(way.parts, way.caller);
  if (!route) co_return refused(way, refusal_of_bug());
  const auto body = std::make_shared<const std::string>(as_it_came.empty() ? task.body : std::move(as_it_came));
  const auto request = relayed_request(way.head, way.caller.url, *route, *body);
  auto search = search_for(task);

  // With a live connection at hand one commit says both "received" and "sending"; else the task is on disk while we
  // dial.
  auto lease = way.parts.courier.take(*route);
  failpoint("exchange.before_admit");
  auto received = way.trail.record;
  received.kind = "state";
  received.task = id;
  received.outcome = "received";
  Reply none;
  const auto state = lease ? State::kSending : State::kReceived;
  auto admission = co_await way.parts.outbox.admit(std::move(task), state, std::move(none), std::move(received));
  way.trail.stages.done(Stage::kAdmit);
  failpoint("exchange.after_admit");
  if (!admission) co_return refused(way, refusal_of_storage(admission.error()));
  if (!std::holds_alternative<outbox::Admitted>(*admission))
    co_return co_await not_admitted(way, std::move(*admission));
  way.trail.record.task = id;
  AtWork entry{way.parts.outbox, id};

  if (!lease) {
    auto connected = co_await way.parts.courier.connect(*route, way.deadline);
    failpoint("exchange.after_connect");
    way.trail.stages.done(Stage::kConnect);
    if (!connected) {
      auto failed = delivery::classify(connected.error());
      co_return co_await conclude(way, entry, std::move(failed), facts);
    }
    lease = std::move(*connected);
    auto begun = co_await way.parts.outbox.begin_sending(id);
    way.trail.stages.done(Stage::kAdmit);
    // Received is all that is on disk, and nothing can send it any more: that much is certain.
    if (!begun) co_return refused(way, refusal_of_storage(begun.error()));
    failpoint("exchange.after_sending");
  }
  auto delivery = co_await lease->send(request, way.deadline);
  way.trail.stages.done(Stage::kSend);
  lease.reset();
  const Doubt doubt{way.parts, way.caller, *route, request, std::move(search), way.deadline};
  delivery = co_await clear_up(doubt, std::move(delivery));
  co_return co_await conclude(way, entry, std::move(delivery), facts);
}

/// From the body's bytes on.
asio::awaitable<Response> carry(Way& way, RequestBody body) {
  const auto& parts = way.parts;
  const auto now = parts.clock.now();
  auto intake = take_in(way.head, std::move(body.plain), way.caller, parts.settings, now, &way.trail.stages);
  way.trail.stages.done(Stage::kValidate);
  if (!intake) co_return refused(way, intake.error());
  failpoint("exchange.after_validate");

  auto task = describe(way.head, *intake, way.caller, parts.outbox.next_id(), now);
  task.guarded = way.caller.sender->policy.duplicates != directory::Duplicates::kDelivered;
  if (way.caller.recipient->has_mailbox()) co_return co_await keep_in_mailbox(way, std::move(*intake), std::move(task));
  co_return co_await deliver(way, intake->facts, std::move(task), std::move(body.as_it_came));
}

}  // namespace

asio::awaitable<Response> send_task(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                    const Caller& caller, Trail& trail) {
  Way way{
      parts, head, caller, trail, error_format(head), std::chrono::steady_clock::now() + parts.settings.sender_wait};
  failpoint("exchange.after_envelope");

  const auto wanted = answer_format(head, caller.url.query);
  if (!wanted) co_return refused(way, wanted.error());
  auto bytes = co_await read_body(head, body, parts.settings);
  trail.stages.done(Stage::kBody);
  if (!bytes) co_return refused(way, bytes.error());
  failpoint("exchange.after_parse");
  co_return co_await carry(way, std::move(*bytes));
}

asio::awaitable<Response> send_read_task(const Parts& parts, const RequestHead& head, std::string body,
                                         const Caller& caller, Trail& trail,
                                         std::chrono::steady_clock::time_point deadline) {
  Way way{parts, head, caller, trail, error_format(head), deadline};
  RequestBody whole{std::move(body), {}};
  co_return co_await carry(way, std::move(whole));
}

}  // namespace gw::exchange
