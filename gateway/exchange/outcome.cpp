#include "exchange/outcome.hpp"

#include <tuple>
#include <utility>

#include "base/log.hpp"
#include "exchange/answer.hpp"
#include "exchange/earlier_task.hpp"
#include "exchange/relay.hpp"

namespace gw::exchange {

namespace {

using delivery::Delivery;
using delivery::Verdict;
using outbox::Event;

std::pair<Event, std::string_view> meaning_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDelivered:
      return {Event::kRecipientStored, "delivered"};
    case Verdict::kRejected:
      return {Event::kRecipientRefused, "rejected"};
    case Verdict::kFailed:
      return {Event::kCertainFailure, "failed"};
    case Verdict::kInDoubt:
      break;
  }
  return {Event::kUnknownOutcome, "in-doubt"};
}

Response answer_to_sender(Delivery& delivery, fhir::Format format) {
  if (delivery.answer && delivery.pass_on) return passed_on(std::move(*delivery.answer));
  if (delivery.answer && delivery.verdict == Verdict::kDelivered)
    return passed_on_without_body(std::move(*delivery.answer));
  return answer(refusal_of_delivery(delivery), format);
}

}  // namespace

Outcome outcome_of(Delivery delivery, const SentText& text, const Caller& caller, const Settings& settings,
                   fhir::Format format, TaskId id) {
  Outcome outcome;
  std::tie(outcome.event, outcome.name) = meaning_of(delivery.verdict);
  outcome.relayed = delivery.answer.has_value();
  const bool shown = delivery.verdict == Verdict::kDelivered && delivery.answer.has_value();
  const auto echo = shown ? echo_of(*delivery.answer, text, caller, settings) : Echo::kNothingElse;
  outcome.text_lost = echo == Echo::kOtherText;
  outcome.response = answer_to_sender(delivery, format);
  outcome.note = echo == Echo::kEarlierTask
                     ? "The recipient's system took this for a repeat of a task that it has, and told it as that one."
                     : std::move(delivery.diagnostics);
  if (outcome.text_lost) {
    outcome.response.headers.push_back(text_warning());
    log::warn("a recipient shows a task without its text", {{"task", to_text(id)}});
  }
  return outcome;
}

outbox::Conclusion conclusion_of(const Outcome& outcome) {
  const auto& response = outcome.response;
  return {.event = outcome.event,
          .reply = {.status = response.status, .headers = response.headers, .body = response.body},
          .note = outcome.note,
          .text_lost = outcome.text_lost};
}

}  // namespace gw::exchange
