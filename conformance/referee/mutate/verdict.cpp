#include "verdict.hpp"

#include <algorithm>
#include <chrono>

#include "fhir/read.hpp"
#include "rules/task.hpp"

namespace gw::referee {
namespace {

std::string without_indexes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() == '[') {
      const auto end = text.find_first_not_of("0123456789", 1);
      if (end != std::string_view::npos && end > 1 && text[end] == ']') {
        text.remove_prefix(end + 1);
        continue;
      }
    }
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::vector<fhir::Issue> issues_of(std::string text, bool xml) {
  auto document = xml ? fhir::read_xml(std::move(text)) : fhir::read_json(std::move(text));
  if (!document) return document.error().issues;
  const Instant now = std::chrono::sys_days{std::chrono::year{2026} / 6 / 15} + std::chrono::hours{10};
  return rules::check_task(*document, kBase, now).issues;
}

bool refuses(const std::vector<fhir::Issue>& issues) {
  return std::any_of(issues.begin(), issues.end(), [](const fhir::Issue& issue) {
    return issue.severity == fhir::Severity::kError || issue.severity == fhir::Severity::kFatal;
  });
}

std::vector<std::string> comparable(const std::vector<fhir::Issue>& issues) {
  std::vector<std::string> out;
  for (const auto& issue : issues) {
    out.push_back(std::string(fhir::code_of(issue.severity)) + " " + std::string(fhir::code_of(issue.type)) + " " +
                  std::string(issue.rule) + " " + without_indexes(issue.location) + ": " +
                  without_indexes(issue.diagnostics));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace gw::referee
