// The business rules of a task beyond its profile: TASK-07 to TASK-10 and TASK-14; and the facts the gateway needs of
// it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/time.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "rules/validator.hpp"

namespace gw::rules {

/// What the gateway needs to know of a valid task. Views borrow from the document.
struct TaskFacts {
  std::string_view subject;  ///< "Patient/1", relative, base stripped
  std::string_view source;   ///< "Organization/1" or "Practitioner/..."
  std::string_view target;   ///< "Organization/2"
  std::string_view type;     ///< "1" or "2"
  std::string_view date;     ///< as written
  std::optional<std::string_view> identifier_system;
  std::optional<std::string_view> identifier_value;
  std::string_view narrative;  ///< the div as it stands in the task; decides what `text` is
  std::string text;            ///< its plain text
  Sha256 text_hash{};          ///< of `text` (OUT-12)
};

/// Profile and business rules together: every problem of the task at once, in document order.
/// `base` is the recipient's own base URL, without a trailing slash, under which absolute references may stand
/// (TASK-08); `now` decides what today is in Europe/London (TASK-07).
[[nodiscard]] Verdict check_task(const fhir::Document& document, std::string_view base, Instant now,
                                 const ValidateLimits& limits = {});

/// The div that holds the task's text, as it stands there; empty when there is none. Borrows from `document`.
[[nodiscard]] std::string_view narrative_of(const fhir::Document& document);

/// The facts of a task that check_task accepted. `base` as there.
[[nodiscard]] TaskFacts facts_of(const fhir::Document& document, std::string_view base);

/// Both in one, for who takes a task in: its facts, or 422 with every problem. Reads the narrative once.
[[nodiscard]] fhir::Checked<TaskFacts> accept_task(const fhir::Document& document, std::string_view base, Instant now,
                                                   const ValidateLimits& limits = {});

}  // namespace gw::rules
