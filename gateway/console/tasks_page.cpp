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
    html
        << R"(<div class="nhsuk-form-group"><label class="nhsuk-label" for="nhs-number">Find by NHS number</label>)"_m
        << error_message(errors, "nhs-number")
        << R"(<input class="nhsuk-input nhsuk-input--width-10" id="nhs-number" name="nhs-number" inputmode="numeric" )"_m
        << R"(autocomplete="off" spellcheck="false"> <button class="nhsuk-button nhsuk-button--secondary )"_m
        << R"(nhsuk-button--small">Find</button></div>)"_m;
  }
  html << "</div></form>"_m;
  return html;
}

/// The whole screen, from what was read.
Page screen(const outbox::Page& found, const std::optional<outbox::StoredTask>& chosen, ListRequest request,
            const Visit& visit, const std::vector<FieldError>& errors) {
  const auto& own = visit.user().organisation;
  std::vector<Row> rows;
  rows.reserve(found.tasks.size());
  for (const auto& each : found.tasks) rows.push_back(row_of(each, own, *visit.directory));
  sort_rows(rows, request);
  auto list = request;
  list.task.clear();
  Page page{.title = "Tasks", .audit = chosen ? "view task" : "list tasks"};
  page.main << error_summary(errors) << R"(<div class="app-title"><h1><span class="nhsuk-caption-l">)"_m
            << name_of_organisation(own, *visit.directory)
            << R"(</span> Tasks</h1><a class="nhsuk-button" href="/send">Send a task</a></div>)"_m
            << (chosen ? R"(<div class="app-columns app-columns--chosen"><div class="app-list">)"_m
                       : R"(<div class="app-columns"><div class="app-list">)"_m)
            << filter_form(request, visit) << patient_filter(request, visit, errors)
            << task_table(rows, request, found.more) << "</div>"_m;
  if (chosen) {
    page.task = chosen->task.id;
    page.trace = chosen->task.trace.text();
    const auto* const patient = patient_of(chosen->task.subject, *visit.directory);
    if (patient != nullptr) page.patient = patient->nhs_number.text();
    page.main << task_detail(*chosen, visit, list.address());
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

bool is_of(const outbox::StoredTask& stored, const OdsCode& own) {
  return stored.task.sender == own || stored.task.recipient == own;
}

asio::awaitable<Page> show(const Parts& parts, const Visit& visit, ListRequest request,
                           std::vector<FieldError> errors) {
  const auto& own = visit.user().organisation;
  auto query = request.query_for(own);
  const auto found = co_await parts.outbox.search(std::move(query));
  if (!found) co_return no_tasks_readable(found.error());
  std::optional<outbox::StoredTask> chosen;
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
    chosen = std::move(**stored);
  }
  co_return screen(*found, chosen, std::move(request), visit, errors);
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
  const auto number = nhs_number_from(visit.form.get("nhs-number"));
  const auto* const patient = number ? visit.directory->patient_by_nhs_number(*number) : nullptr;
  if (patient != nullptr) {
    request.patient = patient->logical_id;
    auto page = redirect(request.address());
    page.audit = "list tasks of patient";
    page.patient = patient->nhs_number.text();
    co_return page;
  }
  errors.push_back({"nhs-number", number ? "The patient index has nobody with this NHS number"
                                         : "Enter an NHS number of 10 digits, like 999 123 4567"});
  co_return co_await show(parts, visit, std::move(request), std::move(errors));
}

}  // namespace gw::console
