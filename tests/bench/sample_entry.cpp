#include "bench/sample_entry.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"

namespace gw::bench {

outbox::NewTask sample_entry(std::uint64_t number, TaskId id, Instant at, const std::string& body) {
  outbox::NewTask task;
  task.id = id;
  task.received_at = at;
  // The first digits of a random GUID are random: so are these, and their place in an index.
  const auto scattered = number * 0x9E3779B97F4A7C15ULL;
  task.trace = TraceId{fmt::format("{:08x}-{:04x}-4{:03x}-8000-{:012x}", scattered >> 32U, (scattered >> 16U) & 0xFFFFU,
                                   scattered & 0xFFFU, number)};
  task.from = Asid{"200000000101"};
  task.to = Asid{"200000000103"};
  task.sender = OdsCode{"A20001"};
  task.recipient = OdsCode{"B20003"};
  task.interaction = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
  task.subject = "Patient/3";
  task.source = "Organization/1";
  task.target = "Organization/3";
  task.type = "2";
  task.date = to_iso_date(london_day(at));
  task.identifier_system = "urn:ietf:rfc:3986";
  task.identifier_value = "urn:uuid:" + task.trace.text();
  task.content_type = "application/json+fhir; charset=UTF-8";
  task.body = body;
  task.body_hash = sha256(task.trace.text());
  task.text_hash = task.body_hash;
  task.fingerprint = task.body_hash;
  return task;
}

outbox::AuditRecord sample_audit(const outbox::NewTask& task) {
  outbox::AuditRecord audit;
  audit.at = task.received_at;
  audit.kind = "request";
  audit.trace = task.trace.text();
  audit.from = task.from.text();
  audit.to = task.to.text();
  audit.interaction = task.interaction;
  audit.user_id = "10019";
  audit.user_name = "Dr Ada Jones";
  audit.user_role = "R8000";
  audit.organisation = "A20001";
  audit.device = "bench 1";
  audit.authority = "https://sender.bench.test";
  audit.patient = "9990002754";
  audit.peer_fqdn = "sender.bench.test";
  audit.peer_address = "127.0.0.1:40000";
  audit.outcome = "received";
  return audit;
}

}  // namespace gw::bench
