#include "console/audit_page.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "console/audit_request.hpp"
#include "console/own_sender.hpp"
#include "console/words.hpp"
#include "spine/nhs_number.hpp"

namespace gw::console {

namespace {

using outbox::AuditEntry;
using outbox::AuditRecord;
using outbox::AuditVerdict;

std::string_view text_of_kind(std::string_view kind) {
  if (kind == "request") return "Request";
  if (kind == "state") return "New state of the task";
  if (kind == "recovery") return "Put right at a start";
  if (kind == "operator") return "Operator";
  if (kind == "console") return "Console";
  if (kind == "retention") return "Deleted when old";
  if (kind == "chain") return "The audit itself";
  return kind;
}

std::string patient_text(const std::string& number) {
  const auto known = nhs_number_from(number);
  return known ? spine::display(*known) : number;
}

Html two_lines(std::string_view first, std::string_view second) {
  Html html;
  html << first;
  if (!second.empty())
    html << (first.empty() ? ""_m : "<br>"_m) << R"(<span class="app-quiet">)"_m << second << "</span>"_m;
  return html;
}

Html who(const AuditRecord& record) {
  // The console's own records name a role of the gateway's, requests an SDS job role code.
  const bool coded = record.kind != "console" && !record.user_role.empty();
  auto more = (coded ? "job role " : "") + record.user_role;
  if (!record.organisation.empty()) more += (more.empty() ? "" : ", ") + record.organisation;
  return two_lines(record.user_name.empty() ? record.user_id : record.user_name, more);
}

Html what(const AuditRecord& record) {
  auto kind = std::string{text_of_kind(record.kind)};
  if (record.status != 0) kind += fmt::format(", HTTP status {}", record.status);
  return two_lines(record.outcome, kind);
}

/// From whom to whom, and where the request came from.
Html way(const AuditRecord& record, const directory::Directory& directory) {
  const auto name = [&directory](const std::string& asid) {
    const auto* const known = directory.by_asid(Asid{asid});
    return known == nullptr || known->name.empty() ? asid : known->name;
  };
  const bool between = !record.from.empty() || !record.to.empty();
  const auto sides = between ? fmt::format("{} to {}", name(record.from), name(record.to)) : std::string{};
  if (record.peer_address.empty()) return text_html(sides);
  return two_lines(sides, record.peer_address == kOwnPeer ? "from the console" : "from " + record.peer_address);
}

Html cell(std::string_view heading, const Html& content) {
  Html html;
  html << R"(<td role="cell"><span class="app-cell-heading" aria-hidden="true">)"_m << heading << "</span><span>"_m
       << content << "</span></td>"_m;
  return html;
}

Html table_row(const AuditEntry& entry, const directory::Directory& directory) {
  const auto& record = entry.record;
  Html html;
  Html patient;
  patient << R"(<span class="app-nowrap">)"_m << patient_text(record.patient) << "</span>"_m;
  Html task;
  task << R"(<span class="app-nowrap">)"_m << (record.task ? to_text(*record.task) : std::string{}) << "</span>"_m;
  Html time;
  time << R"(<span class="app-nowrap">)"_m << text_of(record.at) << R"(</span><br><span class="app-quiet">record )"_m
       << entry.number << "</span>"_m;
  html << R"(<tr role="row">)"_m << cell("Date and time", time) << cell("Who", who(record))
       << cell("What", what(record)) << cell("Patient", patient) << cell("Task", task)
       << cell("From and to", way(record, directory)) << "</tr>"_m;
  return html;
}

Html table(const AuditRecords& found, const Visit& visit) {
  Html html;
  html << R"(<section class="app-records" id="records" tabindex="-1" data-focus aria-label="Records found">)"_m;
  if (found.entries.empty()) {
    html
        << R"(<p class="nhsuk-inset-text">No record matches. Fill in fewer fields, or choose another time.</p></section>)"_m;
    return html;
  }
  html << R"(<table class="app-table" role="table"><caption class="app-quiet">)"_m
       << fmt::format("{} record{}, the newest first{}", found.entries.size(), found.entries.size() == 1 ? "" : "s",
                      found.more ? "; there are older ones" : "")
       << R"(</caption><thead role="rowgroup"><tr role="row">)"_m;
  for (const std::string_view title : {"Date and time", "Who", "What", "Patient", "Task", "From and to"}) {
    html << R"(<th role="columnheader" scope="col">)"_m << title << "</th>"_m;
  }
  html << R"(</tr></thead><tbody role="rowgroup">)"_m;
  for (const auto& entry : found.entries) html << table_row(entry, *visit.directory);
  html << "</tbody></table>"_m;
  if (found.more) html << older_records(visit, found.entries.back().number);
  html << "</section>"_m;
  return html;
}

Html told(const AuditVerdict& verdict) {
  Html html;
  const auto head = verdict.records == 0 ? std::string{} : to_text(outbox::AuditHead{verdict.records, verdict.head});
  if (verdict.flaw) {
    html << R"(<div class="nhsuk-panel app-outcome app-outcome--bad" role="alert" tabindex="-1" data-focus>)"_m
         << R"(<h2 class="nhsuk-panel__title">The audit is not as it was written</h2><div class="nhsuk-panel__body">)"_m
         << verdict.flaw->what << "</div></div><p>The "_m << verdict.records
         << " records before it are good. Leave the gateway's files as they are, and tell whoever answers for them."_m
         << "</p>"_m;
    return html;
  }
  html << R"(<div class="nhsuk-panel app-outcome" role="status" tabindex="-1" data-focus>)"_m
       << R"(<h2 class="nhsuk-panel__title">The audit is as it was written</h2><div class="nhsuk-panel__body">)"_m
       << fmt::format("{} records, each unchanged and in its place.", verdict.records) << "</div></div><ul><li>"_m
       << (verdict.key.empty()
               ? std::string{"It is under no key: whoever can write its file could make it anew."}
               : fmt::format("It is under the key {}: nobody without it could have made it anew.", verdict.key))
       << "</li><li>"_m
       << (verdict.witness ? "It ends as its witness saw it: nothing was cut off."_m
                           : "It has no witness: records cut off at its end would not be missed."_m)
       << "</li></ul>"_m;
  if (!head.empty()) {
    html << R"(<p>Its head, to keep elsewhere and to check against later: <span class="app-code">)"_m << head
         << "</span></p>"_m;
  }
  return html;
}

Html verify_form(const Visit& visit) {
  Html html;
  html
      << R"(<section class="app-verify"><h2>Is it as it was written?</h2><p>Every record is sealed to the one before )"_m
      << R"(it. The check reads them all and finds the first that was changed, put in or taken out.</p>)"_m
      << form_to("/audit/verify", visit)
      << R"(<button class="nhsuk-button nhsuk-button--secondary" data-once="Checking …">Check the audit</button>)"_m
      << "</form></section>"_m;
  return html;
}

/// The screen with `result` between its head and its forms.
Page screen(const AuditRequest& request, const Visit& visit, const Html& result) {
  Page page{.title = "Audit"};
  page.main
      << error_summary(request.errors) << "<h1>Audit</h1>"_m << result << "<h2>Search</h2>"_m
      << R"(<p>A record must match every field that you fill in. Leave all of them empty to see the newest records.</p>)"_m
      << audit_form(request, visit);
  return page;
}

Page cannot_be_read(const Fault& fault) {
  if (fault.kind == FaultKind::kOverloaded) {
    return sorry(503, "The audit is busy", "Others search or check it at this moment. Try again in a minute.");
  }
  log::error("the console cannot read the audit", {{"cause", fault.detail}});
  return sorry(503, "The audit cannot be read now",
               "The gateway could not read its store or the audit's keys. Its log says why; tell your operator.");
}

}  // namespace

asio::awaitable<Page> audit_page(const Parts&, const Visit& visit) {
  auto page = screen({}, visit, {});
  page.main << verify_form(visit);
  page.audit = "open audit";
  co_return page;
}

asio::awaitable<Page> audit_search(const Parts& parts, const Visit& visit) {
  const auto request = AuditRequest::from_form(visit.form);
  Page page;
  if (request.errors.empty()) {
    auto query = request.query;
    const auto found = co_await parts.audit.search(std::move(query), parts.settings.audit_records);
    if (found) {
      page = screen(request, visit, {});
      page.main << table(*found, visit);
    } else {
      page = cannot_be_read(found.error());
    }
    page.patient = request.query.patient.value_or(std::string{});
    page.task = request.query.task;
    page.audit = "search audit" + request.in_words(visit.form);
  } else {
    page = screen(request, visit, {});
    page.status = 400;
    page.audit = "search audit: refused";
  }
  page.main << verify_form(visit);
  co_return page;
}

asio::awaitable<Page> audit_verify(const Parts& parts, const Visit& visit) {
  const auto verdict = co_await parts.audit.verify();
  if (!verdict) {
    auto page = cannot_be_read(verdict.error());
    page.audit = "verify audit: not done";
    co_return page;
  }
  auto page = screen({}, visit, told(*verdict));
  page.main << verify_form(visit);
  page.audit = verdict->flaw ? fmt::format("verify audit: broken at record {}", verdict->flaw->number)
                             : fmt::format("verify audit: good, {} records", verdict->records);
  co_return page;
}

}  // namespace gw::console
