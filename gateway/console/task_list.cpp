#include "console/task_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "console/words.hpp"
#include "spine/nhs_number.hpp"

namespace gw::console {

namespace {

std::string key_of(const Row& row, std::string_view column) {
  if (column == "direction") return row.side == Side::kSender ? "1" : "2";
  if (column == "other") return row.other;
  if (column == "patient") return row.patient == nullptr ? std::string{} : name_of(*row.patient);
  if (column == "type") return row.stored->task.type;
  if (column == "state") return std::string{state_text(*row.stored, row.side)};
  return {};
}

Html option(std::string_view value, std::string_view title, std::string_view chosen) {
  Html html;
  html << R"(<option value=")"_m << value << "\""_m << (value == chosen ? " selected"_m : ""_m) << ">"_m << title
       << "</option>"_m;
  return html;
}

Html select_field(std::string_view name, std::string_view label, const Html& options) {
  Html html;
  html << R"(<div class="app-filter__field"><label class="nhsuk-label" for=")"_m << name << R"(">)"_m << label
       << R"(</label><select class="nhsuk-select" id=")"_m << name << R"(" name=")"_m << name << R"(">)"_m << options
       << "</select></div>"_m;
  return html;
}

Html date_field(std::string_view name, std::string_view label, const std::optional<Day>& day) {
  Html html;
  html << R"(<div class="app-filter__field"><label class="nhsuk-label" for=")"_m << name << R"(">)"_m << label
       << R"(</label><input class="nhsuk-input" type="date" id=")"_m << name << R"(" name=")"_m << name
       << R"(" value=")"_m << (day ? to_iso_date(*day) : std::string{}) << R"("></div>)"_m;
  return html;
}

Html heading_cell(const Column& column, const ListRequest& request) {
  const bool sorted = request.sort == column.name;
  auto other = request;
  other.sort = column.name;
  other.ascending = sorted ? !request.ascending : column.name != "time";
  other.page = 1;
  other.task.clear();
  const auto line = column.title.find('/') + 1;  // where it may be broken; of most at their beginning
  Html html;
  html << R"(<th role="columnheader" scope="col" aria-sort=")"_m
       << (!sorted             ? "none"_m
           : request.ascending ? "ascending"_m
                               : "descending"_m)
       << R"("><a href=")"_m << other.address() << R"(">)"_m << column.title.substr(0, line) << "<wbr>"_m
       << column.title.substr(line) << R"(<span class="app-sort" aria-hidden="true"></span></a></th>)"_m;
  return html;
}

Html cell(std::string_view heading, const Html& content) {
  Html html;
  html << R"(<td role="cell"><span class="app-cell-heading" aria-hidden="true">)"_m << heading << "</span><span>"_m
       << content << "</span></td>"_m;
  return html;
}

Html patient_cell(const Row& row) {
  Html html;
  if (row.patient == nullptr) {
    html << R"(<span class="app-quiet">)"_m << row.stored->task.subject << "</span>"_m;
  } else {
    html << name_of(*row.patient) << R"(<br><span class="app-quiet app-nowrap">)"_m
         << spine::display(row.patient->nhs_number) << "</span>"_m;
  }
  return html;
}

Html table_row(const Row& row, const ListRequest& request) {
  const auto& task = row.stored->task;
  const bool sent = row.side == Side::kSender;
  const auto id = row_id(task.id);
  auto chosen = request;
  chosen.task = to_text(task.id);
  const bool here = request.task == chosen.task;
  const auto at = text_of(task.received_at);
  const auto blank = std::min(at.find(' '), at.size());
  Html time;
  time << R"(<a class="app-row-link" href=")"_m << chosen.address() << "#"_m << id << "\""_m
       << (here ? R"( aria-current="true")"_m : ""_m) << R"(><span class="app-nowrap">)"_m << at.substr(0, blank)
       << "</span>"_m << at.substr(blank) << "</a>"_m;
  Html html;
  html << R"(<tr role="row" id=")"_m << id << (here ? R"(" class="app-chosen">)"_m : R"(">)"_m)
       << cell("Date and time", time) << cell("Sent/Received", text_html(sent ? "Sent" : "Received"))
       << cell(sent ? "To" : "From", text_html(row.other)) << cell("Patient", patient_cell(row))
       << cell("Type", text_html(text_of_type(task.type))) << cell("State", state_tag(*row.stored, row.side))
       << "</tr>"_m;
  return html;
}

Html pages(const ListRequest& request, std::size_t rows) {
  Html html;
  const auto last = std::max<std::size_t>((rows + kRowsOnPage - 1) / kRowsOnPage, 1);
  if (last == 1) return html;
  const auto link = [&](std::size_t page, std::string_view rel, std::string_view title) {
    auto other = request;
    other.page = page;
    other.task.clear();
    html << R"(<a rel=")"_m << rel << R"(" href=")"_m << other.address() << R"(">)"_m << title << "</a> "_m;
  };
  html << R"(<nav class="app-pages" aria-label="Pages">)"_m;
  if (request.page > 1) link(request.page - 1, "prev", "Newer page");
  html << "<span>Page "_m << request.page << " of "_m << last << "</span> "_m;
  if (request.page < last) link(request.page + 1, "next", "Next page");
  html << "</nav>"_m;
  return html;
}

}  // namespace

const directory::Patient* patient_of(std::string_view reference, const directory::Directory& directory) {
  constexpr std::string_view type = "Patient/";
  return reference.starts_with(type) ? directory.patient_by_logical_id(reference.substr(type.size())) : nullptr;
}

Side side_of(const outbox::StoredTask& stored, const OdsCode& own) {
  return stored.task.sender == own ? Side::kSender : Side::kRecipient;
}

std::string row_id(TaskId id) {
  return "row-" + to_text(id);
}

Row row_of(const outbox::StoredTask& stored, const OdsCode& own, const directory::Directory& directory) {
  const auto side = side_of(stored, own);
  const auto& other = side == Side::kSender ? stored.task.recipient : stored.task.sender;
  return {.stored = &stored,
          .side = side,
          .other = name_of_organisation(other, directory),
          .patient = patient_of(stored.task.subject, directory)};
}

void sort_rows(std::vector<Row>& rows, const ListRequest& request) {
  // They come newest first, and stay so among equals.
  if (request.sort == "time") {
    if (request.ascending) std::reverse(rows.begin(), rows.end());
    return;
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& one, const Row& other) {
    const auto left = key_of(one, request.sort);
    const auto right = key_of(other, request.sort);
    return request.ascending ? left < right : right < left;
  });
}

Html filter_form(const ListRequest& request, const Visit& visit) {
  Html choices;
  for (const auto& each : kChoices) choices << option(each.name, each.title, request.show.name);
  const auto& own = *visit.directory->by_ods(visit.user().organisation.text());
  Html others;
  others << option("", "Any organisation", request.other);
  for (const auto& each : visit.directory->organisations()) {
    if (&each == &own || !visit.directory->share(own, each)) continue;
    others << option(each.ods.text(), each.name, request.other);
  }
  Html html;
  html << R"(<form class="app-filter" method="get" action="/tasks" aria-label="Filter the list">)"_m
       << hidden("sort", request.sort) << hidden("order", request.ascending ? "up" : "down")
       << select_field("show", "Show", choices)
       << (request.seldom ? R"(<details class="nhsuk-details app-filter__more" open>)"_m
                          : R"(<details class="nhsuk-details app-filter__more">)"_m)
       << R"(<summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">More filters</span>)"_m
       << R"(</summary><div class="app-filter__fields">)"_m << select_field("other", "From or to", others)
       << date_field("from", "From day", request.from) << date_field("until", "To day", request.until)
       << "</div></details>"_m;
  if (!request.patient.empty()) html << hidden("patient", request.patient);
  html << R"(<button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small">Apply</button>)"_m
       << R"(</form>)"_m;
  return html;
}

Html task_table(const std::vector<Row>& rows, const ListRequest& request, bool more) {
  Html html;
  if (rows.empty()) {
    html << R"(<p class="nhsuk-inset-text">No tasks match. Choose other days or another filter.</p>)"_m;
    return html;
  }
  const auto first = std::min((request.page - 1) * kRowsOnPage, rows.size());
  const auto last = std::min(first + kRowsOnPage, rows.size());
  html << R"(<table class="app-table" role="table"><caption class="app-quiet">)"_m
       << fmt::format("{}{} task{}{}{}", more ? "The newest " : "", rows.size(), rows.size() == 1 ? "" : "s",
                      request.from ? " from " + text_of(*request.from) : "",
                      request.until ? " to " + text_of(*request.until) : "")
       << R"(</caption><thead role="rowgroup"><tr role="row">)"_m;
  for (const auto& column : kColumns) html << heading_cell(column, request);
  html << R"(</tr></thead><tbody role="rowgroup">)"_m;
  for (auto at = first; at < last; ++at) html << table_row(rows[at], request);
  html << "</tbody></table>"_m << pages(request, rows.size());
  if (more) {
    html
        << R"(<p class="nhsuk-inset-text">More tasks match than are listed here. Choose days to see the older ones.</p>)"_m;
  }
  return html;
}

Html state_tag(const outbox::StoredTask& stored, Side side) {
  const auto open = [&] {
    switch (word_for_staff(stored.state)) {
      case Word::kQueued:
        return R"(<strong class="nhsuk-tag nhsuk-tag--grey">)"_m;
      case Word::kSent:
        return R"(<strong class="nhsuk-tag nhsuk-tag--yellow">)"_m;
      case Word::kReceived:
        return side == Side::kSender ? R"(<strong class="nhsuk-tag nhsuk-tag--green">)"_m
                                     : R"(<strong class="nhsuk-tag nhsuk-tag--blue">)"_m;
      case Word::kError:
        return R"(<strong class="nhsuk-tag nhsuk-tag--red">)"_m;
    }
    return ""_m;
  }();
  Html html;
  html << open << state_text(stored, side) << "</strong>"_m;
  return html;
}

}  // namespace gw::console
