#include "console/settle_page.hpp"

#include "console/words.hpp"

namespace gw::console {

namespace {

/// How the question is put for one of the two answers.
struct Question {
  std::string_view title, follows, yes;
};

constexpr Question kArrived = {
    "Put on record that it arrived?",
    "Whoever asks about this task, or sends it again, is told that it arrived. If the recipient does not have it, "
    "nobody will act on it.",
    "Yes, it arrived"};
constexpr Question kNotArrived = {
    "Put on record that it did not arrive?",
    "Whoever asks about this task is told that it did not arrive, and it may be sent again. If the "
    "recipient has it after all, they may act on it twice.",
    "Yes, it did not arrive"};

constexpr std::string_view kDelivered = "delivered";
constexpr std::string_view kNotDelivered = "not-delivered";

}  // namespace

bool settles(std::string_view word) {
  return word == kDelivered || word == kNotDelivered;
}

Page settle_page(const outbox::StoredTask& stored, const Visit& visit) {
  const auto& task = stored.task;
  const auto word = visit.form.get("do");
  const auto reason = visit.form.get("reason");
  const auto& question = word == kDelivered ? kArrived : kNotArrived;
  Page page{.title = std::string{question.title}, .audit = "resolve task: asked to confirm", .task = task.id};
  page.main
      << R"(<div class="app-narrow"><h1>)"_m << question.title << R"(</h1><p class="nhsuk-inset-text">)"_m
      << R"(<strong>This cannot be taken back.</strong> )"_m << question.follows
      << R"(</p><dl class="nhsuk-summary-list">)"_m
      << summary_row("From", name_of_organisation(task.sender, *visit.directory))
      << summary_row("To", name_of_organisation(task.recipient, *visit.directory))
      << summary_row("Handed in", text_of(task.received_at)) << summary_row("Task id", to_text(task.id))
      << summary_row("How it is known", reason) << "</dl>"_m << form_to("/delivery", visit)
      << hidden("id", to_text(task.id)) << hidden("do", word) << hidden("reason", reason) << hidden("confirmed", "1")
      << R"(<div class="app-buttons"><button class="nhsuk-button nhsuk-button--warning" data-once="Recording …">)"_m
      << question.yes << R"(</button> <a class="nhsuk-button nhsuk-button--secondary" href="/delivery">Cancel</a>)"_m
      << "</div></form></div>"_m;
  return page;
}

}  // namespace gw::console
