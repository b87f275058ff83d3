#include "app/audit_event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "exchange/resource_builder.hpp"
#include "spine/claims.hpp"
#include "spine/interaction.hpp"

namespace gw::app {

namespace {

using exchange::Node;
using outbox::AuditRecord;

constexpr std::string_view kEventType = "http://hl7.org/fhir/audit-event-type";
constexpr std::string_view kRestful = "http://hl7.org/fhir/restful-interaction";
constexpr std::string_view kDicom = "http://nema.org/dicom/dicm";
constexpr std::string_view kOwnKind = "urn:gpconnect-gateway:audit-kind";
constexpr std::string_view kAsid = "https://fhir.nhs.uk/Id/nhsSpineASID";
constexpr std::string_view kTraceId = "urn:gpconnect-gateway:trace-id";
constexpr std::string_view kObjectType = "http://hl7.org/fhir/object-type";
constexpr std::string_view kObjectRole = "http://hl7.org/fhir/object-role";
constexpr std::string_view kSourceType = "http://hl7.org/fhir/security-source-type";

void add_coding(const Node& coding, std::string_view system, std::string_view code, std::string_view display) {
  coding.set("system", system);
  coding.set("code", code);
  coding.set("display", display);
}

bool is_of_a_request(const AuditRecord& record) {
  return record.kind == "request" || record.kind == "state";
}

/// FHIR's name for an interaction, and the letter of its kind of action.
struct Action {
  std::string_view interaction, display, letter;
};

Action action_of(const AuditRecord& record) {
  const auto* const known = spine::find_interaction(record.interaction);
  if (known == nullptr) return {{}, {}, "E"};
  if (!known->below.empty() && known->below.front() == '$') return {"operation", "operation", "E"};
  if (known->verb == "POST") return {"create", "create", "C"};
  if (known->verb == "PUT") return {"update", "update", "U"};
  if (known->resource == "metadata") return {"read", "read", "R"};
  if (known->instance && known->below.empty()) return {"read", "read", "R"};
  return {"search-type", "search-type", "E"};
}

std::string_view outcome_of(const AuditRecord& record) {
  constexpr int tls_refusals = 495;  // to 497: this server's own, and the client's fault
  if (record.status >= 500) return "8";
  if (record.status >= 400 && record.status <= tls_refusals + 2) return "4";
  const bool unknown = record.outcome == "in-doubt";
  return unknown ? "8" : "0";
}

void add_event(const Node& root, const AuditRecord& record) {
  const auto event = root.add("event");
  const auto type = event.add("type");
  if (is_of_a_request(record)) {
    const auto action = action_of(record);
    add_coding(type, kEventType, "rest", "RESTful Operation");
    if (!action.interaction.empty()) {
      add_coding(event.add_item("subtype"), kRestful, action.interaction, action.display);
    }
    event.set("action", action.letter);
  } else {
    add_coding(type, kDicom, "110100", "Application Activity");
    add_coding(event.add_item("subtype"), kOwnKind, record.kind, {});
    event.set("action", "E");
  }
  event.set("dateTime", to_iso8601(record.at));
  event.set("outcome", outcome_of(record));
  auto described = record.status == 0 ? std::string{} : std::to_string(record.status);
  if (!record.outcome.empty()) described += (described.empty() ? "" : " ") + record.outcome;
  event.set("outcomeDesc", described);
}

/// A participant begun: its role.
Node participant(const Node& root, std::string_view role_system, std::string_view role, std::string_view display) {
  const auto one = root.add_item("participant");
  if (!role.empty()) add_coding(one.add_item("role").add_item("coding"), role_system, role, display);
  return one;
}

void identify(const Node& one, std::string_view system, std::string_view value) {
  if (value.empty()) return;
  const auto id = one.add("userId");
  id.set("system", system);
  id.set("value", value);
}

void set_requestor(const Node& one, bool is_requestor) {
  one.set("requestor", is_requestor ? "true" : "false", fhir::ValueKind::kBoolean);
}

/// "10.0.0.7:51234" and "[::1]:51234" without the port.
std::string_view host_of(std::string_view address) {
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return host;
}

bool is_uri(std::string_view text) {
  return !text.empty() && text.find(' ') == std::string_view::npos;
}

bool add_user(const Node& root, const AuditRecord& record) {
  if (record.user_id.empty() && record.user_name.empty()) return false;
  const auto user = participant(root, spine::kJobRoleSystem, record.user_role, {});
  identify(user, {}, record.user_id);
  user.set("name", record.user_name);
  set_requestor(user, true);
  if (is_uri(record.authority)) user.set_item("policy", record.authority);
  return true;
}

void add_sender(const Node& root, const AuditRecord& record, bool is_requestor) {
  if (record.from.empty() && record.peer_address.empty()) return;
  const auto sender = participant(root, kDicom, "110153", "Source Role ID");
  identify(sender, kAsid, record.from);
  if (!record.peer_fingerprint.empty()) sender.set("altId", "certificate sha256 " + record.peer_fingerprint);
  sender.set("name", record.peer_fqdn);
  set_requestor(sender, is_requestor);
  if (record.peer_address.empty()) return;
  const auto network = sender.add("network");
  network.set("address", host_of(record.peer_address));
  network.set("type", "2");  // an IP address
}

void add_participants(const Node& root, const AuditRecord& record) {
  const bool has_user = add_user(root, record);
  if (!record.organisation.empty()) {
    const auto organisation = root.add_item("participant");
    organisation.add_item("role").set("text", "the user's organisation");
    identify(organisation, spine::kOdsCodeSystem, record.organisation);
    set_requestor(organisation, false);
  }
  if (!record.device.empty()) {
    const auto device = participant(root, kDicom, "110150", "Application");
    device.set("name", record.device);
    set_requestor(device, false);
  }
  const bool has_sender = !record.from.empty() || !record.peer_address.empty();
  add_sender(root, record, !has_user && is_of_a_request(record));
  if (!record.to.empty()) {
    const auto receiver = participant(root, kDicom, "110152", "Destination Role ID");
    identify(receiver, kAsid, record.to);
    set_requestor(receiver, false);
  }
  if (has_user || (has_sender && is_of_a_request(record))) return;
  const auto gateway = participant(root, kDicom, "110150", "Application");
  gateway.set("name", "gpconnect-gateway");
  set_requestor(gateway, true);
}

void add_object_kind(const Node& object, std::string_view type, std::string_view type_display, std::string_view role,
                     std::string_view role_display) {
  add_coding(object.add("type"), kObjectType, type, type_display);
  if (!role.empty()) add_coding(object.add("role"), kObjectRole, role, role_display);
}

void add_task(const Node& root, const AuditRecord& record) {
  if (!record.task && record.identifier.empty()) return;
  const auto object = root.add_item("object");
  if (!record.identifier.empty()) {
    const auto bar = record.identifier.find('|');
    const auto id = object.add("identifier");
    if (bar != std::string::npos) id.set("system", std::string_view{record.identifier}.substr(0, bar));
    id.set("value", std::string_view{record.identifier}.substr(bar == std::string::npos ? 0 : bar + 1));
  }
  if (record.task) object.add("reference").set("reference", "Order/" + to_text(*record.task));
  add_object_kind(object, "2", "System Object", "4", "Domain Resource");
}

/// RFC 4648 section 4.
std::string base64(std::string_view bytes) {
  auto text = base64url_encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return text;
}

void add_objects(const Node& root, const AuditRecord& record) {
  if (!record.patient.empty()) {
    const auto object = root.add_item("object");
    const auto id = object.add("identifier");
    id.set("system", spine::kNhsNumberSystem);
    id.set("value", record.patient);
    add_object_kind(object, "1", "Person", "1", "Patient");
  }
  add_task(root, record);
  if (record.trace.empty() && record.interaction.empty()) return;
  const auto object = root.add_item("object");
  if (!record.trace.empty()) {
    const auto id = object.add("identifier");
    id.set("system", kTraceId);
    id.set("value", record.trace);
  }
  add_object_kind(object, "2", "System Object", {}, {});
  if (record.interaction.empty()) return;
  const auto detail = object.add_item("detail");
  detail.set("type", "Ssp-InteractionID");
  detail.set("value", base64(record.interaction));
}

}  // namespace

std::string audit_event(const outbox::AuditEntry& entry, std::string_view site) {
  fhir::Document document{{}, fhir::Format::kJson};
  const auto root = Node::resource_in(document, "AuditEvent");
  root.set("id", fmt::format("audit-{}", entry.number));
  add_event(root, entry.record);
  add_participants(root, entry.record);
  const auto source = root.add("source");
  source.set("site", site);
  source.add("identifier").set("value", site);
  add_coding(source.add_item("type"), kSourceType, "4", "Application Server");
  add_objects(root, entry.record);
  return exchange::written(document, fhir::Format::kJson);
}

}  // namespace gw::app
