#include "console/send_outcome.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/digest.hpp"
#include "console/words.hpp"

namespace gw::console {

namespace {

/// Green is for what arrived, and for nothing else.
enum class Tone : unsigned char { kGood, kWaiting, kDoubtful, kBad };

/// How an outcome is told.
struct Telling {
  std::string title;
  std::string what;
  std::vector<std::string> next;  ///< what to do; several: one after the other
  Tone tone = Tone::kBad;
};

Telling telling_of(const Sent& sent, const Draft& draft) {
  const auto& to = draft.to->name;
  const std::string other_way = fmt::format(" If it cannot wait, use another channel: telephone {}.", to);
  switch (sent.outcome) {
    case Outcome::kReceived:
      return {.title = "Received", .what = fmt::format("{} has stored the task.", to), .next = {}, .tone = Tone::kGood};
    case Outcome::kQueued:
      return {.title = "Queued",
              .what = fmt::format("The task waits to be sent to {}. It has not arrived yet.", to),
              .next = {"The list of tasks shows when it is received." + other_way},
              .tone = Tone::kWaiting};
    case Outcome::kInDoubt:
      return {
          .title = "Sent, but not confirmed",
          .what = fmt::format("The task was sent to {}, but no answer came. They may or may not have it.", to),
          .next =
              {fmt::format("Telephone {} and ask whether they have it.", to),
               "If they have it, there is nothing more to send. If they do not, tell them on the telephone what cannot "
               "wait.",
               "Tell your gateway's operator what they said. Do not send the task again before that: they could act "
               "on it twice."},
          .tone = Tone::kDoubtful};
    case Outcome::kNotDelivered:
      return {.title = "Not delivered",
              .what = fmt::format("The task did not reach {}, and it will not arrive later.", to),
              .next = {"You can send it again now; it cannot arrive twice." + other_way}};
    case Outcome::kRefused:
      return {.title = "Not delivered: it was refused",
              .what = fmt::format("The task was not stored by {}, and it will not arrive later.", to),
              .next = {"Mend what is said below and send it again." + other_way}};
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

Markup panel_of(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return R"(<div class="nhsuk-panel app-outcome" role="status" data-focus tabindex="-1">)"_m;
    case Tone::kWaiting:
      return R"(<div class="nhsuk-panel app-outcome app-outcome--waiting" role="status" data-focus tabindex="-1">)"_m;
    case Tone::kDoubtful:
      return R"(<div class="nhsuk-panel app-outcome app-outcome--doubtful" role="alert" data-focus tabindex="-1">)"_m;
    case Tone::kBad:
      break;
  }
  return R"(<div class="nhsuk-panel app-outcome app-outcome--bad" role="alert" data-focus tabindex="-1">)"_m;
}

Html steps(const std::vector<std::string>& next) {
  Html html;
  if (next.size() == 1) html << R"(<p class="app-next">)"_m << next.front() << "</p>"_m;
  if (next.size() < 2) return html;
  html << R"(<h2>What to do now</h2><ol class="app-next">)"_m;
  for (const auto& each : next) html << "<li>"_m << each << "</li>"_m;
  html << "</ol>"_m;
  return html;
}

Html reasons(const Sent& sent) {
  Html html;
  if (sent.reasons.empty()) return html;
  html << "<ul>"_m;
  for (const auto& reason : sent.reasons) html << "<li>"_m << reason << "</li>"_m;
  html << "</ul>"_m;
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
  page.main << R"(<div class="app-narrow">)"_m << panel_of(telling.tone) << R"(<h1 class="nhsuk-panel__title">)"_m
            << telling.title << R"(</h1><div class="nhsuk-panel__body">)"_m << telling.what << "</div></div>"_m
            << steps(telling.next);
  const bool refused = sent.outcome == Outcome::kRefused;
  if (refused) page.main << reasons(sent);
  page.main << R"(<div class="app-buttons">)"_m << repeat_form(sent, draft, visit);
  if (sent.stored) {
    page.main << R"(<a class="nhsuk-button nhsuk-button--secondary" href="/tasks?task=)"_m
              << to_text(sent.stored->task.id) << R"(">Show the task</a> )"_m;
  }
  page.main << R"(<a class="nhsuk-button nhsuk-button--secondary" href="/tasks">Back to the tasks</a></div>)"_m
            << R"(<h2>The task</h2>)"_m << patient_banner(*draft.patient) << R"(<dl class="nhsuk-summary-list">)"_m
            << summary_row("From", draft.from->name) << summary_row("Written by", visit.user().name)
            << summary_row("To", draft.to->name)
            << summary_row("Task type", text_of_type(draft.action_needed ? "2" : "1"));
  Html text;
  text << R"(<span class="app-plain-text">)"_m << draft.text << "</span>"_m;
  Html support;
  if (sent.stored) support << summary_row("Task id", to_text(sent.stored->task.id));
  support << summary_row("Trace id", sent.trace);
  page.main << summary_row("Details", text) << "</dl>"_m << for_support(support, refused ? Html{} : reasons(sent))
            << "</div>"_m;
  return page;
}

}  // namespace gw::console
