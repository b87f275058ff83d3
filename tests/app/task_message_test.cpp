#include "exchange/task_message.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/send.hpp"
#include "exchange/caller.hpp"
#include "fhir/read.hpp"
#include "rules/task.hpp"

using namespace gw;
using namespace gw::app;

namespace {

const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{9}};

std::shared_ptr<const directory::Directory> make_directory() {
  directory::Organisation from{.ods = OdsCode{"A11111"}, .asid = Asid{"200000000001"}};
  from.name = "Sender \"North\" Surgery";
  from.sharing_group = "north";
  from.fqdn = "sender.example.test";
  from.logical_id = "1";
  directory::Organisation to{.ods = OdsCode{"B82001"}, .asid = Asid{"200000000002"}};
  to.name = "Mailbox Surgery";
  to.sharing_group = "north";
  to.fqdn = "mailbox.example.test";
  to.logical_id = "2";
  directory::Patient patient{.nhs_number = NhsNumber{"9990002754"}, .logical_id = "10"};
  patient.registered_at = OdsCode{"B82001"};
  std::vector<std::string> errors;
  auto made = directory::Directory::make({from, to}, {patient}, errors);
  REQUIRE(errors.empty());
  return made;
}

exchange::TaskMessage message_in(const directory::Directory& directory,
                                 std::string text = "Please call the patient back.") {
  exchange::TaskMessage message;
  message.from = directory.by_ods("A11111");
  message.to = directory.by_ods("B82001");
  message.patient = directory.patient_by_logical_id("10");
  message.text = std::move(text);
  return message;
}

/// Every error that the rules find in a made Order, a line each.
std::string errors_in(const std::string& order, Instant now = kNow) {
  const auto document = fhir::read_json(order);
  REQUIRE(document.has_value());
  const auto verdict = rules::check_task(*document, "https://hub.example.test/B82001/DSTU2/1", now);
  std::string lines;
  for (const auto& issue : verdict.issues) {
    if (issue.severity == fhir::Severity::kError || issue.severity == fhir::Severity::kFatal) {
      lines += issue.location + ": " + issue.diagnostics + '\n';
    }
  }
  CHECK(verdict.refused() == !lines.empty());
  return lines;
}

rules::TaskFacts facts_in(const fhir::Document& document) {
  return rules::facts_of(document, "https://hub.example.test/B82001/DSTU2/1");
}

std::string identified(const Headers& headers, std::string method, std::string target,
                       const std::shared_ptr<const directory::Directory>& directory) {
  RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  head.headers = headers;
  head.peer.fqdns = {"sender.example.test"};
  outbox::AuditRecord trail;
  const auto caller = exchange::identify(head, directory, {.public_url = "https://hub.example.test"}, kNow, trail);
  if (caller) return "accepted";
  std::string told = std::to_string(caller.error().status);
  for (const auto refusal = caller.error(); const auto& issue : refusal.issues) told += ' ' + issue.diagnostics;
  return told;
}

}  // namespace

TEST_CASE("task message: the Order it makes is a right task, with and without identifier and action (TASK-01)",
          "[app]") {
  const auto directory = make_directory();
  auto message = message_in(*directory);
  CHECK(errors_in(exchange::make_order(message, kNow)).empty());
  message.action_needed = true;
  message.identifier = "629ea9ba-a077-4d99-b289-7a9b19fd4e03";
  CHECK(errors_in(exchange::make_order(message, kNow)).empty());
}

TEST_CASE("task message: the Order says who sends what to whom about whom", "[app]") {
  const auto directory = make_directory();
  auto message = message_in(*directory);
  message.action_needed = true;
  message.identifier = "629ea9ba-a077-4d99-b289-7a9b19fd4e03";
  const auto document = fhir::read_json(exchange::make_order(message, kNow));
  REQUIRE(document.has_value());
  const auto facts = facts_in(*document);
  CHECK(facts.subject == "Patient/10");
  CHECK(facts.source == "Organization/1");
  CHECK(facts.target == "Organization/2");
  CHECK(facts.type == "2");
  CHECK(facts.date == "2026-11-21");
  CHECK(facts.identifier_system == "urn:ietf:rfc:3986");
  CHECK(facts.identifier_value == "urn:uuid:629ea9ba-a077-4d99-b289-7a9b19fd4e03");

  message.action_needed = false;
  message.identifier.clear();
  const auto plain = fhir::read_json(exchange::make_order(message, kNow));
  REQUIRE(plain.has_value());
  CHECK(facts_in(*plain).type == "1");
  CHECK_FALSE(facts_in(*plain).identifier_value.has_value());
}

TEST_CASE("task message: text with markup, quotes and lines stays text (TASK-10)", "[app]") {
  const auto directory = make_directory();
  for (const std::string text :
       {"BP < 120 & > 80", "<script>alert(1)</script>", "say \"yes\" & 'no'", "caf\xc3\xa9", "]]>"}) {
    INFO(text);
    const auto order = exchange::make_order(message_in(*directory, text), kNow);
    CHECK(errors_in(order).empty());
    const auto document = fhir::read_json(order);
    REQUIRE(document.has_value());
    CHECK(facts_in(*document).text == text);
  }
  CHECK(errors_in(exchange::make_order(message_in(*directory, "one\ntwo"), kNow)).empty());
}

TEST_CASE("task message: the Order is dated today in London, also after midnight there (TASK-07)", "[app]") {
  const auto directory = make_directory();
  const Instant late{std::chrono::sys_days{std::chrono::year{2026} / 7 / 1} + std::chrono::hours{23} +
                     std::chrono::minutes{30}};
  const auto order = exchange::make_order(message_in(*directory), late);
  CHECK(order.find("\"2026-07-02\"") != std::string::npos);
  CHECK(errors_in(order, late).empty());
}

TEST_CASE("task message: the headers pass every check that needs no body (SSP-11)", "[app]") {
  const auto directory = make_directory();
  const auto* const from = directory->by_ods("A11111");
  const auto* const to = directory->by_ods("B82001");
  const auto* const patient = directory->patient_by_logical_id("10");
  CHECK(identified(exchange::make_headers(*from, *to, patient, exchange::kCreateOrder, exchange::User{}, kNow), "POST",
                   "/B82001/DSTU2/1/Order", directory) == "accepted");
  CHECK(identified(exchange::make_headers(*from, *to, patient, exchange::kReadOrder, exchange::User{}, kNow), "GET",
                   "/B82001/DSTU2/1/Order/abc", directory) == "accepted");
  CHECK(identified(exchange::make_headers(*from, *to, nullptr, exchange::kReadMetadata, exchange::User{}, kNow), "GET",
                   "/B82001/DSTU2/1/metadata", directory) == "accepted");
}

TEST_CASE("task message: every request gets a trace id of its own (SSP-01)", "[app]") {
  const auto directory = make_directory();
  const auto make = [&] {
    const auto headers =
        exchange::make_headers(*directory->by_ods("A11111"), *directory->by_ods("B82001"),
                               directory->patient_by_logical_id("10"), exchange::kCreateOrder, exchange::User{}, kNow);
    return std::string{header_value(headers, "Ssp-TraceID")};
  };
  CHECK(make() != make());
}

TEST_CASE("send: a task is called not delivered only where that is certain (OUT-02)", "[app]") {
  CHECK(verdict_of(201) == "delivered");
  for (const int status : {400, 403, 409, 422, 429, 502, 503}) CHECK(verdict_of(status) == "NOT delivered");
  for (const int status : {500, 504}) CHECK(verdict_of(status).substr(0, 9) == "NOT KNOWN");
  for (const auto kind : {FaultKind::kUnreachable, FaultKind::kTls}) CHECK(verdict_of(kind) == "NOT delivered");
  for (const auto kind : {FaultKind::kTimeout, FaultKind::kReset, FaultKind::kClosed, FaultKind::kMalformed}) {
    CHECK(verdict_of(kind).substr(0, 9) == "NOT KNOWN");
  }
}
