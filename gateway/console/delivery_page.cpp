#include "console/delivery_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.hpp"
#include "console/settle_page.hpp"
#include "console/words.hpp"
#include "outbox/redrive.hpp"

namespace gw::console {

namespace {

using delivery::Breaker;
using delivery::RecipientHealth;

constexpr std::size_t kMostEntries = 100;

/// What waits for one organisation.
struct Waiting {
  std::size_t entries = 0, in_doubt = 0;
  Instant oldest = Instant::max();
};

std::map<std::string, Waiting> waiting_of(const std::vector<outbox::Backlog>& backlog) {
  std::map<std::string, Waiting> waiting;
  for (const auto& each : backlog) {
    auto& of = waiting[each.recipient.text()];
    (each.state == outbox::State::kInDoubt ? of.in_doubt : of.entries) += each.entries;
    if (each.state != outbox::State::kInDoubt) of.oldest = std::min(of.oldest, each.oldest);
  }
  return waiting;
}

Html state_of(const RecipientHealth& health) {
  Html html;
  switch (health.breaker) {
    case Breaker::State::kClosed:
      html << (health.failures == 0 ? R"(<strong class="nhsuk-tag nhsuk-tag--green">Reachable</strong>)"_m
                                    : R"(<strong class="nhsuk-tag nhsuk-tag--yellow">Failing</strong>)"_m);
      break;
    case Breaker::State::kHalfOpen:
      html << R"(<strong class="nhsuk-tag nhsuk-tag--yellow">Being tried</strong>)"_m;
      break;
    case Breaker::State::kOpen:
      html << R"(<strong class="nhsuk-tag nhsuk-tag--red">Down</strong>)"_m;
      break;
  }
  if (health.failures > 0) html << R"(<br><span class="app-quiet">)"_m << health.last_fault << "</span>"_m;
  return html;
}

std::string ago(const std::optional<milliseconds>& age) {
  return age ? text_of_age(*age) + " ago" : "not since the start";
}

Html cell(std::string_view heading, const Html& content) {
  Html html;
  html << R"(<td role="cell"><span class="app-cell-heading" aria-hidden="true">)"_m << heading << "</span><span>"_m
       << content << "</span></td>"_m;
  return html;
}

/// An organisation's endpoint begins with its host and port.
std::vector<const directory::Organisation*> behind(const RecipientHealth& health,
                                                   const directory::Directory& directory) {
  const auto usual = fmt::format("https://{}/", health.host);
  const auto with_port = fmt::format("https://{}:{}/", health.host, health.port);
  constexpr std::uint16_t https = 443;
  std::vector<const directory::Organisation*> found;
  for (const auto& each : directory.organisations()) {
    const auto endpoint = each.endpoint + "/";
    if (endpoint.starts_with(with_port) || (health.port == https && endpoint.starts_with(usual)))
      found.push_back(&each);
  }
  return found;
}

Html recipient_row(std::string_view name, std::string_view below, const Html& state, std::string_view success,
                   const Waiting& waiting, Instant now) {
  Html who;
  who << name << R"(<br><span class="app-quiet">)"_m << below << "</span>"_m;
  Html queue;
  queue << waiting.entries;
  if (waiting.entries > 0) queue << ", the oldest "_m << text_of_age(now - waiting.oldest);
  Html doubt;
  doubt << waiting.in_doubt;
  Html html;
  html << R"(<tr role="row">)"_m << cell("Recipient", who) << cell("State", state)
       << cell("Last success", text_html(success)) << cell("Waiting", queue) << cell("In doubt", doubt) << "</tr>"_m;
  return html;
}

Html recipients(const Parts& parts, const Visit& visit, const std::vector<outbox::Backlog>& backlog) {
  auto waiting = waiting_of(backlog);
  const auto now = parts.clock.now();
  Html rows;
  for (const auto& health : parts.courier.health()) {
    Waiting sum;
    std::string names;
    for (const auto* each : behind(health, *visit.directory)) {
      names += (names.empty() ? "" : ", ") + each->name;
      const auto found = waiting.find(each->ods.text());
      if (found == waiting.end()) continue;
      sum.entries += found->second.entries;
      sum.in_doubt += found->second.in_doubt;
      sum.oldest = std::min(sum.oldest, found->second.oldest);
      waiting.erase(found);
    }
    const auto host = fmt::format("{}:{}", health.host, health.port);
    rows << recipient_row(names.empty() ? host : names, host, state_of(health), ago(health.since_success), sum, now);
  }
  for (const auto& [ods, each] : waiting) {
    Html unknown;
    unknown << R"(<strong class="nhsuk-tag nhsuk-tag--grey">Not tried</strong>)"_m;
    rows << recipient_row(name_of_organisation(OdsCode{ods}, *visit.directory), ods, unknown, ago({}), each, now);
  }
  Html html;
  html << R"(<h2>Recipients</h2>)"_m;
  if (rows.empty()) {
    html << R"(<p class="nhsuk-inset-text">No task has been sent to another system since the start.</p>)"_m;
    return html;
  }
  html << R"(<table class="app-table" role="table"><thead role="rowgroup"><tr role="row">)"_m;
  for (const std::string_view title : {"Recipient", "State", "Last success", "Waiting", "In doubt"}) {
    html << R"(<th role="columnheader" scope="col">)"_m << title << "</th>"_m;
  }
  html << R"(</tr></thead><tbody role="rowgroup">)"_m << rows << "</tbody></table>"_m;
  return html;
}

/// What an operator may do to an entry, with the reason that goes into the audit; nothing where nothing may be done.
Html actions(const outbox::StoredTask& stored, const Visit& visit, const std::vector<FieldError>& errors) {
  const bool in_doubt = stored.state == outbox::State::kInDoubt;
  const bool redrivable = outbox::objection_to_redrive(stored).empty();
  Html html;
  if (!in_doubt && !redrivable) return html;
  const auto id = to_text(stored.task.id);
  const auto reason = "reason-" + id;
  html << form_to("/delivery", visit) << hidden("id", id) << open_group(errors, reason)
       << R"(<label class="nhsuk-label" for=")"_m << reason << R"(">)"_m
       << (in_doubt ? "How is it known? One line, for the audit"_m : "Why now? One line, for the audit"_m)
       << "</label>"_m << error_message(errors, reason) << R"(<input class="nhsuk-input" id=")"_m << reason
       << R"(" name="reason" maxlength="500" autocomplete="off")"_m << described(errors, reason)
       << R"(></div><div class="app-buttons">)"_m;
  if (in_doubt) {
    html
        << R"(<button class="nhsuk-button nhsuk-button--small nhsuk-button--secondary" name="do" value="delivered">)"_m
        << R"(It arrived</button> )"_m
        << R"(<button class="nhsuk-button nhsuk-button--small nhsuk-button--secondary" name="do" value="not-delivered">)"_m
        << R"(It did not arrive</button> )"_m;
  }
  if (redrivable) {
    html << R"(<button class="nhsuk-button nhsuk-button--small nhsuk-button--secondary" name="do" value="redrive">)"_m
         << (in_doubt ? "Look for it at the recipient"_m : "Try it now"_m) << "</button>"_m;
  }
  html << "</div></form>"_m;
  return html;
}

std::string_view heading_of(const outbox::StoredTask& stored) {
  if (stored.state == outbox::State::kInDoubt) return "In doubt";
  if (stored.text_lost) return "Delivered without its text";
  return is_terminal(stored.state) ? "Not delivered in time" : "Waits to be sent";
}

Html entry(const outbox::StoredTask& stored, const Visit& visit, const std::vector<FieldError>& errors, Instant now) {
  const auto& task = stored.task;
  Html html;
  html << R"(<li class="app-problem"><h3>)"_m << heading_of(stored) << R"( <span class="app-quiet">)"_m
       << text_of_age(now - task.received_at) << R"( ago</span></h3><dl class="nhsuk-summary-list">)"_m
       << summary_row("From", name_of_organisation(task.sender, *visit.directory) + " (" + task.sender.text() + ")")
       << summary_row("To", name_of_organisation(task.recipient, *visit.directory) + " (" + task.recipient.text() + ")")
       << summary_row("Handed in", text_of(task.received_at)) << summary_row("Task id", to_text(task.id))
       << summary_row("Trace id", task.trace.text());
  if (task.deferral && !is_terminal(stored.state)) {
    html << summary_row("Tried until", text_of(task.deferral->limit) + ": " + task.deferral->limit_by);
  }
  if (!stored.note.empty()) html << summary_row("Why", stored.note);
  html << "</dl>"_m << actions(stored, visit, errors) << "</li>"_m;
  return html;
}

Html entries(const outbox::Page& found, const Visit& visit, const std::vector<FieldError>& errors, Instant now) {
  Html html;
  html << R"(<ul class="app-problems">)"_m;
  for (const auto& each : found.tasks) html << entry(each, visit, errors, now);
  html << "</ul>"_m;
  if (found.more) html << R"(<p class="nhsuk-inset-text">There are more; these are the newest.</p>)"_m;
  return html;
}

Html problems(const outbox::Page& found, const Visit& visit, const std::vector<FieldError>& errors, Instant now) {
  Html html;
  html << "<h2>To look into</h2>"_m;
  if (found.tasks.empty()) {
    html << R"(<p class="nhsuk-inset-text">Nothing. No task is in doubt, none went without its text.</p>)"_m;
    return html;
  }
  html << R"(<p>Ask the recipient first: what you say is final, and is told to the sender.</p>)"_m
       << entries(found, visit, errors, now);
  return html;
}

outbox::Query newest() {
  outbox::Query query;
  query.newest_first = true;
  query.with_body = false;
  query.count = kMostEntries;
  return query;
}

asio::awaitable<Page> show(const Parts& parts, const Visit& visit, std::vector<FieldError> errors, std::string done) {
  auto backlog = co_await parts.outbox.backlog();
  auto query = newest();
  query.problems = true;
  auto found = co_await parts.outbox.search(std::move(query));
  auto deferred = newest();
  deferred.states = {outbox::State::kQueued, outbox::State::kRetryWait};
  auto waiting = co_await parts.outbox.search(std::move(deferred));
  if (!backlog || !found || !waiting) {
    const auto fault = !backlog ? backlog.error() : !found ? found.error() : waiting.error();
    log::error("the console cannot read the outbox", {{"cause", fault.detail}});
    co_return sorry(503, "The outbox cannot be read now", "Look at the gateway's log and at /readyz.");
  }
  Page page{.title = "Delivery", .audit = "view delivery"};
  page.main << error_summary(errors);
  if (!done.empty()) {
    page.main << R"(<div class="nhsuk-inset-text" role="status"><p>)"_m << done << "</p></div>"_m;
  }
  page.main << "<h1>Delivery</h1>"_m;
  if (const auto ready = parts.outbox.ready(); !ready) {
    page.main << R"(<p class="nhsuk-inset-text">New tasks are turned away: )"_m << ready.error().detail << "</p>"_m;
  }
  page.main << recipients(parts, visit, *backlog) << problems(*found, visit, errors, parts.clock.now());
  if (!waiting->tasks.empty()) {
    page.main << "<h2>Waiting to be sent</h2>"_m << entries(*waiting, visit, errors, parts.clock.now());
  }
  co_return page;
}

/// What the operator asked for, as the command line does it.
asio::awaitable<Result<std::string>> carry_out(const Parts& parts, const Visit& visit) {
  std::string id{visit.form.get("id")};
  std::string reason{visit.form.get("reason")};
  std::string wanted{visit.form.get("do")};
  auto user_id = "console:" + visit.user().id;
  auto user_name = visit.user().name;
  if (wanted == "redrive") {
    co_return co_await parts.operations.redrive(std::move(id), std::move(reason), std::move(user_id),
                                                std::move(user_name));
  }
  co_return co_await parts.operations.resolve(std::move(id), std::move(wanted), std::move(reason), std::move(user_id),
                                              std::move(user_name));
}

}  // namespace

asio::awaitable<Page> delivery_page(const Parts& parts, const Visit& visit) {
  std::vector<FieldError> none;
  std::string nothing;
  co_return co_await show(parts, visit, std::move(none), std::move(nothing));
}

asio::awaitable<Page> delivery_form(const Parts& parts, const Visit& visit) {
  const std::string_view wanted = visit.form.get("do");
  const bool redrives = wanted == "redrive";
  const auto id = task_id_from(visit.form.get("id"));
  std::vector<FieldError> errors;
  std::string done;
  if (visit.form.get("reason").empty()) {
    errors.push_back({"reason-" + to_text(id),
                      redrives ? "Say why it is tried now" : "Say how it is known what became of the task"});
  } else if (settles(wanted) && !visit.form.has("confirmed")) {
    const auto stored = co_await parts.outbox.find(id);
    if (stored && *stored && (*stored)->state == outbox::State::kInDoubt) co_return settle_page(**stored, visit);
    errors.push_back({"", stored ? "This task is not in doubt any more" : "The task could not be read. Try again"});
  } else {
    auto carried_out = co_await carry_out(parts, visit);
    if (carried_out) {
      done = std::move(*carried_out);
    } else {
      errors.push_back({"", carried_out.error().detail});
    }
  }
  auto page = co_await show(parts, visit, std::move(errors), std::move(done));
  page.task = id;
  page.audit = redrives ? "redrive task" : "resolve task";
  co_return page;
}

}  // namespace gw::console
