// What the gateway would say of one body, without a gateway.
#include <fmt/format.h>

#include <algorithm>

#include "app/validate.hpp"
#include "exchange/parts.hpp"
#include "fhir/read.hpp"
#include "rules/tables.hpp"
#include "rules/task.hpp"
#include "rules/validator.hpp"

namespace gw::app {

namespace {

using fhir::Issue;

constexpr std::string_view kDateRule = "TASK-07";

/// XML begins with a '<'; whatever else it is, the JSON reader says best what is wrong with it.
fhir::Format format_told_by(std::string_view body) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<' ? fhir::Format::kXml : fhir::Format::kJson;
}

rules::Verdict verdict_on(const fhir::Document& document, const BodyCheck& check, Instant now) {
  const bool is_order = document.root()->name == "Order";
  if (check.profile.empty() && !is_order) return rules::validate(document, {});
  if (!check.profile.empty() && check.profile != rules::kTaskOrderProfile) {
    return rules::validate(document, check.profile);
  }
  auto verdict = rules::check_task(document, check.base, now);
  if (check.any_date) std::erase_if(verdict.issues, [](const Issue& issue) { return issue.rule == kDateRule; });
  return verdict;
}

}  // namespace

BodyVerdict check_body(std::string body, const BodyCheck& check, Instant now) {
  const exchange::Settings limits;
  if (body.size() > limits.body_bytes) {
    return {.refused = true,
            .issues = {Issue{.type = fhir::IssueType::kTooLong,
                             .diagnostics = fmt::format("the body has more than the {} bytes that a gateway takes "
                                                        "unless its limits.body_bytes says otherwise",
                                                        limits.body_bytes),
                             .rule = "ANS-08"}}};
  }
  const auto format = check.format.value_or(format_told_by(body));
  const auto document = format == fhir::Format::kJson ? fhir::read_json(std::move(body), limits.read)
                                                      : fhir::read_xml(std::move(body), limits.read);
  if (!document) return {.refused = true, .issues = document.error().issues};
  auto verdict = verdict_on(*document, check, now);
  const bool refused = verdict.refused();
  return {.refused = refused, .issues = std::move(verdict.issues)};
}

bool knows_profile(std::string_view profile) {
  const auto* const definition = rules::kTables.by_url(profile);
  return definition != nullptr && definition->resource;
}

std::string issue_line(std::string_view file, const Issue& issue) {
  auto line = std::string{file};
  if (issue.line > 0) line += fmt::format(":{}:{}", issue.line, issue.column);
  line += fmt::format(": {}: {}", fhir::code_of(issue.severity), issue.diagnostics);
  if (!issue.location.empty() || !issue.rule.empty()) {
    const auto* const comma = issue.location.empty() || issue.rule.empty() ? "" : ", ";
    line += fmt::format(" [{}{}{}]", issue.location, comma, issue.rule);
  }
  // A body may hold control characters, and this goes to a terminal.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return line;
}

}  // namespace gw::app
