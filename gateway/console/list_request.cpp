#include "console/list_request.hpp"

#include <algorithm>
#include <charconv>

namespace gw::console {

namespace {

/// How far back the list goes when nobody says.
constexpr std::chrono::days kUsualDays{28};

std::optional<Day> day_from(std::string_view text) {
  const auto parsed = parse_fhir_datetime(text);
  if (!parsed || parsed->precision != DateTime::Precision::kDay) return std::nullopt;
  return parsed->day;
}

Day day_after(Day day, std::chrono::days days) {
  return Day{std::chrono::sys_days{day} + days};
}

Choice choice_from(std::string_view name) {
  const auto* const known =
      std::find_if(kChoices.begin(), kChoices.end(), [&](const Choice& each) { return each.name == name; });
  return known == kChoices.end() ? kChoices.front() : *known;
}

}  // namespace

ListRequest ListRequest::from_query(const Fields& query, Instant now) {
  ListRequest request;
  request.show = choice_from(query.get("show"));
  request.other = query.get("other");
  request.patient = query.get("patient");
  request.from = day_from(query.get("from"));
  request.until = day_from(query.get("until"));
  const auto usual = day_after(london_day(now), -kUsualDays);
  if (!query.has("from")) request.from = usual;
  // A patient's list goes back further by itself.
  request.seldom = !request.other.empty() || request.until || (request.patient.empty() && request.from != usual);
  const auto sort = query.get("sort");
  const auto known =
      std::any_of(kColumns.begin(), kColumns.end(), [&](const Column& each) { return each.name == sort; });
  if (known) request.sort = sort;
  request.ascending = query.get("order") == "up";
  const auto page = query.get("page");
  std::size_t number = 1;
  constexpr std::size_t last = kMostListed / kRowsOnPage;
  if (std::from_chars(page.data(), page.data() + page.size(), number).ec == std::errc{}) {
    request.page = std::clamp<std::size_t>(number, 1, last);
  }
  request.task = query.get("task");
  return request;
}

std::string ListRequest::address() const {
  std::string text = "/tasks?sort=" + sort + (ascending ? "&order=up" : "&order=down");
  const auto put = [&text](std::string_view name, std::string_view value) {
    text.append("&").append(name).append("=").append(query_encoded(value));
  };
  put("from", from ? to_iso_date(*from) : std::string{});
  if (until) put("until", to_iso_date(*until));
  if (!show.name.empty()) put("show", show.name);
  if (!other.empty()) put("other", other);
  if (!patient.empty()) put("patient", patient);
  if (page > 1) put("page", std::to_string(page));
  if (!task.empty()) put("task", task);
  return text;
}

outbox::Query ListRequest::query_for(const OdsCode& own) const {
  outbox::Query query;
  query.newest_first = true;
  query.with_body = false;
  query.count = kMostListed;
  if (show.side == Side::kSender) {
    query.sender = own.text();
    if (!other.empty()) query.recipient = other;
  } else if (show.side == Side::kRecipient) {
    query.recipient = own.text();
    if (!other.empty()) query.sender = other;
  } else {
    query.party = own.text();
    if (!other.empty()) query.other_party = other;
  }
  if (show.word) query.states = states_of(*show.word);
  if (!patient.empty()) query.subject = "Patient/" + patient;
  if (from) query.received_from = london_midnight(*from);
  if (until) query.received_before = london_midnight(day_after(*until, std::chrono::days{1}));
  return query;
}

}  // namespace gw::console
