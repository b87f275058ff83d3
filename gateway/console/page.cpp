#include "console/page.hpp"

#include <algorithm>
#include <array>

#include "base/version.hpp"
#include "console/assets.hpp"
#include "console/words.hpp"
#include "spine/nhs_number.hpp"

namespace gw::console {

namespace {

struct Screen {
  std::string_view path, title;
};

std::vector<Screen> screens_of(Role role) {
  if (sees_tasks(role)) return {{"/tasks", "Tasks"}, {"/send", "Send a task"}};
  if (role == Role::kOperator) return {{"/delivery", "Delivery"}};
  return {{"/audit", "Audit"}};
}

Html account(const Visit& visit) {
  Html html;
  const auto& user = visit.user();
  const auto of = user.organisation.empty() ? std::string{name_of(user.role)}
                                            : name_of_organisation(user.organisation, *visit.directory);
  html << R"(<nav class="nhsuk-header__account" aria-label="Account"><ul class="nhsuk-header__account-list">)"_m
       << R"(<li class="nhsuk-header__account-item"><span class="app-account-name">)"_m << user.name << ", "_m << of
       << "</span></li>"_m
       << R"(<li class="nhsuk-header__account-item">)"_m;
  html << R"(<form class="nhsuk-header__account-form" method="post" action="/sign-out">)"_m
       << hidden("form_token", visit.session->form_token)
       << R"(<button class="nhsuk-header__account-button">Sign out</button></form></li></ul></nav>)"_m;
  return html;
}

Html navigation(const Visit& visit) {
  Html html;
  html << R"(<nav class="nhsuk-header__navigation" aria-label="Menu">)"_m
       << R"(<div class="nhsuk-header__navigation-container nhsuk-width-container">)"_m
       << R"(<ul class="nhsuk-header__navigation-list">)"_m;
  for (const auto& screen : screens_of(visit.user().role)) {
    const bool here = visit.path.starts_with(screen.path);
    html << (here ? R"(<li class="nhsuk-header__navigation-item nhsuk-header__navigation-item--current">)"_m
                  : R"(<li class="nhsuk-header__navigation-item">)"_m)
         << R"(<a class="nhsuk-header__navigation-link" href=")"_m << screen.path << "\""_m
         << (here ? R"( aria-current="page")"_m : ""_m) << ">"_m << screen.title << "</a></li>"_m;
  }
  html << "</ul></div></nav>"_m;
  return html;
}

Html header(const Visit& visit) {
  Html html;
  html
      << R"(<header class="nhsuk-header"><div class="nhsuk-header__container nhsuk-width-container">)"_m
      << R"(<div class="nhsuk-header__service"><a class="nhsuk-header__service-name" href="/">GP Connect tasks</a></div>)"_m;
  if (visit.session) html << account(visit);
  html << "</div>"_m;
  if (visit.session) html << navigation(visit);
  html << "</header>"_m;
  return html;
}

}  // namespace

Page redirect(std::string to) {
  Page page;
  page.go_to = std::move(to);
  return page;
}

Page sorry(int status, std::string_view heading, std::string_view sentence) {
  Page page{.status = status, .title = std::string{heading}};
  page.main << "<h1>"_m << heading << "</h1><p>"_m << sentence << R"(</p><p><a href="/">Back to the start</a></p>)"_m;
  return page;
}

std::string document_of(const Page& page, const Visit& visit) {
  Html html;
  html
      << R"(<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>)"_m << page.title
      << R"( – GP Connect tasks</title><meta name="viewport" content="width=device-width, initial-scale=1">)"_m
      << R"(<link rel="stylesheet" href=")"_m << asset_path("console.css") << R"("><link rel="icon" href=")"_m
      << asset_path("icon.svg") << R"(" type="image/svg+xml"><script type="module" src=")"_m << asset_path("console.js")
      << R"("></script></head><body><a class="nhsuk-skip-link" href="#content">Skip to main content</a>)"_m
      << header(visit)
      << R"(<div class="nhsuk-width-container"><main class="nhsuk-main-wrapper app-main" id="content" tabindex="-1">)"_m
      << page.main << "</main></div>"_m
      << R"(<footer class="app-footer"><div class="nhsuk-width-container"><p>gpconnect-gateway )"_m
      << std::string_view{kVersion} << "</p></div></footer></body></html>\n"_m;
  return html.text();
}

Html hidden(std::string_view name, std::string_view value) {
  Html html;
  html << R"(<input type="hidden" name=")"_m << name << R"(" value=")"_m << value << R"(">)"_m;
  return html;
}

Html form_to(std::string_view action, const Visit& visit) {
  Html html;
  html << R"(<form method="post" action=")"_m << action << R"(" novalidate>)"_m
       << hidden("form_token", visit.session ? std::string_view{visit.session->form_token} : std::string_view{});
  return html;
}

bool is_wrong(const std::vector<FieldError>& errors, std::string_view field) {
  return std::any_of(errors.begin(), errors.end(), [&](const FieldError& error) { return error.field == field; });
}

Html error_summary(const std::vector<FieldError>& errors) {
  Html html;
  if (errors.empty()) return html;
  html << R"(<div class="nhsuk-error-summary" aria-labelledby="error-summary-title" role="alert" tabindex="-1" )"_m
       << R"(data-focus><h2 class="nhsuk-error-summary__title" id="error-summary-title">There is a problem</h2>)"_m
       << R"(<div class="nhsuk-error-summary__body"><ul class="nhsuk-list nhsuk-error-summary__list">)"_m;
  for (const auto& error : errors) {
    html << "<li>"_m;
    if (error.field.empty()) {
      html << error.sentence;
    } else {
      html << R"(<a href="#)"_m << error.field << R"(">)"_m << error.sentence << "</a>"_m;
    }
    html << "</li>"_m;
  }
  html << "</ul></div></div>"_m;
  return html;
}

Html error_message(const std::vector<FieldError>& errors, std::string_view field) {
  Html html;
  for (const auto& error : errors) {
    if (error.field != field) continue;
    html << R"(<span class="nhsuk-error-message" id=")"_m << field
         << R"(-error"><span class="nhsuk-u-visually-hidden">Error:</span> )"_m << error.sentence << "</span>"_m;
  }
  return html;
}

Html open_group(const std::vector<FieldError>& errors, std::string_view field) {
  Html html;
  html << (is_wrong(errors, field) ? R"(<div class="nhsuk-form-group nhsuk-form-group--error">)"_m
                                   : R"(<div class="nhsuk-form-group">)"_m);
  return html;
}

Html described(const std::vector<FieldError>& errors, std::string_view field, bool hint) {
  Html html;
  const bool wrong = is_wrong(errors, field);
  if (!hint && !wrong) return html;
  html << R"( aria-describedby=")"_m;
  if (hint) html << field << "-hint"_m;
  if (wrong) html << (hint ? " "_m : ""_m) << field << "-error"_m;
  html << "\""_m;
  if (wrong) html << R"( aria-invalid="true")"_m;
  return html;
}

Html text_html(std::string_view text) {
  Html html;
  html << text;
  return html;
}

Html summary_row(std::string_view key, const Html& value) {
  Html html;
  html << R"(<div class="nhsuk-summary-list__row"><dt class="nhsuk-summary-list__key">)"_m << key
       << R"(</dt><dd class="nhsuk-summary-list__value">)"_m << value << "</dd></div>"_m;
  return html;
}

Html summary_row(std::string_view key, std::string_view value) {
  return summary_row(key, text_html(value));
}

Html for_support(const Html& rows, const Html& after) {
  Html html;
  html << R"(<details class="nhsuk-details app-support"><summary class="nhsuk-details__summary">)"_m
       << R"(<span class="nhsuk-details__summary-text">For your IT support</span></summary>)"_m
       << R"(<div class="nhsuk-details__text"><dl class="nhsuk-summary-list">)"_m << rows << "</dl>"_m << after
       << "</div></details>"_m;
  return html;
}

Html patient_banner(const directory::Patient& patient) {
  Html html;
  html << R"(<div class="app-banner" role="group" aria-label="Patient"><p class="app-banner__name">)"_m
       << name_of(patient) << R"(</p><dl class="app-banner__facts"><div><dt>Born</dt><dd>)"_m
       << (patient.born ? text_of(*patient.born) : std::string{"not known"}) << "</dd></div>"_m;
  if (patient.died) html << "<div><dt>Died</dt><dd>"_m << text_of(*patient.died) << "</dd></div>"_m;
  html << "<div><dt>NHS No.</dt><dd>"_m << spine::display(patient.nhs_number) << "</dd></div></dl></div>"_m;
  return html;
}

}  // namespace gw::console
