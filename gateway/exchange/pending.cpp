#include "exchange/pending.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "exchange/answer.hpp"
#include "fhir/operation_outcome.hpp"

namespace gw::exchange {

namespace {

using outbox::State;

std::string tries_so_far(int tries, std::string_view cause) {
  if (tries == 0) return {};
  return fmt::format(" {} failed{}{}.", tries == 1 ? std::string{"One try"} : fmt::format("{} tries", tries),
                     cause.empty() ? "" : "; the last: ", cause);
}

std::string what_happens(const outbox::StoredTask& stored) {
  if (!stored.task.deferral || stored.state == State::kSending) return "it is on its way to the recipient now";
  const auto& deferral = *stored.task.deferral;
  const auto until = fmt::format("until {}, when {}", to_iso8601(deferral.limit), deferral.limit_by);
  if (stored.state == State::kInDoubt) {
    return fmt::format("it may have been delivered; the gateway tries {} to find out", until);
  }
  const auto when = deferral.due ? to_iso8601(*deferral.due) : std::string{};
  return fmt::format("it is not delivered yet; the gateway tries {}.{} The next try is due at {}", until,
                     tries_so_far(stored.attempts, stored.note), when);
}

}  // namespace

std::string outcome_url(const CallerSettings& settings, const Url& url, TaskId id) {
  return fmt::format("{}{}{}/Order/{}/{}", settings.public_url, url.proxied ? "/" : "", url.base, to_text(id),
                     spine::kOutcomeOperation);
}

Response pending(const outbox::StoredTask& stored, std::string outcome_url, seconds poll_after, fhir::Format format) {
  const fhir::Issue issue{.severity = fhir::Severity::kInformation,
                          .type = fhir::IssueType::kInformational,
                          .diagnostics = fmt::format("{}: {}. Ask again at Content-Location for the outcome",
                                                     outbox::word_of(stored.state), what_happens(stored)),
                          .rule = "OUT-06"};
  auto response = answer(202, fhir::write_operation_outcome(std::span{&issue, 1}, format), format);
  response.headers.push_back({"Content-Location", std::move(outcome_url)});
  response.headers.push_back({"Retry-After", std::to_string(poll_after.count())});
  return response;
}

fhir::Refusal refusal_of_expired(const outbox::Deferral& deferral, int tries, std::string_view cause) {
  return refusal_of_recipient(
      504, true,
      fmt::format("Error: the task was not delivered and will not be: at {} {}, and no try is left before that.{} Send "
                  "it again or use another channel",
                  to_iso8601(deferral.limit), deferral.limit_by, tries_so_far(tries, cause)),
      "OUT-06");
}

}  // namespace gw::exchange
