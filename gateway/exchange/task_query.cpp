#include <charconv>
#include <utility>

#include "exchange/search_tasks.hpp"

namespace gw::exchange {

namespace {

using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;
using outbox::Query;
using Bad = std::optional<fhir::Refusal>;

fhir::Refusal invalid(std::string_view name, std::string_view what) {
  return fhir::refuse(422, Issue{.type = IssueType::kValue,
                                 .code = ErrorCode::kInvalidParameter,
                                 .diagnostics = "the search parameter " + std::string{name} + " " + std::string{what},
                                 .location = std::string{name},
                                 .rule = "ANS-09"});
}

/// "1", "Patient/1" or "[base]/Patient/1" as "Patient/1".
std::string as_reference(std::string_view value, std::string_view type, const Caller& caller) {
  if (value.starts_with(caller.base + "/")) value.remove_prefix(caller.base.size() + 1);
  if (value.find('/') != std::string_view::npos) return std::string{value};
  return std::string{type} + "/" + std::string{value};
}

/// The instants [first, last) that a date of any precision covers, in Europe/London.
std::optional<std::pair<Instant, Instant>> covered_by(std::string_view text) {
  const auto parsed = parse_fhir_datetime(text);
  if (!parsed) return std::nullopt;
  if (parsed->instant) return std::pair{*parsed->instant, *parsed->instant + seconds{1}};
  auto end = parsed->day;
  switch (parsed->precision) {
    case DateTime::Precision::kYear:
      end = Day{end.year() + std::chrono::years{1}, end.month(), end.day()};
      break;
    case DateTime::Precision::kMonth: {
      const auto next = end.year() / end.month() + std::chrono::months{1};
      end = Day{next.year(), next.month(), std::chrono::day{1}};
      break;
    }
    default:
      end = Day{std::chrono::sys_days{end} + std::chrono::days{1}};
  }
  return std::pair{london_midnight(parsed->day), london_midnight(end)};
}

Bad add_date(Query& query, std::string_view value) {
  auto prefix = value.substr(0, 2);
  const bool has_prefix = !value.empty() && value.front() >= 'a' && value.front() <= 'z';
  const auto range = covered_by(has_prefix ? value.substr(std::min<std::size_t>(2, value.size())) : value);
  if (!range) return invalid("date", "is not a date such as 2026-11-21 or ge2026-11-21");
  if (!has_prefix) prefix = "eq";
  const auto from = [&query](Instant at) {
    query.dated_from = query.dated_from ? std::max(*query.dated_from, at) : at;
  };
  const auto before = [&query](Instant at) {
    query.dated_before = query.dated_before ? std::min(*query.dated_before, at) : at;
  };
  if (prefix == "ne") {
    if (query.dated_from || query.dated_before)
      return invalid("date", "with prefix ne cannot stand beside another date");
    query.dated_outside = true;
    from(range->first);
    before(range->second);
    return std::nullopt;
  }
  if (query.dated_outside) return invalid("date", "with prefix ne cannot stand beside another date");
  if (prefix == "eq") {
    from(range->first);
    before(range->second);
  } else if (prefix == "lt") {
    before(range->first);
  } else if (prefix == "le") {
    before(range->second);
  } else if (prefix == "gt") {
    from(range->second);
  } else if (prefix == "ge") {
    from(range->first);
  } else {
    return invalid("date", "has an unknown prefix; known are eq, ne, lt, le, gt and ge");
  }
  return std::nullopt;
}

/// Whether FHIR's escape of a character that would part values stands at `at`: \| \, \$ or \\.
bool is_escape(std::string_view text, std::size_t at) {
  return text[at] == '\\' && at + 1 < text.size() &&
         std::string_view{"\\|,$"}.find(text[at + 1]) != std::string_view::npos;
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) plain += text[is_escape(text, at) ? ++at : at];
  return plain;
}

/// Where the `|` between system and value is.
std::size_t find_bar(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '|') return at;
    if (is_escape(text, at)) ++at;
  }
  return std::string_view::npos;
}

Bad add_identifier(Query& query, std::string_view value) {
  const auto bar = find_bar(value);
  if (bar != std::string_view::npos) query.identifier_system = unescaped(value.substr(0, bar));
  query.identifier_value = unescaped(bar == std::string_view::npos ? value : value.substr(bar + 1));
  if (query.identifier_value->empty()) return invalid("identifier", "has no value; it is written [system]|[value]");
  return std::nullopt;
}

Bad add_count(Query& query, std::string_view value) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc{} || end != value.data() + value.size() || count == 0) {
    return invalid("_count", "is not a whole number above 0");
  }
  query.count = std::min(count, outbox::kMaxPage);
  return std::nullopt;
}

Bad add_id(std::optional<TaskId>& out, std::string_view name, std::string_view value) {
  const auto id = task_id_from(value);
  if (id.number == 0) return invalid(name, "is not the id of a task");
  out = id;
  return std::nullopt;
}

Bad add(Query& query, std::string_view name, std::string_view value, const Caller& caller) {
  if (name == "patient" || name == "subject") {
    query.subject = as_reference(value, "Patient", caller);
  } else if (name == "source") {
    query.source = as_reference(value, "Organization", caller);
  } else if (name == "target") {
    query.target = as_reference(value, "Organization", caller);
  } else if (name == "date") {
    return add_date(query, value);
  } else if (name == "identifier") {
    return add_identifier(query, value);
  } else if (name == "_count") {
    return add_count(query, value);
  } else if (name == "_id") {
    return add_id(query.id, name, value);
  } else if (name == "_after") {
    return add_id(query.after, name, value);
  }
  return std::nullopt;
}

}  // namespace

fhir::Checked<Query> task_query(const Caller& caller) {
  const auto parameters = parse_query(caller.url.query);
  if (!parameters) return parameters.error();
  Query query;
  query.state = outbox::State::kDelivered;
  query.requester = requester_of(caller);
  query.recipient = caller.recipient->ods.text();
  for (const auto& [name, value] : *parameters) {
    if (auto bad = add(query, name, value, caller)) return std::move(*bad);
  }
  return query;
}

}  // namespace gw::exchange
