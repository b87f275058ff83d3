#include "console/send_outcome.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "console/words.hpp"

namespace gw::console {

namespace {

/// How an outcome is told.
struct Telling {
  std::string title;
  std::string what, next;
  bool good = false;
};

Telling telling_of(const Sent& sent, const Draft& draft) {
  const auto& to = draft.to->name;
  const std::string other_way = fmt::format(" If it cannot wait, use another channel: telephone {}.", to);
  switch (sent.outcome) {
    case Outcome::kReceived:
      return {.title = "Received", .what = fmt::format("{} has stored the task.", to), .next = {}, .good = true};
    case Outcome::kQueued:
      return {.title = "Queued",
              .what = fmt::format("The task waits to be sent to {}. It has not arrived yet.", to),
              .next = "The list of tasks shows when it is received." + other_way,
              .good = true};
    case Outcome::kInDoubt:
      return {
          .title = "Sent, but not confirmed",
          .what = fmt::format("The task was sent to {}, but no answer came. It may or may not have arrived.", to),
          .next = fmt::format("Telephone {} and ask whether they have it. Do not send it anew before you know. Your "
                              "operator has it on a list and puts on record what you find out.",
                              to)};
    case Outcome::kNotDelivered:
      return {.title = "Not delivered",
              .what = fmt::format("The task did not reach {}, and it will not arrive later.", to),
              .next = "You can send it again now; it cannot arrive twice." + other_way};
    case Outcome::kRefused:
      return {.title = "Not delivered: it was refused",
              .what = fmt::format("The task was not stored by {}, and it will not arrive later.", to),
              .next = "Mend what is said below and send it again." + other_way};
  }
  return {};
}

std::string_view audit_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kReceived:
      return "send task: received";
    case Outcome::kQueued:
      return "send task: queued";
    case Outcome::kInDoubt:
      return "send task: in doubt";
    case Outcome::kNotDelivered:
      return "send task: not delivered";
    case Outcome::kRefused:
      return "send task: refused";
  }
  return "send task";
}

Html reasons(const Sent& sent) {
  Html html;
  if (sent.reasons.empty()) return html;
  html << (sent.outcome == Outcome::kRefused ? R"(<details class="nhsuk-details" open>)"_m
                                             : R"(<details class="nhsuk-details">)"_m)
       << R"(<summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">)"_m
       << R"(What the system said</span></summary><div class="nhsuk-details__text"><ul>)"_m;
  for (const auto& reason : sent.reasons) html << "<li>"_m << reason << "</li>"_m;
  html << "</ul></div></details>"_m;
  return html;
}

/// The same task once more, or the way to the form that changes it. The identifier stays, so that it is one task.
Html repeat_form(const Sent& sent, const Draft& draft, const Visit& visit) {
  Html html;
  if (sent.outcome != Outcome::kNotDelivered && sent.outcome != Outcome::kRefused) return html;
  // Of a conflict the identifier belongs to another task: the changed one gets its own.
  constexpr int conflict = 409;
  html << form_to("/send", visit) << hidden("nhs-number", draft.patient->nhs_number.text())
       << hidden("identifier", sent.status == conflict ? random_uuid() : draft.identifier)
       << hidden("to", draft.to->ods.text()) << hidden("type", draft.action_needed ? "2" : "1")
       << hidden("text", draft.text)
       << (sent.outcome == Outcome::kRefused
               ? R"(<button class="nhsuk-button" name="change" value="1">Change it</button></form>)"_m
               : R"(<button class="nhsuk-button" data-once="Sending …">Send again</button></form>)"_m);
  return html;
}

}  // namespace

Page outcome_page(const Sent& sent, const Draft& draft, const Visit& visit) {
  const auto telling = telling_of(sent, draft);
  Page page{.title = telling.title,
            .audit = std::string{audit_of(sent.outcome)},
            .patient = draft.patient->nhs_number.text(),
            .trace = sent.trace};
  if (sent.stored) page.task = sent.stored->task.id;
  page.main
      << R"(<div class="app-narrow">)"_m
      << (telling.good
              ? R"(<div class="nhsuk-panel app-outcome" role="status" data-focus tabindex="-1">)"_m
              : R"(<div class="nhsuk-panel app-outcome app-outcome--bad" role="alert" data-focus tabindex="-1">)"_m)
      << R"(<h1 class="nhsuk-panel__title">)"_m << telling.title << R"(</h1><div class="nhsuk-panel__body">)"_m
      << telling.what << "</div></div>"_m;
  if (!telling.next.empty()) page.main << R"(<p class="app-next">)"_m << telling.next << "</p>"_m;
  page.main << reasons(sent) << R"(<div class="app-buttons">)"_m << repeat_form(sent, draft, visit);
  if (sent.stored) {
    page.main << R"(<a class="nhsuk-button nhsuk-button--secondary" href="/tasks?task=)"_m
              << to_text(sent.stored->task.id) << R"(#task">Show the task</a> )"_m;
  }
  page.main << R"(<a class="nhsuk-button nhsuk-button--secondary" href="/tasks">Back to the tasks</a></div>)"_m
            << R"(<h2>The task</h2>)"_m << patient_banner(*draft.patient) << R"(<dl class="nhsuk-summary-list">)"_m
            << summary_row("From", draft.from->name) << summary_row("To", draft.to->name)
            << summary_row("Task type", text_of_type(draft.action_needed ? "2" : "1"));
  Html text;
  text << R"(<span class="app-plain-text">)"_m << draft.text << "</span>"_m;
  page.main << summary_row("Details", text) << summary_row("Trace id", sent.trace) << "</dl></div>"_m;
  return page;
}

}  // namespace gw::console
