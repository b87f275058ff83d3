#include "console/tasks_page.hpp"

#include <utility>
#include <vector>

#include "base/log.hpp"
#include "console/task_detail.hpp"
#include "console/task_list.hpp"
#include "spine/nhs_number.hpp"

namespace gw::console {

namespace {

Page no_tasks_readable(const Fault& fault) {
  log::error("the console cannot read tasks", {{"cause", fault.detail}});
  return sorry(503, "The tasks cannot be read now",
               "The gateway could not read its store. Try again in a minute; if it stays, tell your operator.");
}

Html patient_filter(const ListRequest& request, const Visit& visit, const std::vector<FieldError>& errors) {
  const auto* const patient =
      request.patient.empty() ? nullptr : visit.directory->patient_by_logical_id(request.patient);
  Html html;
  html << form_to("/tasks/patient", visit) << R"(<div class="app-patient-filter">)"_m;
  if (patient != nullptr) {
    auto everybody = request;
    everybody.patient.clear();
    html << R"(<p class="app-patient-filter__chosen">Tasks about <strong>)"_m << name_of(*patient)
         << "</strong>, NHS number "_m << spine::display(patient->nhs_number) << R"(. <a href=")"_m
         << everybody.address() << R"(">Show everybody's</a></p>)"_m;
  } else {
    html << open_group(errors, "nhs-number")
         << R"(<label class="nhsuk-label" for="nhs-number">Find by NHS number</label>)"_m
         << error_message(errors, "nhs-number")
         << R"(<input class="nhsuk-input nhsuk-input--width-10" id="nhs-number" name="nhs-number" value=")"_m
         << visit.form.get("nhs-number") << R"(" inputmode="numeric" autocomplete="off" spellcheck="false")"_m
         << described(errors, "nhs-number") << R"(> <button class="nhsuk-button nhsuk-button--secondary )"_m
         << R"(nhsuk-button--small">Find</button></div>)"_m;
  }
  html << "</div></form>"_m;
  return html;
}

/// The task that is shown beside the list.
struct Chosen {
  outbox::StoredTask stored;
  std::string written_by;
};

/// The whole screen, from what was read.
Page screen(const outbox::Page& found, const std::optional<Chosen>& chosen, const ListRequest& request,
            const Visit& visit, const std::vector<FieldError>& errors) {
  const auto& own = visit.user().organisation;
  std::vector<Row> rows;
  rows.reserve(found.tasks.size());
  for (const auto& each : found.tasks) rows.push_back(row_of(each, own, *visit.directory));
  sort_rows(rows, request);
  auto list = request;
  list.task.clear();
  Page page{.title = "Tasks", .audit = chosen ? "view task" : "list tasks"};
  page.main << error_summary(errors)
            << R"(<div class="app-title"><h1>Tasks</h1><a class="nhsuk-button" href="/send">Send a task</a></div>)"_m
            << (chosen ? R"(<div class="app-columns app-columns--chosen"><div class="app-list">)"_m
                       : R"(<div class="app-columns"><div class="app-list">)"_m)
            << R"(<div class="app-filters">)"_m << filter_form(request, visit) << patient_filter(request, visit, errors)
            << "</div>"_m << task_table(rows, request, found.more) << "</div>"_m;
  if (chosen) {
    const auto& task = chosen->stored.task;
    page.task = task.id;
    page.trace = task.trace.text();
    const auto* const patient = patient_of(task.subject, *visit.directory);
    if (patient != nullptr) page.patient = patient->nhs_number.text();
    page.main << task_detail(chosen->stored, chosen->written_by, visit, list.address() + "#" + row_id(task.id));
  } else {
    const auto* const patient =
        request.patient.empty() ? nullptr : visit.directory->patient_by_logical_id(request.patient);
    if (patient != nullptr) page.patient = patient->nhs_number.text();
    page.main
        << R"(<section class="app-detail app-detail--none"><p>Choose a task by its date to see all of it here.</p></section>)"_m;
  }
  page.main << "</div>"_m;
  return page;
}

/// Of one patient the list goes back further than of everybody.
Day first_day_for_patient(Instant now) {
  constexpr std::chrono::days year{365};
  return Day{std::chrono::sys_days{london_day(now)} - year};
}

/// Whom the token named that the task was handed in with.
asio::awaitable<std::string> written_by(const Parts& parts, const outbox::StoredTask& stored) {
  const auto first = co_await parts.audit.first_of(stored.task.id, stored.task.received_at);
  if (!first) {
    log::warn("the console cannot look up who wrote a task", {{"cause", first.error().detail}});
    co_return "Cannot be looked up now";
  }
  // What this console writes of a task names who looked at it, not who wrote it.
  const bool handed_in = *first && (*first)->kind != "console" && (*first)->from == stored.task.from.text();
  if (!handed_in || (*first)->user_name.empty()) co_return "Could not be found";
  co_return (*first)->user_name;
}

bool is_of(const outbox::StoredTask& stored, const OdsCode& own) {
  return stored.task.sender == own || stored.task.recipient == own;
}

asio::awaitable<Page> show(const Parts& parts, const Visit& visit, ListRequest request,
                           std::vector<FieldError> errors) {
  const auto& own = visit.user().organisation;
  auto query = request.query_for(own);
  const auto found = co_await parts.outbox.search(std::move(query));
  if (!found) co_return no_tasks_readable(found.error());
  std::optional<Chosen> chosen;
  if (const auto id = task_id_from(request.task); id.number != 0) {
    auto stored = co_await parts.outbox.find(id);
    if (!stored) co_return no_tasks_readable(stored.error());
    // Somebody else's is told of as if there were none.
    if (!*stored || !is_of(**stored, own)) {
      auto none = sorry(404, "There is no such task here", "It may have been deleted, as old tasks are.");
      none.audit = "refused: no such task of this organisation";
      none.task = id;
      co_return none;
    }
    auto author = co_await written_by(parts, **stored);
    chosen = Chosen{std::move(**stored), std::move(author)};
  }
  co_return screen(*found, chosen, request, visit, errors);
}

}  // namespace

asio::awaitable<Page> tasks_page(const Parts& parts, const Visit& visit) {
  auto request = ListRequest::from_query(visit.query, parts.clock.now());
  std::vector<FieldError> none;
  co_return co_await show(parts, visit, std::move(request), std::move(none));
}

asio::awaitable<Page> tasks_of_patient(const Parts& parts, const Visit& visit) {
  auto request = ListRequest::from_query({}, parts.clock.now());
  request.from = first_day_for_patient(parts.clock.now());
  std::vector<FieldError> errors;
  const auto typed = visit.form.get("nhs-number");
  const auto number = nhs_number_from(typed);
  const auto* const patient = number ? visit.directory->patient_by_nhs_number(*number) : nullptr;
  if (patient != nullptr) {
    request.patient = patient->logical_id;
    auto page = redirect(request.address());
    page.audit = "list tasks of patient";
    page.patient = patient->nhs_number.text();
    co_return page;
  }
  const std::string_view unknown = "The patient index has nobody with this NHS number";
  errors.push_back({"nhs-number", std::string{number ? unknown : why_no_nhs_number(typed)}});
  co_return co_await show(parts, visit, std::move(request), std::move(errors));
}

}  // namespace gw::console
