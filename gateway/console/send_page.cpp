#include "console/send_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/digest.hpp"
#include "console/narrative.hpp"
#include "console/own_sender.hpp"
#include "console/send_outcome.hpp"
#include "console/task_detail.hpp"
#include "console/task_list.hpp"
#include "console/words.hpp"

namespace gw::console {

namespace {

using directory::Organisation;

/// The form as it is shown: what was filled in so far.
struct Form {
  const directory::Patient* patient = nullptr;
  std::string to, type, text, identifier;
  std::vector<FieldError> errors;
};

bool is_uuid(std::string_view text) {
  constexpr std::string_view form = "00000000-0000-0000-0000-000000000000";
  constexpr std::string_view digits = "0123456789abcdef";
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), [&](char c, char as) {
           return as == '-' ? c == '-' : digits.find(c) != std::string_view::npos;
         });
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    constexpr unsigned char mask = 0xC0;
    constexpr unsigned char continuation = 0x80;
    return (static_cast<unsigned char>(c) & mask) != continuation;
  }));
}

/// To whom `own` may send at all: who shares with it and has a system.
std::vector<const Organisation*> recipients_of(const Organisation& own, const directory::Directory& directory) {
  std::vector<const Organisation*> found;
  for (const auto& each : directory.organisations()) {
    if (each.ods != own.ods && !each.asid.empty() && directory.share(own, each)) found.push_back(&each);
  }
  std::sort(found.begin(), found.end(), [](const auto* one, const auto* other) { return one->name < other->name; });
  return found;
}

Html to_field(const Form& form, const Organisation& own, const directory::Directory& directory) {
  Html html;
  const auto registered = form.patient->registered_at;
  html << open_group(form.errors, "to") << R"(<label class="nhsuk-label nhsuk-label--s" for="to">To</label>)"_m
       << error_message(form.errors, "to") << R"(<select class="nhsuk-select app-wide" id="to" name="to")"_m
       << described(form.errors, "to") << R"(><option value="">Choose an organisation</option>)"_m;
  for (const auto* each : recipients_of(own, directory)) {
    html << R"(<option value=")"_m << each->ods.text() << "\""_m << (each->ods.text() == form.to ? " selected"_m : ""_m)
         << ">"_m << each->name << " ("_m << each->ods.text() << ")"_m
         << (each->ods == registered ? ", the patient's registered practice"_m : ""_m) << "</option>"_m;
  }
  html << "</select></div>"_m;
  return html;
}

Html type_field(const Form& form) {
  Html html;
  html << open_group(form.errors, "type-1") << R"(<fieldset class="nhsuk-fieldset" role="radiogroup")"_m
       << described(form.errors, "type-1")
       << R"(><legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Task type</legend>)"_m
       << error_message(form.errors, "type-1") << R"(<div class="nhsuk-radios nhsuk-radios--inline">)"_m;
  for (const std::string_view code : {"1", "2"}) {
    html << R"(<div class="nhsuk-radios__item"><input class="nhsuk-radios__input" type="radio" name="type" id="type-)"_m
         << code << R"(" value=")"_m << code << "\""_m << (form.type == code ? " checked"_m : ""_m)
         << R"(><label class="nhsuk-label nhsuk-radios__label" for="type-)"_m << code << R"(">)"_m << text_of_type(code)
         << "</label></div>"_m;
  }
  html << "</div></fieldset></div>"_m;
  return html;
}

Html text_field(const Form& form, std::size_t limit) {
  Html html;
  html << open_group(form.errors, "text") << R"(<label class="nhsuk-label nhsuk-label--s" for="text">Details</label>)"_m
       << R"(<div class="nhsuk-hint" id="text-hint">What is asked or told, and why. At most )"_m << limit
       << R"( characters.</div>)"_m << error_message(form.errors, "text")
       << R"(<textarea class="nhsuk-textarea" id="text" name="text" rows="8" data-limit=")"_m << limit << "\""_m
       << described(form.errors, "text", true) << ">\n"_m << form.text << "</textarea></div>"_m;
  return html;
}

/// Asks for the patient first: everything else follows from who it is.
Page ask_for_patient(const Visit& visit, const std::vector<FieldError>& errors) {
  Page page{.title = "Send a task", .audit = "open send form"};
  page.main
      << error_summary(errors) << R"(<div class="app-narrow"><h1>Send a task</h1>)"_m << form_to("/send", visit)
      << open_group(errors, "nhs-number")
      << R"(<label class="nhsuk-label nhsuk-label--m" for="nhs-number">Which patient is it about?</label>)"_m
      << R"(<div class="nhsuk-hint" id="nhs-number-hint">NHS number, 10 digits, like 999 123 4567</div>)"_m
      << error_message(errors, "nhs-number")
      << R"(<input class="nhsuk-input nhsuk-input--width-10" id="nhs-number" name="nhs-number" value=")"_m
      << visit.form.get("nhs-number") << R"(" inputmode="numeric" autocomplete="off" spellcheck="false")"_m
      << described(errors, "nhs-number", true)
      << R"(></div><div class="app-buttons"><button class="nhsuk-button" name="find" value="1">Continue</button> )"_m
      << R"(<a class="nhsuk-button nhsuk-button--secondary" href="/tasks">Cancel</a></div></form></div>)"_m;
  return page;
}

Page form_page(const Parts& parts, const Visit& visit, const Form& form) {
  const auto& own = *visit.directory->by_ods(visit.user().organisation.text());
  Page page{.title = "Send a task", .audit = "open send form", .patient = form.patient->nhs_number.text()};
  page.main << error_summary(form.errors) << R"(<div class="app-narrow"><h1>Send a task</h1>)"_m
            << patient_banner(*form.patient) << form_to("/send", visit)
            << hidden("nhs-number", form.patient->nhs_number.text()) << hidden("identifier", form.identifier)
            << R"(<div class="nhsuk-form-group"><span class="nhsuk-label nhsuk-label--s">From</span><p>)"_m << own.name
            << ", "_m << visit.user().name << "</p></div>"_m << to_field(form, own, *visit.directory)
            << type_field(form) << text_field(form, parts.settings.text_characters)
            << R"(<div class="app-buttons"><button class="nhsuk-button" data-once="Sending …">Send</button> )"_m
            << R"(<a class="nhsuk-button nhsuk-button--secondary" href="/tasks">Cancel</a></div></form></div>)"_m;
  return page;
}

/// Why this organisation's tasks do not go out from here; nothing when they do.
std::optional<Page> cannot_send(const Parts& parts, const Visit& visit) {
  const auto& own = *visit.directory->by_ods(visit.user().organisation.text());
  if (is_own(own, parts)) return std::nullopt;
  return sorry(403, "Tasks cannot be sent from here",
               fmt::format("This gateway ({}) is not the system registered for {}, so recipients would turn its tasks "
                           "away. Your operator can see to it that the directory names this gateway.",
                           parts.own_fqdn, own.name));
}

const directory::Patient* patient_in(const Visit& visit) {
  const auto number = nhs_number_from(visit.form.get("nhs-number"));
  return number ? visit.directory->patient_by_nhs_number(*number) : nullptr;
}

std::vector<FieldError> no_patient(const Visit& visit) {
  const auto typed = visit.form.get("nhs-number");
  const std::string_view unknown = "The patient index has nobody with this NHS number";
  return {{"nhs-number", std::string{nhs_number_from(typed) ? unknown : why_no_nhs_number(typed)}}};
}

Form fresh_form(const directory::Patient& patient, const Organisation& own) {
  Form form{.patient = &patient, .identifier = random_uuid()};
  if (patient.registered_at != own.ods) form.to = patient.registered_at.text();
  return form;
}

Form filled_form(const Parts& parts, const Visit& visit, const directory::Patient& patient) {
  Form form{.patient = &patient,
            .to = std::string{visit.form.get("to")},
            .type = std::string{visit.form.get("type")},
            .text = std::string{visit.form.get("text")},
            .identifier = std::string{visit.form.get("identifier")}};
  std::erase(form.text, '\r');
  if (!is_uuid(form.identifier)) form.identifier = random_uuid();
  const auto& own = *visit.directory->by_ods(visit.user().organisation.text());
  const auto recipients = recipients_of(own, *visit.directory);
  const bool known =
      std::any_of(recipients.begin(), recipients.end(), [&](const auto* each) { return each->ods.text() == form.to; });
  if (!known) form.errors.push_back({"to", "Choose the organisation that the task is for"});
  if (form.type != "1" && form.type != "2") {
    form.errors.push_back({"type-1", "Choose whether action is needed or it is information only"});
  }
  const auto limit = parts.settings.text_characters;
  if (form.text.empty()) {
    form.errors.push_back({"text", "Enter the details of the task"});
  } else if (const auto size = characters_of(form.text); size > limit) {
    form.errors.push_back(
        {"text", fmt::format("The details must be {} characters or fewer; they have {}", limit, size)});
  }
  return form;
}

/// The form for a task that did not arrive, filled in as it was; its identifier makes sure that it cannot arrive twice.
Form form_again(const outbox::StoredTask& stored, const directory::Patient& patient) {
  Form form{.patient = &patient,
            .to = stored.task.recipient.text(),
            .type = stored.task.type,
            .text = narrative_of(div_of(stored.task)).text,
            .identifier = random_uuid()};
  constexpr std::string_view scheme = "urn:uuid:";
  const auto& earlier = stored.task.identifier_value;
  if (earlier && earlier->starts_with(scheme) && is_uuid(std::string_view{*earlier}.substr(scheme.size()))) {
    form.identifier = earlier->substr(scheme.size());
  }
  return form;
}

}  // namespace

asio::awaitable<Page> send_page(const Parts& parts, const Visit& visit) {
  if (auto cannot = cannot_send(parts, visit)) co_return std::move(*cannot);
  const bool again = visit.query.has("again");
  const auto id = task_id_from(visit.query.get(again ? "again" : "about"));
  if (id.number == 0) co_return ask_for_patient(visit, {});
  const auto stored = co_await parts.outbox.find(id);
  const auto& own = visit.user().organisation;
  if (!stored || !*stored || ((*stored)->task.sender != own && (*stored)->task.recipient != own)) {
    co_return sorry(404, "There is no such task here", "It may have been deleted, as old tasks are.");
  }
  const auto* const patient = patient_of((*stored)->task.subject, *visit.directory);
  if (patient == nullptr) co_return ask_for_patient(visit, {});
  const bool sent_by_us = (*stored)->task.sender == own;
  const auto form =
      again && sent_by_us ? form_again(**stored, *patient) : fresh_form(*patient, *visit.directory->by_ods(own.text()));
  co_return form_page(parts, visit, form);
}

asio::awaitable<Page> send_form(const Parts& parts, const Visit& visit) {
  if (auto cannot = cannot_send(parts, visit)) co_return std::move(*cannot);
  const auto* const patient = patient_in(visit);
  if (patient == nullptr) co_return ask_for_patient(visit, no_patient(visit));
  const auto& own = *visit.directory->by_ods(visit.user().organisation.text());
  if (visit.form.has("find")) co_return form_page(parts, visit, fresh_form(*patient, own));
  auto form = filled_form(parts, visit, *patient);
  if (visit.form.has("change")) form.errors.clear();
  if (visit.form.has("change") || !form.errors.empty()) co_return form_page(parts, visit, form);

  Draft draft{.from = &own,
              .to = visit.directory->by_ods(form.to),
              .patient = patient,
              .action_needed = form.type == "2",
              .text = form.text,
              .identifier = form.identifier};
  auto keep = draft;
  const auto sent = co_await send_as(parts, visit.user(), std::move(draft));
  co_return outcome_page(sent, keep, visit);
}

}  // namespace gw::console
