#include "exchange/task_intake.hpp"

#include <utility>

#include "exchange/mailbox_rules.hpp"
#include "exchange/media.hpp"
#include "fhir/read.hpp"

namespace gw::exchange {

namespace {

using fhir::Checked;
using fhir::Issue;
using fhir::IssueType;

Checked<fhir::Document> read_order(std::string body, fhir::Format format, const fhir::ReadLimits& limits) {
  if (body.empty()) {
    return fhir::refuse(400, Issue{.type = IssueType::kInvalid,
                                   .diagnostics = "the body is empty; a task is an Order resource",
                                   .location = "http.body",
                                   .rule = "TASK-01"});
  }
  auto document = format == fhir::Format::kJson ? fhir::read_json(std::move(body), limits)
                                                : fhir::read_xml(std::move(body), limits);
  if (!document) return document.error();
  const auto type = document->root()->name;
  if (type != "Order") {
    return fhir::refuse(400, Issue{.type = IssueType::kInvalid,
                                   .diagnostics = "the body is a resource of type '" + std::string{type.substr(0, 64)} +
                                                  "'; this interaction takes an Order",
                                   .location = std::string{type.substr(0, 64)},
                                   .rule = "TASK-01"});
  }
  return document;
}

std::optional<std::string> owned(const std::optional<std::string_view>& view) {
  if (!view) return std::nullopt;
  return std::string{*view};
}

/// The first Order.identifier, as it came.
void note_identifier(const fhir::Element& order, outbox::AuditRecord& record) {
  const auto* const identifier = order.child("identifier");
  if (identifier == nullptr) return;
  const auto text_of = [identifier](std::string_view name) {
    const auto* const child = identifier->child(name);
    return child == nullptr ? std::string_view{} : child->value;
  };
  const auto value = text_of("value");
  if (!value.empty()) record.identifier = std::string{text_of("system")} + "|" + std::string{value};
}

}  // namespace

Checked<Intake> take_in(const RequestHead& head, std::string body, const Caller& caller, const Settings& settings,
                        Instant now, Trail& trail) {
  const auto format = body_format(head, caller.sender->policy.charset_overlooked);
  if (!format) return format.error();
  auto document = read_order(std::move(body), *format, settings.read);
  trail.stages.done(Stage::kParse);
  if (!document) return document.error();
  note_identifier(*document->root(), trail.record);
  auto facts = rules::accept_task(*document, caller.base, now, settings.validate);
  if (!facts) return facts.error();
  if (caller.recipient->has_mailbox()) {
    const auto patient = check_mailbox_rules(*facts, caller);
    if (!patient) return patient.error();
    if (trail.record.patient.empty()) trail.record.patient = (*patient)->nhs_number.text();
  }
  return Intake{std::move(*document), std::move(*facts), *format};
}

outbox::NewTask describe(const RequestHead& head, const Intake& intake, const Caller& caller, TaskId id, Instant now) {
  const auto& facts = intake.facts;
  outbox::NewTask task;
  task.id = id;
  task.received_at = now;
  task.trace = caller.envelope.trace;
  task.from = caller.envelope.from;
  task.to = caller.envelope.to;
  task.sender = caller.sender->ods;
  task.recipient = caller.recipient->ods;
  task.interaction = std::string{header_value(head.headers, "Ssp-InteractionID")};
  task.subject = std::string{facts.subject};
  task.source = std::string{facts.source};
  task.target = std::string{facts.target};
  task.type = std::string{facts.type};
  task.date = std::string{facts.date};
  task.identifier_system = owned(facts.identifier_system);
  task.identifier_value = owned(facts.identifier_value);
  if (caller.recipient->has_mailbox() && !facts.identifier_value) task.given_identifier = "urn:uuid:" + random_uuid();
  task.content_type = std::string{header_value(head.headers, "Content-Type")};
  task.body = intake.document.bytes();
  task.body_hash = sha256(task.body);
  task.text_hash = facts.text_hash;
  task.fingerprint = sha256_of({task.sender.text(), task.recipient.text(), task.source, task.target, task.subject,
                                to_iso_date(london_day(now)), task.type, facts.text});
  return task;
}

void note_identifier(const outbox::NewTask& task, outbox::AuditRecord& record) {
  if (task.identifier_value) {
    record.identifier = task.identifier_system.value_or("") + "|" + *task.identifier_value;
  } else if (!task.given_identifier.empty()) {
    record.identifier = "urn:ietf:rfc:3986|" + task.given_identifier;
  }
}

}  // namespace gw::exchange
