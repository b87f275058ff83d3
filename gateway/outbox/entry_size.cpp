#include "outbox/entry_size.hpp"

#include <fmt/format.h>

#include "outbox/schema.hpp"

namespace gw::outbox {

namespace {

std::size_t bytes_of(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& header : headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

std::size_t bytes_of(const Deferral& deferral) {
  return bytes_of(deferral.headers) + deferral.limit_by.size() + deferral.target.size() + deferral.peer_address.size() +
         deferral.body.size() + deferral.mandate.size();
}

}  // namespace

std::size_t bytes_of(const Reply& reply) {
  return reply.body.size() + bytes_of(reply.headers);
}

std::size_t bytes_of(const AuditRecord& audit) {
  std::size_t bytes = 0;
  for (const auto* const text :
       {&audit.kind, &audit.trace, &audit.from, &audit.to, &audit.interaction, &audit.user_id, &audit.user_name,
        &audit.user_role, &audit.organisation, &audit.device, &audit.authority, &audit.patient, &audit.peer_fqdn,
        &audit.peer_fingerprint, &audit.peer_address, &audit.outcome, &audit.identifier}) {
    bytes += text->size();
  }
  return bytes;
}

std::size_t bytes_of(const NewTask& task) {
  std::size_t bytes = task.identifier_system.value_or("").size() + task.identifier_value.value_or("").size();
  for (const auto* const text : {&task.trace.text(), &task.from.text(), &task.to.text(), &task.sender.text(),
                                 &task.recipient.text(), &task.interaction, &task.subject, &task.source, &task.target,
                                 &task.type, &task.date, &task.given_identifier, &task.content_type, &task.body}) {
    bytes += text->size();
  }
  if (task.deferral) bytes += bytes_of(*task.deferral);
  return bytes;
}

Status check_size(std::size_t bytes) {
  if (bytes <= kEntryBytes) return Done{};
  return fault(FaultKind::kTooLarge, fmt::format("an entry of {} bytes; the outbox takes {}", bytes, kEntryBytes));
}

}  // namespace gw::outbox
