#include "console/audit_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "console/words.hpp"

namespace gw::console {

namespace {

struct Field {
  std::string_view name, label, type;
};
constexpr std::array<Field, 6> kFields = {{
    {"patient", "NHS number of the patient", "text"},
    {"task", "Task id", "text"},
    {"user", "User name or full name", "text"},
    {"organisation", "ODS code or ASID", "text"},
    {"from", "From", "datetime-local"},
    {"to", "To", "datetime-local"},
}};

constexpr std::size_t kMostTyped = 200;

std::optional<std::string> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional{std::string{text}};
}

}  // namespace

AuditRequest AuditRequest::from_form(const Fields& form) {
  AuditRequest request;
  auto& query = request.query;
  const auto wrong = [&request](std::string_view field, std::string_view sentence) {
    request.errors.push_back({std::string{field}, std::string{sentence}});
  };
  query.newest_first = true;
  for (const auto& field : kFields) {
    if (form.get(field.name).size() > kMostTyped) wrong(field.name, "This is too long");
  }
  if (const auto typed = form.get("patient"); !typed.empty()) {
    const auto number = nhs_number_from(typed);
    if (number) query.patient = number->text();
    if (!number) wrong("patient", why_no_nhs_number(typed));
  }
  if (const auto typed = form.get("task"); !typed.empty()) {
    query.task = task_id_from(typed);
    if (query.task->number == 0) wrong("task", "Enter a task id, as the task's page shows it for your IT support");
  }
  query.user = unless_empty(form.get("user"));
  query.organisation = unless_empty(form.get("organisation"));
  constexpr std::string_view right = "Enter a date and a time, like 2026-11-21T09:30";
  if (const auto typed = form.get("from"); !typed.empty()) {
    query.from = moment_from(typed);
    if (!query.from) wrong("from", right);
  }
  if (const auto typed = form.get("to"); !typed.empty()) {
    query.before = moment_from(typed);
    if (!query.before) wrong("to", right);
    if (query.before) *query.before += std::chrono::minutes{1};
  }
  const auto after = form.get("after");
  (void)std::from_chars(after.data(), after.data() + after.size(), query.after);
  query.after = std::max<std::int64_t>(query.after, 0);
  return request;
}

std::string AuditRequest::in_words(const Fields& form) const {
  std::string words;
  for (const auto& field : kFields) {
    if (field.name == "patient" || field.name == "task" || form.get(field.name).empty()) continue;
    words.append(words.empty() ? ": " : ", ").append(field.name).append(" ").append(form.get(field.name));
  }
  return words;
}

Html audit_form(const AuditRequest& request, const Visit& visit) {
  Html html;
  html << form_to("/audit", visit) << R"(<div class="app-search">)"_m;
  for (const auto& field : kFields) {
    html << open_group(request.errors, field.name) << R"(<label class="nhsuk-label" for=")"_m << field.name << R"(">)"_m
         << field.label << "</label>"_m << error_message(request.errors, field.name)
         << R"(<input class="nhsuk-input" type=")"_m << field.type << R"(" id=")"_m << field.name << R"(" name=")"_m
         << field.name << R"(" value=")"_m << visit.form.get(field.name)
         << R"(" autocomplete="off" spellcheck="false")"_m << described(request.errors, field.name) << "></div>"_m;
  }
  html << R"(</div><button class="nhsuk-button">Search</button></form>)"_m;
  return html;
}

Html older_records(const Visit& visit, std::int64_t after) {
  Html html;
  html << form_to("/audit", visit);
  for (const auto& field : kFields) html << hidden(field.name, visit.form.get(field.name));
  html << hidden("after", std::to_string(after))
       << R"(<button class="nhsuk-button nhsuk-button--secondary">Older records</button></form>)"_m;
  return html;
}

}  // namespace gw::console
