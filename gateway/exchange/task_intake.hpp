// From body bytes to a task that is right: format, profile, business rules (SSP-11's steps after the sender is known).
// Pure.
#pragma once

#include <string>

#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/trail.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "outbox/entry.hpp"
#include "rules/task.hpp"

namespace gw::exchange {

/// A task that passed every check. `facts` borrows from `document`.
struct Intake {
  fhir::Document document;
  rules::TaskFacts facts;
  fhir::Format format;
};

/// Parse and check. Errors: 415, 400 (not well-formed, empty, another resource type), 422 with every problem at once;
/// where the recipient's mailbox is here also its own rules. `trail` is told which task and, where that is known here,
/// whose it is, also of one that is refused (AUD-01), and when parsing is over.
[[nodiscard]] fhir::Checked<Intake> take_in(const RequestHead& head, std::string body, const Caller& caller,
                                            const Settings& settings, Instant now, Trail& trail);

/// The entry that the outbox keeps of it.
[[nodiscard]] outbox::NewTask describe(const RequestHead& head, const Intake& intake, const Caller& caller, TaskId id,
                                       Instant now);

/// The identifier of a task that is kept, its sender's or the one that the gateway gave it, for the audit.
void note_identifier(const outbox::NewTask& task, outbox::AuditRecord& record);

}  // namespace gw::exchange
