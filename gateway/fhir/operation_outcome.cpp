// OperationOutcome in both formats (ANS-03). The resource is small and its shape is fixed, so it is written straight
// out, without a tree.
#include "fhir/operation_outcome.hpp"

#include "fhir/escape.hpp"

namespace gw::fhir {
namespace {

constexpr std::string_view kProfile = "http://fhir.nhs.net/StructureDefinition/gpconnect-operationoutcome-1";
constexpr std::string_view kCodeSystem = "http://fhir.nhs.net/ValueSet/gpconnect-error-or-warning-code-1";

/// What a reader of the answer sees: the sentence, where in the body, and the rule that it breaks.
std::string diagnostics_of(const Issue& issue) {
  std::string text = issue.diagnostics;
  if (issue.line > 0) {
    text += " (line " + std::to_string(issue.line) + ", column " + std::to_string(issue.column) + ')';
  }
  if (!issue.rule.empty()) text.append(" [").append(issue.rule).append("]");
  return text;
}

/// Only a failure or a warning has a code of the error list.
bool has_details(const Issue& issue) {
  return issue.severity != Severity::kInformation;
}

void json_member(std::string& out, std::string_view name, std::string_view value) {
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void json_issue(std::string& out, const Issue& issue) {
  out += '{';
  json_member(out, "severity", code_of(issue.severity));
  out += ',';
  json_member(out, "code", code_of(issue.type));
  if (has_details(issue)) {
    out += R"(,"details":{"coding":[{)";
    json_member(out, "system", kCodeSystem);
    out += ',';
    json_member(out, "code", code_of(issue.code));
    out += ',';
    json_member(out, "display", display_of(issue.code));
    out += "}]}";
  }
  if (const std::string text = diagnostics_of(issue); !text.empty()) {
    out += ',';
    json_member(out, "diagnostics", text);
  }
  if (!issue.location.empty()) {
    out += R"(,"location":[)";
    append_json_string(out, issue.location);
    out += ']';
  }
  out += '}';
}

void xml_member(std::string& out, std::string_view name, std::string_view value) {
  out.append("<").append(name).append(" value=\"");
  append_xml_attribute(out, value);
  out += "\"/>";
}

void xml_issue(std::string& out, const Issue& issue) {
  out += "<issue>";
  xml_member(out, "severity", code_of(issue.severity));
  xml_member(out, "code", code_of(issue.type));
  if (has_details(issue)) {
    out += "<details><coding>";
    xml_member(out, "system", kCodeSystem);
    xml_member(out, "code", code_of(issue.code));
    xml_member(out, "display", display_of(issue.code));
    out += "</coding></details>";
  }
  if (const std::string text = diagnostics_of(issue); !text.empty()) xml_member(out, "diagnostics", text);
  if (!issue.location.empty()) xml_member(out, "location", issue.location);
  out += "</issue>";
}

std::string write_as_json(std::span<const Issue> issues) {
  std::string out = R"({"resourceType":"OperationOutcome","meta":{"profile":[)";
  append_json_string(out, kProfile);
  out += R"(]},"issue":[)";
  for (const Issue& issue : issues) {
    if (&issue != issues.data()) out += ',';
    json_issue(out, issue);
  }
  return out += "]}";
}

std::string write_as_xml(std::span<const Issue> issues) {
  std::string out = R"(<?xml version="1.0" encoding="UTF-8"?><OperationOutcome xmlns="http://hl7.org/fhir"><meta>)";
  xml_member(out, "profile", kProfile);
  out += "</meta>";
  for (const Issue& issue : issues) xml_issue(out, issue);
  return out += "</OperationOutcome>";
}

}  // namespace

std::string write_operation_outcome(std::span<const Issue> issues, Format format) {
  const Issue fine{
      .severity = Severity::kInformation, .type = IssueType::kInformational, .diagnostics = "All OK", .location = {}};
  if (issues.empty()) issues = {&fine, 1};
  return format == Format::kJson ? write_as_json(issues) : write_as_xml(issues);
}

std::string_view media_type(Format format) {
  return format == Format::kJson ? "application/json+fhir; charset=UTF-8" : "application/xml+fhir; charset=UTF-8";
}

}  // namespace gw::fhir
