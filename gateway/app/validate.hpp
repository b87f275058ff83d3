// gpconnect-gateway validate: the gateway's own checks of a body, for developers' desks and CI.
//
// Two parts: check_body is pure and says what the gateway would say of one body; validate_files reads many of them, on
// several threads, and prints in the order they were named, holding no more than a few batches at a time.
#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands.hpp"
#include "base/time.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"

namespace gw::app {

/// How a body is to be checked.
struct BodyCheck {
  std::optional<fhir::Format> format;  ///< empty: told from the body's first byte
  std::string profile;                 ///< empty: the task profile for an Order, else the base type of the root
  std::string base;                    ///< under which absolute references may stand (TASK-08); no trailing slash
  bool any_date = false;               ///< TASK-07 is off: a file on a desk is seldom of today
};

/// What the gateway would say of a body.
struct BodyVerdict {
  bool refused = false;
  std::vector<fhir::Issue> issues;
};

/// Read and check one body: form, profile and, for a task, the business rules. Limits are those that the gateway has
/// unless it is configured otherwise. Pure.
[[nodiscard]] BodyVerdict check_body(std::string body, const BodyCheck& check, Instant now);

/// Whether `profile` is a canonical URL that the validator can hold a resource to.
[[nodiscard]] bool knows_profile(std::string_view profile);

/// "FILE:LINE:COLUMN: severity: text [path, rule]", on one line whatever the body held.
[[nodiscard]] std::string issue_line(std::string_view file, const fhir::Issue& issue);

/// What "-" and the prints go to; the command's are the process's own.
struct ValidateStreams {
  std::FILE* in = stdin;
  std::FILE* out = stdout;
  std::FILE* err = stderr;
};

/// The command. "-" is `in`; a folder stands for every .json and .xml file below it, by name. Gives kExitDone,
/// kExitRefused when a body is not right, kExitFailed when a file could not be read.
int validate_files(const ValidateOptions& options, const ValidateStreams& streams, Instant now);

}  // namespace gw::app
