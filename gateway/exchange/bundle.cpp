#include "exchange/bundle.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/digest.hpp"
#include "exchange/media.hpp"
#include "exchange/resource_builder.hpp"
#include "fhir/operation_outcome.hpp"
#include "fhir/read.hpp"
#include "rules/task.hpp"
#include "rules/validator.hpp"

namespace gw::exchange {

namespace {

using fhir::Checked;
using fhir::Element;
using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;
using fhir::Refusal;

Refusal not_right(int status, IssueType type, std::string diagnostics, std::string location) {
  return fhir::refuse(status, Issue{.type = type,
                                    .code = status == 422 ? ErrorCode::kInvalidResource : ErrorCode::kBadRequest,
                                    .diagnostics = std::move(diagnostics),
                                    .location = std::move(location),
                                    .rule = "TASK-12"});
}

/// Whether `location` is in an entry's resource, "Bundle.entry[1].resource" or below. Those are held to the task
/// profile, one by one.
bool is_in_resource(std::string_view location) {
  constexpr std::string_view entry = "Bundle.entry";
  if (!location.starts_with(entry)) return false;
  location.remove_prefix(entry.size());
  if (location.starts_with('[')) location.remove_prefix(std::min(location.find(']') + 1, location.size()));
  return location.starts_with(".resource");
}

std::optional<Refusal> check_form(const fhir::Document& document, const Settings& settings) {
  // Issues of the resources do not count here, but may be many: as many as there are elements.
  auto verdict = rules::validate(document, {}, {.issues = settings.read.elements});
  std::erase_if(verdict.issues, [](const Issue& issue) { return is_in_resource(issue.location); });
  if (!verdict.refused()) return std::nullopt;
  if (verdict.issues.size() > settings.validate.issues) verdict.issues.resize(settings.validate.issues);
  for (auto& issue : verdict.issues) issue.rule = "TASK-12";
  return Refusal{.status = 422, .issues = std::move(verdict.issues)};
}

std::optional<Refusal> check_kind(const Element& bundle, std::size_t entry_count, const Caller& caller,
                                  const Settings& settings) {
  if (entry_count > settings.bundle_entries) {
    return not_right(400, IssueType::kTooLong,
                     "the Bundle has " + std::to_string(entry_count) + " entries; at most " +
                         std::to_string(settings.bundle_entries) +
                         " are taken at once. None was taken: send them in several Bundles",
                     "Bundle.entry");
  }
  const auto type = bundle.child_value("type");
  if (type != "batch" && type != "transaction") {
    return not_right(422, IssueType::kValue,
                     "Bundle.type must be batch (each task on its own) or transaction (all or nothing)", "Bundle.type");
  }
  if (type == "transaction" && entry_count > 1 && !caller.recipient->has_mailbox()) {
    return not_right(422, IssueType::kNotSupported,
                     "all or nothing cannot be promised for several tasks that go to a system beyond this gateway, so "
                     "none was taken. Send a batch, which tells the outcome of each, or transactions of one task",
                     "Bundle.type");
  }
  return std::nullopt;
}

std::vector<Element*> entries_of(Element& bundle) {
  std::vector<Element*> entries;
  for (auto* child = bundle.first_child; child != nullptr; child = child->next) {
    if (child->name == "entry") entries.push_back(child);
  }
  return entries;
}

Element* resource_of(Element& entry) {
  auto* child = entry.first_child;
  while (child != nullptr && child->name != "resource") child = child->next;
  return child;
}

std::optional<Refusal> check_entry(Element& entry, std::size_t index) {
  const auto at = "Bundle.entry[" + std::to_string(index) + ']';
  const auto* const request = entry.child("request");
  const auto* const resource = resource_of(entry);
  if (request == nullptr || request->child_value("method") != "POST" || request->child_value("url") != "Order") {
    return not_right(422, IssueType::kNotSupported,
                     at + ".request must have method POST and url Order: tasks are created, nothing else",
                     at + ".request");
  }
  for (const auto* const name : {"ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist"}) {
    if (request->child(name) == nullptr) continue;
    return not_right(422, IssueType::kNotSupported,
                     at + ".request." + name +
                         " is not supported; leave it out. Order.identifier keeps a task from being stored twice",
                     at + ".request." + name);
  }
  if (resource == nullptr || resource->resource_type != "Order") {
    return not_right(422, IssueType::kStructure, at + ".resource must be an Order, the task to create",
                     at + ".resource");
  }
  return std::nullopt;
}

/// An Order as a document of its own for a while. Its place in the Bundle is lost: entries are taken once.
Checked<std::string> take_order(fhir::Document& document, Element& order, const Caller& caller,
                                const Settings& settings, Instant now, std::string& subject) {
  order.name = order.resource_type;
  order.parent = nullptr;
  order.next = nullptr;
  order.in_array = false;
  document.set_root(&order);
  const auto facts = rules::accept_task(document, caller.base, now, settings.validate);
  if (!facts) return facts.error();
  subject = facts->subject;
  return written(document, document.format());
}

RequestHead entry_head(const RequestHead& head, const Url& url, const TraceId& trace, fhir::Format format,
                       fhir::Format answer) {
  auto entry = head;
  entry.target = head.target.substr(0, head.target.find(url.base) + url.base.size()) + "/Order";
  std::erase_if(entry.headers, [](const Header& header) {
    for (const auto* const name : {"Content-Type", "Content-Length", "Transfer-Encoding", "Content-Encoding", "Accept",
                                   "Accept-Encoding", "Expect", "Ssp-TraceID"}) {
      if (iequals(header.name, name)) return true;
    }
    return false;
  });
  entry.headers.push_back({"Ssp-TraceID", trace.text()});
  entry.headers.push_back({"Content-Type", std::string{fhir::media_type(format)}});
  entry.headers.push_back({"Accept", std::string{fhir::media_type(answer)}});
  return entry;
}

}  // namespace

Checked<TaskBundle> take_apart(const RequestHead& head, std::string body, const Caller& caller,
                               const Settings& settings, fhir::Format answer, Instant now) {
  const auto format = body_format(head, caller.sender->policy.charset_overlooked);
  if (!format) return format.error();
  auto document = *format == fhir::Format::kJson ? fhir::read_json(std::move(body), settings.read)
                                                 : fhir::read_xml(std::move(body), settings.read);
  if (!document) return document.error();
  auto& root = *document->root();
  if (root.name != "Bundle") {
    return not_right(400, IssueType::kInvalid,
                     "the base itself takes a Bundle of tasks; a single Order is posted to Order below it",
                     "http.body");
  }
  const auto entries = entries_of(root);
  if (auto wrong = check_kind(root, entries.size(), caller, settings)) return std::move(*wrong);
  if (auto wrong = check_form(*document, settings)) return std::move(*wrong);

  TaskBundle bundle{.transaction = root.child_value("type") == "transaction", .entries = {}};
  bundle.entries.reserve(entries.size());
  std::string patient;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto own = caller;
    own.url.resource = "Order";
    own.url.query = {};
    own.envelope.trace = TraceId{uuid_of_name(caller.envelope.trace.text(), std::to_string(i))};
    auto own_head = entry_head(head, caller.url, own.envelope.trace, *format, answer);
    std::string subject;
    auto wrong = check_entry(*entries[i], i);
    auto order = wrong ? Checked<std::string>{std::move(*wrong)}
                       : take_order(*document, *resource_of(*entries[i]), caller, settings, now, subject);
    if (patient.empty()) patient = subject;
    // In a mailbox each task's patient is known, and is held to the token's there.
    if (!caller.recipient->has_mailbox() && !subject.empty() && subject != patient) {
      auto refusal =
          not_right(400, IssueType::kValue,
                    "the tasks of this Bundle are for several patients, but the audit token is for one; none "
                    "was taken. Send a Bundle for each patient",
                    "Bundle.entry[" + std::to_string(i) + "].resource.subject");
      refusal.issues.front().code = ErrorCode::kRequestUnmatched;
      refusal.issues.front().rule = "JWT-03";
      return refusal;
    }
    bundle.entries.push_back({std::move(own_head), std::move(own), std::move(order)});
  }
  return bundle;
}

}  // namespace gw::exchange
