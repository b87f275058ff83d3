// A task of our own, and ways to break it. The day in these tests is 2026-06-15, in summer time.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "fhir/read.hpp"
#include "rules/task.hpp"
#include "rules/validator.hpp"

namespace gw::rules::test {

inline constexpr std::string_view kBase = "https://hub.example.nhs.uk:8443/A20047/DSTU2/1";

/// 2026-06-15 10:00 UTC, 11:00 in London.
inline Instant noonish() {
  return std::chrono::sys_days{std::chrono::year{2026} / 6 / 15} + std::chrono::hours{10};
}

inline const std::string& own_task() {
  static const std::string kTask = R"({
  "resourceType": "Order",
  "meta": {"profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]},
  "contained": [{
    "resourceType": "Basic",
    "id": "words",
    "meta": {"profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]},
    "text": {
      "status": "generated",
      "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Please book a blood test, and tell the patient.</p></div>"
    },
    "code": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1", "code": "Task Narrative"}]}
  }],
  "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:8f2b7a0e-5a55-4c1a-9f3a-0e1f6c1b2d3e"}],
  "date": "2026-06-15",
  "subject": {"reference": "Patient/1", "display": "Somebody"},
  "source": {"reference": "Organization/1"},
  "target": {"reference": "Organization/2"},
  "reasonCodeableConcept": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1", "code": "2"}]},
  "detail": [{"reference": "#words"}]
})";
  return kTask;
}

/// The task with `from`, which must stand there once, replaced by `to`.
inline std::string changed(std::string_view from, std::string_view to) {
  std::string text = own_task();
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  REQUIRE(text.find(from, at + 1) == std::string::npos);
  return text.replace(at, from.size(), to);
}

inline fhir::Document read(std::string text) {
  auto document = text.starts_with('<') ? fhir::read_xml(std::move(text)) : fhir::read_json(std::move(text));
  INFO((document ? std::string{} : document.error().issues.front().diagnostics));
  REQUIRE(document.has_value());
  return std::move(*document);
}

inline Verdict check(std::string text, Instant now = noonish()) {
  const auto document = read(std::move(text));
  return check_task(document, kBase, now);
}

inline std::string listing(const Verdict& verdict) {
  std::string text;
  for (const auto& issue : verdict.issues) {
    text += std::string(fhir::code_of(issue.severity)) + " " + std::string(fhir::code_of(issue.type)) + " [" +
            issue.location + "] " + std::string(issue.rule) + " " + std::to_string(issue.line) + ":" +
            std::to_string(issue.column) + " " + issue.diagnostics + "\n";
  }
  return text;
}

inline const fhir::Issue* find_issue(const Verdict& verdict, std::string_view location, std::string_view words) {
  const auto found = std::find_if(verdict.issues.begin(), verdict.issues.end(), [&](const fhir::Issue& issue) {
    return issue.location == location && issue.diagnostics.find(words) != std::string::npos;
  });
  return found == verdict.issues.end() ? nullptr : &*found;
}

}  // namespace gw::rules::test
