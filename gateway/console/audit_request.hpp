// What an auditor searches for: the form, and the query it stands for. Pure.
#pragma once

#include <string>
#include <vector>

#include "console/page.hpp"
#include "outbox/audit_search.hpp"

namespace gw::console {

struct AuditRequest {
  outbox::AuditQuery query;        ///< newest first
  std::vector<FieldError> errors;  ///< of what was typed; then the query is not to be used

  static AuditRequest from_form(const Fields& form);
  /// What was searched for, for the audit's own record; the patient and the task have fields of their own there.
  [[nodiscard]] std::string in_words(const Fields& form) const;
};

/// The form with what was typed.
[[nodiscard]] Html audit_form(const AuditRequest& request, const Visit& visit);
/// A button for the same search, on from the record `after`. A form, since a patient's number stands in no address.
[[nodiscard]] Html older_records(const Visit& visit, std::int64_t after);

}  // namespace gw::console
