#include "exchange/send_task.hpp"

#include <string_view>
#include <utility>
#include <variant>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "delivery/classify.hpp"
#include "exchange/answer.hpp"
#include "exchange/at_work.hpp"
#include "exchange/defer_task.hpp"
#include "exchange/doubt.hpp"
#include "exchange/earlier_task.hpp"
#include "exchange/media.hpp"
#include "exchange/outcome.hpp"
#include "exchange/relay.hpp"
#include "exchange/request_body.hpp"
#include "exchange/resource_builder.hpp"
#include "exchange/stored_order.hpp"
#include "exchange/task_intake.hpp"
#include "exchange/way.hpp"

namespace gw::exchange {

namespace {

using delivery::Delivery;
using outbox::NewTask;
using outbox::Reply;
using outbox::State;

// Arguments of awaited calls are named first and moved in: GCC 12 destroys brace-made temporaries of a co_await twice.

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
  note_identifier(task, record);
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

/// Write the outcome, then tell it.
asio::awaitable<Response> conclude(Way& way, AtWork& entry, Delivery delivery, SentText text) {
  auto outcome = outcome_of(std::move(delivery), text, way.caller, way.parts.settings, way.format, entry.id());
  way.trail.relayed = outcome.relayed;
  failpoint("exchange.before_conclude");
  auto conclusion = conclusion_of(outcome);
  auto record = answered(way, entry.id(), outcome.response.status, std::string{outcome.name});
  auto written = co_await way.parts.outbox.conclude(entry.id(), std::move(conclusion), std::move(record));
  way.trail.stages.done(Stage::kConclude);
  failpoint("exchange.after_conclude");
  if (written) {
    entry.outcome_is_on_record();
    way.trail.record.outcome = outcome.name;
    co_return std::move(outcome.response);
  }
  // What came of it is known, but not on disk: nothing definite may be told (OUT-01).
  way.trail.recorded = false;
  way.trail.relayed = false;
  log::error("outcome could not be written", {{"task", to_text(entry.id())}, {"cause", written.error().detail}});
  co_return refused(
      way, refusal_in_doubt("the gateway could not record what became of this task; it may have been delivered. "
                            "Ask the recipient before sending it again"));
}

/// The recipient has an endpoint of its own: on disk, then sent, then the outcome on disk, then told (OUT-01).
/// `intake` is the caller's until this ends. `as_it_came` is the body to send where that is not the task's own bytes:
/// those of a gzip request (SSP-06).
asio::awaitable<Response> deliver(Way& way, const Intake& intake, NewTask task, std::string as_it_came) {
  const auto id = task.id;
  const SentText text{task.text_hash, intake.facts.narrative};
  const auto route = route_of(way.parts, way.caller);
  if (!route) co_return refused(way, refusal_of_bug());
  const std::string_view body = as_it_came.empty() ? intake.document.bytes() : as_it_came;
  const auto request = relayed_request(way.head, way.caller.url, *route, body);
  auto search = search_for(task);

  // With a live connection at hand one commit says both "received" and "sending"; else the task is on disk while we
  // dial.
  auto lease = way.parts.courier.take(*route);
  failpoint("exchange.before_admit");
  auto received = changed(way, id, "received");
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
      co_return co_await conclude(way, entry, std::move(failed), text);
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
  co_return co_await conclude(way, entry, std::move(delivery), text);
}

/// From the body's bytes on.
asio::awaitable<Response> carry(Way& way, RequestBody body) {
  const auto& parts = way.parts;
  const auto now = parts.clock.now();
  auto intake = take_in(way.head, std::move(body.plain), way.caller, parts.settings, now, way.trail);
  way.trail.stages.done(Stage::kValidate);
  if (!intake) co_return refused(way, intake.error());
  failpoint("exchange.after_validate");

  auto task = describe(way.head, *intake, way.caller, parts.outbox.next_id(), now);
  task.guarded = way.caller.sender->policy.duplicates != directory::Duplicates::kDelivered;
  if (way.caller.recipient->has_mailbox()) co_return co_await keep_in_mailbox(way, std::move(*intake), std::move(task));
  task.deferral = deferral_of(way, now);
  if (task.deferral) co_return co_await defer_task(way, std::move(task), std::move(body.as_it_came));
  co_return co_await deliver(way, *intake, std::move(task), std::move(body.as_it_came));
}

}  // namespace

asio::awaitable<Response> send_task(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                    const Caller& caller, Trail& trail) {
  Way way{parts,
          head,
          caller,
          trail,
          error_format(head),
          std::chrono::steady_clock::now() + parts.settings.sender_wait,
          std::nullopt};
  failpoint("exchange.after_envelope");

  const auto wanted = answer_format(head, caller.url.query);
  if (!wanted) co_return refused(way, wanted.error());
  const auto wish = async_wish(head.headers);
  if (!wish) co_return refused(way, wish.error());
  way.wish = *wish;
  auto bytes = co_await read_body(head, body, parts.settings);
  trail.stages.done(Stage::kBody);
  if (!bytes) co_return refused(way, bytes.error());
  failpoint("exchange.after_parse");
  co_return co_await carry(way, std::move(*bytes));
}

asio::awaitable<Response> send_read_task(const Parts& parts, const RequestHead& head, std::string body,
                                         const Caller& caller, Trail& trail,
                                         std::chrono::steady_clock::time_point deadline) {
  Way way{parts, head, caller, trail, error_format(head), deadline, std::nullopt};
  RequestBody whole{std::move(body), {}};
  co_return co_await carry(way, std::move(whole));
}

}  // namespace gw::exchange
