#include "exchange/deferred_carrier.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/version.hpp"
#include "delivery/classify.hpp"
#include "exchange/answer.hpp"
#include "exchange/at_work.hpp"
#include "exchange/doubt.hpp"
#include "exchange/earlier_task.hpp"
#include "exchange/media.hpp"
#include "exchange/outcome.hpp"
#include "exchange/pending.hpp"
#include "exchange/recall.hpp"
#include "exchange/relay.hpp"

namespace gw::exchange {

namespace {

using delivery::Delivery;
using delivery::Verdict;
using outbox::Conclusion;
using outbox::Event;
using outbox::State;
using outbox::StoredTask;
using Next = std::optional<Instant>;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr Next kAtItsEnd = std::nullopt;
constexpr milliseconds kNoPause{0};
constexpr std::string_view kNotRegistered =
    "its audit token has ended, and the recipient is not registered for tasks that are deferred for longer";
constexpr std::string_view kNoRoute = "the recipient's registered endpoint cannot be used";

/// A turn under way: what each step needs. Lives in carry's frame.
struct Turn {
  const Parts& parts;
  Random& random;
  const StoredTask& stored;
  std::optional<AtWork>& sending;  ///< set while the entry may be kSending: before that nothing needs settling

  [[nodiscard]] const outbox::Deferral& deferral() const { return *stored.task.deferral; }
  [[nodiscard]] const delivery::BackoffSettings& backoff() const { return parts.settings.deferred.backoff; }
  [[nodiscard]] Instant now() const { return parts.clock.now(); }
  [[nodiscard]] TaskId id() const { return stored.task.id; }
  [[nodiscard]] bool is_doubtful() const { return stored.state == State::kInDoubt; }
  [[nodiscard]] bool has_time() const { return delivery::may_try(backoff(), now(), deferral().limit); }
  /// When something of our own stood in the way: another turn, from what is then on disk.
  [[nodiscard]] Next again() const { return now() + backoff().first; }
  [[nodiscard]] milliseconds delay() const {
    return delivery::delay_after(backoff(), stored.attempts + 1, random.fraction());
  }
  [[nodiscard]] fhir::Format format() const {
    RequestHead head;
    head.target = deferral().target;
    head.headers = deferral().headers;
    return error_format(head);
  }
  [[nodiscard]] outbox::AuditRecord record(int status, std::string outcome) const {
    const auto& task = stored.task;
    outbox::AuditRecord made;
    made.at = now();
    made.kind = "state";
    made.task = task.id;
    made.trace = task.trace.text();
    made.from = task.from.text();
    made.to = task.to.text();
    made.interaction = task.interaction;
    made.organisation = task.sender.text();
    made.status = status;
    made.outcome = std::move(outcome);
    return made;
  }
  void count(std::string_view outcome) const {
    log::info("deferred",
              {{"task", to_text(id())}, {"outcome", outcome}, {"turn", static_cast<long long>(stored.attempts + 1)}});
    if (parts.meters != nullptr) parts.meters->deferred(outcome);
  }
};

/// Write what the turn came to. `next` is when its next one is, once that is on disk.
asio::awaitable<Next> conclude(const Turn& turn, Conclusion conclusion, std::string_view outcome) {
  const auto next = conclusion.due;
  auto record = turn.record(conclusion.reply.status, std::string{outcome});
  failpoint("deferred.before_conclude");
  const auto written = co_await turn.parts.outbox.conclude(turn.id(), std::move(conclusion), std::move(record));
  failpoint("deferred.after_conclude");
  if (!written) {
    log::error("what a deferred task came to could not be written",
               {{"task", to_text(turn.id())}, {"cause", written.error().detail}});
    co_return turn.again();
  }
  if (turn.sending) turn.sending->outcome_is_on_record();
  turn.count(outcome);
  co_return next;
}

Conclusion told(Event event, const fhir::Refusal& refusal, const Turn& turn) {
  auto response = answer(refusal, turn.format());
  return {
      .event = event,
      .reply = {.status = response.status, .headers = std::move(response.headers), .body = std::move(response.body)},
      .note = refusal.issues.front().diagnostics};
}

/// The time is up: certainly not delivered, and its sender is told so when it asks. `tries` failed.
asio::awaitable<Next> expire(const Turn& turn, int tries, std::string_view cause) {
  failpoint("deferred.before_expire");
  auto conclusion = told(Event::kTimeUp, refusal_of_expired(turn.deferral(), tries, cause), turn);
  co_return co_await conclude(turn, std::move(conclusion), "expired");
}

/// In doubt still. Without a next turn it rests, until an operator finds out (OUT-04).
asio::awaitable<Next> plan(const Turn& turn, Next next) {
  auto record = turn.record(0, next ? "in-doubt: looked for again later" : "in-doubt: rests");
  const auto planned = co_await turn.parts.outbox.plan(turn.id(), next, std::move(record));
  if (!planned) co_return turn.again();
  turn.count("in-doubt");
  co_return next;
}

/// It may not be sent any more, whoever tries. What is in doubt rests so: that it failed is not known of it.
asio::awaitable<Next> give_up(const Turn& turn, std::string_view why) {
  if (turn.is_doubtful()) co_return co_await plan(turn, kAtItsEnd);
  const auto refusal = refusal_of_delivery(
      Delivery{.verdict = Verdict::kFailed,
               .status = 502,
               .diagnostics = "Error: the task was not delivered and will not be: " + std::string{why} +
                              ". Send it again or use another channel"});
  auto conclusion = told(Event::kCertainFailure, refusal, turn);
  co_return co_await conclude(turn, std::move(conclusion), "failed");
}

/// How long the recipient itself asks to be left in peace.
milliseconds asked_pause(const Delivery& delivery) {
  if (!delivery.answer) return milliseconds{0};
  const auto text = header_value(delivery.answer->headers, "Retry-After");
  constexpr std::int64_t longest = 86'400;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 0) return milliseconds{0};
  return seconds{std::min(count, longest)};
}

/// It certainly did not arrive this time: later again, inside the limit, or never.
asio::awaitable<Next> not_now(const Turn& turn, std::string cause, milliseconds pause) {
  // No longer than the longest: a due time further ahead is taken for one of a clock that was set since.
  const auto delay = std::max(turn.delay(), std::min(pause, turn.backoff().longest));
  const auto due = delivery::next_try(turn.backoff(), turn.now(), turn.deferral().limit, delay);
  if (!due) co_return co_await expire(turn, turn.stored.attempts + 1, cause);
  Conclusion later{.event = Event::kRetryLater, .note = std::move(cause), .due = due};
  co_return co_await conclude(turn, std::move(later), "retry-wait");
}

/// Whether the sender's own token ends before the recipient can have seen it.
bool has_ended(const Turn& turn, const spine::Token& token) {
  return turn.now() + turn.backoff().last_try > token.expires_at;
}

/// A token of the gateway's own that names the user. Recorded before it is used; a fault when it cannot be.
asio::awaitable<Result<std::string>> fresh_token(const Turn& turn, const Caller& caller) {
  auto token = caller.token;
  token.issuer = turn.parts.settings.caller.public_url;
  token.device = "gpconnect-gateway " + std::string{kVersion};
  token.issued_at = std::chrono::floor<seconds>(turn.now());
  auto record = turn.record(0, "fresh-token");
  note_token(token, record);
  failpoint("deferred.before_fresh");
  const auto recorded = co_await turn.parts.outbox.record(std::move(record));
  if (!recorded) co_return recorded.error();
  co_return "Bearer " + spine::make_token(token);
}

void replace_token(Headers& headers, std::string token) {
  for (auto& header : headers) {
    if (iequals(header.name, "Authorization")) header.value = std::move(token);
  }
}

/// The request as the recipient gets it, and where. Borrowed by what is sent.
struct Message {
  delivery::Route route;
  net::WireRequest request;
};

SteadyTime deadline_of(const Turn& turn) {
  return std::chrono::steady_clock::now() + turn.parts.settings.sender_wait;
}

/// A task in doubt at a recipient where repeating or asking is allowed: it can only turn out to be there (OUT-04).
asio::awaitable<Next> look_again(const Turn& turn, const Caller& caller, const Message& message) {
  const auto deadline = deadline_of(turn);
  const Doubt doubt{turn.parts, caller, message.route, message.request, search_for(turn.stored.task), deadline};
  Delivery open{.verdict = Verdict::kInDoubt, .diagnostics = turn.stored.note};
  failpoint("deferred.before_repeat");
  auto delivery = co_await clear_up(doubt, std::move(open));
  if (delivery.verdict == Verdict::kDelivered) {
    auto outcome = outcome_of(std::move(delivery), SentText{turn.stored.task.text_hash}, caller, turn.parts.settings,
                              turn.format(), turn.id());
    auto conclusion = conclusion_of(outcome);
    conclusion.event = Event::kRepeatStored;
    co_return co_await conclude(turn, std::move(conclusion), "delivered");
  }
  // As long again as it has been in doubt.
  const auto since = std::min(turn.now() - turn.stored.updated_at, turn.backoff().longest);
  const auto delay = std::max(turn.delay(), since);
  const auto due = delivery::next_try(turn.backoff(), turn.now(), turn.deferral().limit, delay);
  co_return co_await plan(turn, due);
}

/// Connect, write down that it is being sent, send, write down what came of it: as send_task does while a sender waits.
asio::awaitable<Next> deliver(const Turn& turn, const Caller& caller, const Message& message) {
  const auto deadline = deadline_of(turn);
  auto connected = co_await turn.parts.courier.connect(message.route, deadline);
  failpoint("deferred.after_connect");
  if (!connected) {
    if (connected.error().kind == FaultKind::kClosed) co_return turn.again();  // we stop: it goes on after the restart
    auto failed = delivery::classify(connected.error());
    co_return co_await not_now(turn, std::move(failed.cause), kNoPause);
  }
  auto lease = std::move(*connected);
  if (turn.now() >= turn.deferral().limit) co_return co_await expire(turn, turn.stored.attempts, turn.stored.note);
  turn.sending.emplace(turn.parts.outbox, turn.id());
  const auto begun = co_await turn.parts.outbox.begin_sending(turn.id());
  if (!begun) {
    // It waits as before. Were it let go, that could meet the next turn, which may be sending it by then.
    turn.sending->outcome_is_on_record();
    co_return turn.again();
  }
  failpoint("deferred.after_sending");
  auto delivery = co_await lease->send(message.request, deadline);
  lease.reset();
  if (delivery.verdict == Verdict::kFailed) {
    const auto pause = asked_pause(delivery);
    co_return co_await not_now(turn, std::move(delivery.cause), pause);
  }
  const auto search = search_for(turn.stored.task);
  const Doubt doubt{turn.parts, caller, message.route, message.request, search, deadline};
  delivery = co_await clear_up(doubt, std::move(delivery));
  const bool open = delivery.verdict == Verdict::kInDoubt && !delivery.pass_on;
  auto outcome = outcome_of(std::move(delivery), SentText{turn.stored.task.text_hash}, caller, turn.parts.settings,
                            turn.format(), turn.id());
  auto conclusion = conclusion_of(outcome);
  if (open && can_clear_up(*caller.recipient, search)) {
    conclusion.due = delivery::next_try(turn.backoff(), turn.now(), turn.deferral().limit, turn.delay());
  }
  co_return co_await conclude(turn, std::move(conclusion), outcome.name);
}

/// A task that something can be done for now.
asio::awaitable<Next> take_up(const Turn& turn) {
  if (!turn.has_time()) {
    if (turn.is_doubtful()) co_return co_await plan(turn, kAtItsEnd);
    co_return co_await expire(turn, turn.stored.attempts, turn.stored.note);
  }
  const auto recalled = co_await recall(turn.parts, turn.stored);
  if (!recalled->can_be_sent()) {
    if (recalled->for_good) co_return co_await give_up(turn, recalled->why);
    if (turn.is_doubtful()) co_return turn.again();
    co_return co_await not_now(turn, std::move(recalled->why), kNoPause);
  }
  const auto& caller = recalled->caller;
  if (turn.is_doubtful() && !can_clear_up(*caller.recipient, search_for(turn.stored.task))) {
    co_return co_await plan(turn, kAtItsEnd);
  }
  if (has_ended(turn, caller.token)) {
    if (!caller.recipient->policy.deferred_limit) co_return co_await give_up(turn, kNotRegistered);
    auto token = co_await fresh_token(turn, caller);
    if (!token) co_return turn.again();
    replace_token(recalled->head.headers, std::move(*token));
  }
  auto route = route_of(turn.parts, caller);
  if (!route) co_return co_await give_up(turn, kNoRoute);
  Message message{.route = std::move(*route), .request = {}};
  const auto& body = turn.deferral().body.empty() ? turn.stored.task.body : turn.deferral().body;
  message.request = relayed_request(recalled->head, caller.url, message.route, body);
  if (turn.is_doubtful()) co_return co_await look_again(turn, caller, message);
  co_return co_await deliver(turn, caller, message);
}

}  // namespace

asio::awaitable<Next> DeferredCarrier::carry(TaskId id) {
  const auto soon = parts_.clock.now() + parts_.settings.deferred.backoff.first;
  const auto found = co_await parts_.outbox.find(id);
  if (!found) co_return soon;
  if (!*found || !(*found)->is_pending()) co_return kAtItsEnd;
  const auto& stored = **found;
  // An earlier turn could not write what came of it: the outbox makes that doubt as soon as the disk allows.
  if (stored.state == State::kSending) co_return soon;
  std::optional<AtWork> sending;
  const Turn turn{parts_, random_, stored, sending};
  co_return co_await take_up(turn);
}

}  // namespace gw::exchange
