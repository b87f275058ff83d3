#include "exchange/stored_order.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "exchange/exchange_world.hpp"
#include "fhir/operation_outcome.hpp"
#include "fhir/read.hpp"
#include "fhir/write.hpp"
#include "rules/validator.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;
using fhir::Element;
using fhir::Format;

namespace {

constexpr std::string_view kOrder = R"({
  "resourceType": "Order",
  "id": "of-the-sender",
  "meta": {"versionId": "99", "profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]},
  "contained": [{
    "resourceType": "Basic",
    "id": "1",
    "meta": {"profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]},
    "text": {"status": "additional", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Call <b>back</b> &amp; ask</div>"},
    "code": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1", "code": "Task Narrative"}]}
  }],
  "date": "2026-11-21",
  "subject": {"reference": "Patient/10"},
  "source": {"reference": "Organization/1", "display": "Sender \u00e9 Surgery"},
  "target": {"reference": "Organization/2"},
  "reasonCodeableConcept": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1", "code": "2"}]},
  "detail": [{"reference": "#1"}]
})";

constexpr std::string_view kIdentifier =
    R"("identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:of-the-sender"}], )";

const Instant kStored = kNow + milliseconds{123};

std::string order_with_identifier() {
  std::string order{kOrder};
  order.insert(order.find("\"date\""), kIdentifier);
  return order;
}

outbox::StoredTask stored_as(std::string body, std::string content_type = "application/json+fhir; charset=UTF-8") {
  outbox::StoredTask stored;
  stored.task.id = TaskId{123456789012345};
  stored.task.body = std::move(body);
  stored.task.content_type = std::move(content_type);
  stored.task.given_identifier = "urn:uuid:629ea9ba-a077-4d99-b289-7a9b19fd4e03";
  stored.updated_at = kStored;
  stored.version = 1;
  return stored;
}

fhir::Document parsed(std::string bytes, Format format = Format::kJson) {
  auto document = format == Format::kJson ? fhir::read_json(std::move(bytes)) : fhir::read_xml(std::move(bytes));
  REQUIRE(document.has_value());
  return std::move(*document);
}

/// Every leaf below `element` as "path=value", a line each, but for what the gateway stamps.
void list_leaves(const Element& element, std::string& lines) {
  for (const auto* child = element.first_child; child != nullptr; child = child->next) {
    const auto path = fhir::path_of(*child);
    const bool of_order = child->parent != nullptr && child->parent->parent == nullptr;
    const bool of_meta = path.starts_with("Order.meta.");
    if (of_order && (child->name == "id" || child->name == "identifier")) continue;
    if (of_meta && (child->name == "versionId" || child->name == "lastUpdated")) continue;
    if (child->has_value()) lines += path + '=' + std::string{child->value} + '\n';
    list_leaves(*child, lines);
  }
}

std::string leaves(const fhir::Document& document) {
  std::string lines;
  list_leaves(*document.root(), lines);
  return lines;
}

}  // namespace

TEST_CASE("stored order: id, version and time are the gateway's, whatever the sender wrote there (ANS-01)",
          "[exchange]") {
  const auto stored = stored_as(std::string{kOrder});
  const auto document = parsed(read_back(stored, Format::kJson));
  const auto* const root = document.root();
  CHECK(root->name == "Order");
  CHECK(root->child_value("id") == to_text(stored.task.id));
  REQUIRE(root->child("meta") != nullptr);
  CHECK(root->child("meta")->child_value("versionId") == "1");
  CHECK(root->child("meta")->child_value("lastUpdated") == "2026-11-21T09:00:00.123Z");
  CHECK(root->child("meta")->child_value("profile") ==
        "http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1");
}

TEST_CASE("stored order: meta is made where the sender gave none (ANS-01)", "[exchange]") {
  const auto document = parsed(read_back(stored_as(R"({"resourceType":"Order","date":"2026-11-21"})"), Format::kJson));
  REQUIRE(document.root()->child("meta") != nullptr);
  CHECK(document.root()->child("meta")->child_value("versionId") == "1");
  CHECK(document.root()->child_value("id") == to_text(TaskId{123456789012345}));
  CHECK(document.root()->child_value("date") == "2026-11-21");
}

TEST_CASE("stored order: an identifier is made where the sender gave none (ANS-01)", "[exchange]") {
  const auto document = parsed(read_back(stored_as(std::string{kOrder}), Format::kJson));
  const auto* const identifier = document.root()->child("identifier");
  REQUIRE(identifier != nullptr);
  CHECK(identifier->in_array);
  CHECK(identifier->child_value("system") == "urn:ietf:rfc:3986");
  CHECK(identifier->child_value("value") == "urn:uuid:629ea9ba-a077-4d99-b289-7a9b19fd4e03");
}

TEST_CASE("stored order: the sender's own identifier is kept and none is added (ANS-01)", "[exchange]") {
  const auto document = parsed(read_back(stored_as(order_with_identifier()), Format::kJson));
  const auto* const identifier = document.root()->child("identifier");
  REQUIRE(identifier != nullptr);
  CHECK(identifier->child_value("value") == "urn:uuid:of-the-sender");
  for (const auto* other = identifier->next; other != nullptr; other = other->next) CHECK(other->name != "identifier");
}

TEST_CASE("stored order: everything else is what the sender sent, in both formats (ANS-01)", "[exchange]") {
  const auto sent = leaves(parsed(std::string{kOrder}));
  CHECK(sent.find("Sender \xc3\xa9 Surgery") != std::string::npos);
  CHECK(leaves(parsed(read_back(stored_as(std::string{kOrder}), Format::kJson))) == sent);

  const auto xml = read_back(stored_as(std::string{kOrder}), Format::kXml);
  const auto back = read_back(stored_as(xml, "application/xml+fhir"), Format::kJson);
  CHECK(leaves(parsed(back)) == sent);
}

TEST_CASE("stored order: a task that came in XML is read back as stored, in XML and JSON (ANS-01, ANS-09)",
          "[exchange]") {
  const auto xml = read_back(stored_as(std::string{kOrder}), Format::kXml);
  const auto stored = stored_as(xml, "application/xml+fhir; charset=UTF-8");
  CHECK(read_back(stored, Format::kXml) == xml);
  const auto document = parsed(read_back(stored, Format::kXml), Format::kXml);
  CHECK(document.root()->child_value("id") == to_text(stored.task.id));
}

TEST_CASE("stored order: stamping twice changes nothing more (ANS-01)", "[exchange]") {
  const auto stored = stored_as(std::string{kOrder});
  auto document = parsed(stored.task.body);
  stamp(document, stored.task, 1, kStored);
  const auto once = fhir::write_json(*document.root(), rules::shape());
  stamp(document, stored.task, 1, kStored);
  CHECK(fhir::write_json(*document.root(), rules::shape()) == once);
  CHECK(read_back(stored, Format::kJson) == once);
}

TEST_CASE("stored order: a task that was inside the limits of its day can always be read back (ANS-09)", "[exchange]") {
  std::string order{kOrder};
  std::string details = R"("detail": [{"reference": "#1"})";
  for (int i = 0; i < 30'000; ++i) details += R"(,{"reference":"#1"})";
  order.replace(order.find(R"("detail": [)"), std::string_view{R"("detail": [{"reference": "#1"})"}.size(), details);
  CHECK(read_back(stored_as(order), Format::kJson).size() > 30'000);
}

TEST_CASE("stored order: location and version headers name id and version (ANS-01)", "[exchange]") {
  const TaskId id{123456789012345};
  const auto location = "https://hub.example.test/B82001/DSTU2/1/Order/" + to_text(id) + "/_history/3";
  CHECK(location_of("https://hub.example.test/B82001/DSTU2/1", id, 3) == location);
  const auto headers = version_headers("https://hub.example.test/B82001/DSTU2/1", id, 3, kStored);
  CHECK(header_value(headers, "Location") == location);
  CHECK(header_value(headers, "Content-Location") == location);
  CHECK(header_value(headers, "ETag") == "W/\"3\"");
  CHECK(header_value(headers, "Last-Modified") == "Sat, 21 Nov 2026 09:00:00 GMT");
}

TEST_CASE("stored order: the 201 carries the task, or nothing where the sender prefers it so (ANS-01, ANS-02)",
          "[exchange]") {
  const TaskId id{123456789012345};
  const auto full = created("https://hub.example.test/B82001/DSTU2/1", id, 1, kStored, "{}", Format::kJson, false);
  CHECK(full.status == 201);
  CHECK(full.body == "{}");
  CHECK(header_value(full.headers, "Content-Type") == fhir::media_type(Format::kJson));
  CHECK_FALSE(header_value(full.headers, "Location").empty());

  const auto minimal = created("https://hub.example.test/B82001/DSTU2/1", id, 1, kStored, "{}", Format::kXml, true);
  CHECK(minimal.status == 201);
  CHECK(minimal.body.empty());
  CHECK(header_count(minimal.headers, "Content-Type") == 0);
  CHECK(header_value(minimal.headers, "Location") == header_value(full.headers, "Location"));
  CHECK(header_value(minimal.headers, "ETag") == "W/\"1\"");
}
