#include "console/task_detail.hpp"

#include <algorithm>

#include "console/narrative.hpp"
#include "console/task_list.hpp"
#include "console/words.hpp"
#include "fhir/read.hpp"

namespace gw::console {

namespace {

using outbox::State;
using outbox::StoredTask;

Html organisation(const OdsCode& ods, const directory::Directory& directory) {
  Html html;
  html << name_of_organisation(ods, directory) << R"(<br><span class="app-quiet">)"_m << ods.text();
  const auto* const known = directory.by_ods(ods.text());
  if (known != nullptr && !known->type.empty()) html << ", "_m << known->type;
  html << "</span>"_m;
  return html;
}

Html step(Instant at, std::string_view what) {
  Html html;
  html << R"(<li><span class="app-quiet">)"_m << text_of(at) << "</span> "_m << what << "</li>"_m;
  return html;
}

/// What is on record of its way.
Html history(const StoredTask& stored, Side side) {
  Html html;
  html << R"(<ol class="app-history">)"_m << step(stored.task.received_at, "Handed in and checked");
  if (stored.state == State::kReceived) return html << "</ol>"_m;
  const auto in_mailbox = side == Side::kSender ? "Put into the recipient's mailbox" : "Put into your mailbox";
  html << step(stored.updated_at, stored.mailbox ? in_mailbox : state_text(stored, side)) << "</ol>"_m;
  return html;
}

/// An address that is broken between its parts and not within them.
Html address(std::string_view url) {
  Html html;
  while (!url.empty()) {
    const auto end = std::min(url.find_first_not_of('/', url.find('/')), url.size());
    html << url.substr(0, end) << "<wbr>"_m;
    url.remove_prefix(end);
  }
  return html;
}

Html endpoint_of(const OdsCode& ods, const directory::Directory& directory) {
  const auto* const known = directory.by_ods(ods.text());
  if (known == nullptr) return text_html("Not in the directory");
  return known->has_mailbox() ? text_html("Mailbox here") : address(known->endpoint);
}

std::string identifier_of(const outbox::NewTask& task) {
  return task.identifier_value.value_or(task.given_identifier);
}

Html support(const StoredTask& stored, const directory::Directory& directory) {
  const auto& task = stored.task;
  const auto identifier = identifier_of(task);
  Html rows;
  rows << summary_row("Task id", to_text(task.id)) << summary_row("Trace id", task.trace.text())
       << summary_row("Identifier", identifier.empty() ? "None" : identifier)
       << summary_row("Recipient's address", endpoint_of(task.recipient, directory));
  if (!stored.mailbox && !stored.note.empty()) rows << summary_row("What the system noted", stored.note);
  return for_support(rows);
}

bool may_be_sent_again(const StoredTask& stored, const Visit& visit) {
  return word_for_staff(stored.state) == Word::kError && stored.task.sender == visit.user().organisation;
}

}  // namespace

std::string div_of(const outbox::NewTask& task) {
  const bool xml = task.content_type.find("xml") != std::string::npos;
  const auto document = xml ? fhir::read_xml(task.body) : fhir::read_json(task.body);
  if (!document) return {};
  const auto* const contained = document->root()->child("contained");
  const auto* const text = contained == nullptr ? nullptr : contained->child("text");
  return text == nullptr ? std::string{} : std::string{text->child_value("div")};
}

Html task_detail(const StoredTask& stored, std::string_view written_by, const Visit& visit, std::string_view back) {
  const auto& task = stored.task;
  const auto& directory = *visit.directory;
  const auto* const patient = patient_of(task.subject, directory);
  const auto side = side_of(stored, visit.user().organisation);
  Html html;
  html << R"(<section class="app-detail" id="task" tabindex="-1" aria-labelledby="task-heading">)"_m
       << R"(<a class="nhsuk-back-link app-detail__back" href=")"_m << back << R"(">Back to the list</a>)"_m
       << R"(<h2 id="task-heading">)"_m << text_of_type(task.type) << "</h2>"_m;
  if (patient != nullptr) html << patient_banner(*patient);
  html << R"(<p class="app-detail__state">)"_m << state_tag(stored, side) << "</p><p>"_m << meaning_of(stored, side)
       << "</p>"_m;
  if (stored.text_lost) {
    html << R"(<p class="nhsuk-inset-text">)"_m
         << (side == Side::kSender ? "The recipient shows this task without its text. Tell them by telephone."_m
                                   : "Your system shows this task without its text. Read it here."_m)
         << "</p>"_m;
  }
  if (may_be_sent_again(stored, visit)) {
    html << R"(<p><a class="nhsuk-button nhsuk-button--small" href="/send?again=)"_m << to_text(task.id)
         << R"(">Send again</a></p>)"_m;
  }
  html << R"(<div class="app-narrative" role="group" aria-label="Text of the task">)"_m
       << narrative_of(div_of(task)).html << "</div>"_m
       << R"(<dl class="nhsuk-summary-list">)"_m << summary_row("From", organisation(task.sender, directory))
       << summary_row("Written by", written_by) << summary_row("To", organisation(task.recipient, directory));
  if (patient == nullptr) html << summary_row("Patient", task.subject + ", not in the patient index here");
  html << summary_row("Status", history(stored, side)) << summary_row("Task type", text_of_type(task.type))
       << "</dl>"_m;
  if (patient != nullptr) {
    html << R"(<p><a href="/send?about=)"_m << to_text(task.id) << R"(">Send a task about this patient</a></p>)"_m;
  }
  html << support(stored, directory) << "</section>"_m;
  return html;
}

}  // namespace gw::console
