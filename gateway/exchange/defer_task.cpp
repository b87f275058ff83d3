#include "exchange/defer_task.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/failpoint.hpp"
#include "exchange/answer.hpp"
#include "exchange/time_limit.hpp"

namespace gw::exchange {

namespace {

using outbox::NewTask;
using outbox::StoredTask;

fhir::Refusal refusal_of_full_queue() {
  return refusal_of_recipient(503, false,
                              "too many tasks wait for this recipient already. This request was not delivered and will "
                              "not be: send it again later, or use another channel. If it repeats an earlier request, "
                              "that one's outcome stands, and a repeat will tell it",
                              "OUT-09");
}

/// The entry as it is told, without asking the outbox: it was written this moment.
StoredTask as_queued(const NewTask& task) {
  StoredTask stored;
  stored.task.id = task.id;
  stored.task.deferral =
      outbox::Deferral{.limit = task.deferral->limit, .limit_by = task.deferral->limit_by, .due = task.deferral->due};
  stored.state = outbox::State::kQueued;
  return stored;
}

/// How it stands once its sender has waited as long as it wishes to, or it has come to its end.
asio::awaitable<std::optional<StoredTask>> after_the_wait(const Way& way, TaskId id) {
  const auto until = std::min<Deadline>(way.deadline, std::chrono::steady_clock::now() + way.wish->wait);
  auto ended = co_await way.parts.outbox.wait_until_final(id, until);
  if (ended) co_return std::move(*ended);
  auto found = co_await way.parts.outbox.find(id);
  if (!found) co_return std::nullopt;
  co_return std::move(*found);
}

}  // namespace

std::optional<outbox::Deferral> deferral_of(const Way& way, Instant now) {
  const auto& settings = way.parts.settings.deferred;
  if (!way.wish || way.parts.deferred == nullptr || way.caller.recipient->has_mailbox()) return std::nullopt;
  auto limit = time_limit(*way.wish, way.caller.token, way.caller.recipient->policy, settings.longest_limit, now);
  if (!delivery::may_try(settings.backoff, now, limit.at)) return std::nullopt;
  return outbox::Deferral{.limit = limit.at,
                          .limit_by = std::move(limit.by),
                          .due = now,
                          .target = way.head.target,
                          .headers = without_async_wish(way.head.headers),
                          .peer_address = way.head.peer.address,
                          .mandate = spine::make_token(way.caller.token)};
}

asio::awaitable<Response> defer_task(Way& way, NewTask task, std::string as_it_came) {
  const auto id = task.id;
  auto& deferral = *task.deferral;
  deferral.body = std::move(as_it_came);
  if (!way.parts.deferred->has_room(task.recipient)) co_return refused(way, refusal_of_full_queue());
  const auto queued = as_queued(task);
  const outbox::Planned planned{
      .id = id, .recipient = task.recipient, .subject = task.subject, .due = *deferral.due, .limit = deferral.limit};

  // Without a wait the request's own record goes with the entry, in one commit.
  const bool told_now = way.wish->wait == seconds{0};
  auto record = told_now ? answered(way, id, 202, "queued") : changed(way, id, "queued");
  outbox::Reply none;
  failpoint("exchange.before_admit");
  auto admission =
      co_await way.parts.outbox.admit(std::move(task), outbox::State::kQueued, std::move(none), std::move(record));
  way.trail.stages.done(Stage::kAdmit);
  failpoint("deferred.after_admit");
  const bool admitted = admission && std::holds_alternative<outbox::Admitted>(*admission);
  if (!admitted) way.trail.recorded = false;
  if (!admission) co_return refused(way, refusal_of_storage(admission.error()));
  if (!admitted) co_return co_await not_admitted(way, std::move(*admission));
  way.parts.deferred->add(planned);
  way.trail.record.task = id;
  way.trail.record.outcome = "queued";
  if (told_now) co_return deferred(way, queued);
  const auto waited = co_await after_the_wait(way, id);
  if (!waited) co_return deferred(way, queued);
  auto response = as_before(way, *waited);
  way.trail.record.outcome = outbox::name_of(waited->state);
  co_return response;
}

}  // namespace gw::exchange
