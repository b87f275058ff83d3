#include "exchange/stored_order.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "exchange/answer.hpp"
#include "exchange/media.hpp"
#include "exchange/resource_builder.hpp"
#include "fhir/read.hpp"

namespace gw::exchange {

namespace {

using fhir::Document;
using fhir::Element;
using fhir::ValueKind;

constexpr std::string_view kUriSystem = "urn:ietf:rfc:3986";

Element* child_of(Element& parent, std::string_view name) {
  for (auto* child = parent.first_child; child != nullptr; child = child->next) {
    if (child->name == name) return child;
  }
  return nullptr;
}

/// A new child at the front, so that id and meta lead as people expect.
Element* prepend(Document& document, Element& parent, std::string_view name) {
  auto* const element = document.add(nullptr, name);
  element->parent = &parent;
  element->next = parent.first_child;
  parent.first_child = element;
  if (parent.last_child == nullptr) parent.last_child = element;
  return element;
}

void set_value(Document& document, Element& element, std::string_view value) {
  element.value = document.keep(value);
  element.kind = ValueKind::kString;
}

void set_child(Document& document, Element& parent, std::string_view name, std::string_view value) {
  auto* element = child_of(parent, name);
  if (element == nullptr) element = prepend(document, parent, name);
  set_value(document, *element, value);
}

void add_identifier(Document& document, Element& order, std::string_view value) {
  auto* const identifier = document.add(&order, "identifier");
  identifier->in_array = true;
  set_value(document, *document.add(identifier, "system"), kUriSystem);
  set_value(document, *document.add(identifier, "value"), value);
}

}  // namespace

void stamp(Document& document, const outbox::NewTask& task, std::int64_t version, Instant stored_at) {
  auto& order = *document.root();
  auto* meta = child_of(order, "meta");
  if (meta == nullptr) meta = prepend(document, order, "meta");
  set_child(document, *meta, "lastUpdated", to_iso8601(stored_at));
  set_child(document, *meta, "versionId", std::to_string(version));
  set_child(document, order, "id", to_text(task.id));
  if (!task.given_identifier.empty() && child_of(order, "identifier") == nullptr) {
    add_identifier(document, order, task.given_identifier);
  }
}

Document stored_document(const outbox::StoredTask& stored) {
  const auto kept_as = format_of(stored.task.content_type).value_or(fhir::Format::kJson);
  // It was inside the limits when it was taken in; those may have been lowered since.
  constexpr fhir::ReadLimits limits{.depth = std::numeric_limits<std::size_t>::max(),
                                    .elements = std::numeric_limits<std::size_t>::max()};
  auto read = kept_as == fhir::Format::kJson ? fhir::read_json(stored.task.body, limits)
                                             : fhir::read_xml(stored.task.body, limits);
  // Answered 500. What stands in the way may quote the task, so it is not for a log.
  if (!read) throw std::runtime_error("stored task " + to_text(stored.task.id) + " cannot be read any more");
  auto& document = *read;
  stamp(document, stored.task, stored.version, stored.updated_at);
  return std::move(document);
}

std::string read_back(const outbox::StoredTask& stored, fhir::Format format) {
  return written(stored_document(stored), format);
}

std::string location_of(const std::string& base, TaskId id, std::int64_t version) {
  return base + "/Order/" + to_text(id) + "/_history/" + std::to_string(version);
}

Headers version_headers(const std::string& base, TaskId id, std::int64_t version, Instant stored_at) {
  const auto location = location_of(base, id, version);
  return {{"Location", location},
          {"Content-Location", location},
          {"ETag", "W/\"" + std::to_string(version) + "\""},
          {"Last-Modified", to_http_date(stored_at)}};
}

Response created(const std::string& base, TaskId id, std::int64_t version, Instant stored_at,
                 std::string representation, fhir::Format format, bool minimal) {
  Response response;
  response.status = 201;
  if (!minimal) response = answer(201, std::move(representation), format);
  auto headers = version_headers(base, id, version, stored_at);
  std::move(headers.begin(), headers.end(), std::back_inserter(response.headers));
  return response;
}

}  // namespace gw::exchange
