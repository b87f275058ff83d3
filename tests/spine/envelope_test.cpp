#include "spine/envelope.hpp"

#include <catch2/catch.hpp>

using namespace gw;
using spine::read_envelope;

namespace {

constexpr const char* kTrace = "629ea9ba-a077-4d99-b289-7a9b19fd4e03";
constexpr const char* kCreate = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";

RequestHead good_head() {
  return RequestHead{.method = "POST",
                     .target = "/A1/DSTU2/1/Order",
                     .headers = {{"Ssp-TraceID", kTrace},
                                 {"Ssp-From", "200000000101"},
                                 {"Ssp-To", "200000000102"},
                                 {"Ssp-InteractionID", kCreate}},
                     .peer = {}};
}

RequestHead with(const std::string& name, const std::string& value) {
  auto head = good_head();
  for (auto& header : head.headers) {
    if (header.name == name) header.value = value;
  }
  return head;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The one issue of a refused head.
fhir::Issue only_issue(const RequestHead& head, std::string_view resource = "Order") {
  const auto read = read_envelope(head, resource);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().status == 400);
  REQUIRE(read.error().issues.size() == 1);
  CHECK(read.error().issues[0].code == fhir::ErrorCode::kBadRequest);
  return read.error().issues[0];
}

constexpr auto kNames = {"Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID"};

}  // namespace

TEST_CASE("envelope: four good headers are read, their names in any case (SSP-01)", "[spine]") {
  auto head = with("Ssp-TraceID", "629EA9BA-A077-4D99-B289-7A9B19FD4E03");
  head.headers[0].name = "SSP-TRACEID";
  head.headers[1].name = "ssp-from";
  const auto read = read_envelope(head, "Order");
  REQUIRE(read.has_value());
  CHECK(read->trace.text() == kTrace);
  CHECK(read->from.text() == "200000000101");
  CHECK(read->to.text() == "200000000102");
  CHECK(read->interaction->operation == spine::Operation::kCreateOrder);
}

TEST_CASE("envelope: each header that is missing, empty or doubled is refused by name (SSP-01)", "[spine]") {
  for (const std::string name : kNames) {
    INFO(name);
    auto missing = good_head();
    std::erase_if(missing.headers, [&](const Header& header) { return header.name == name; });
    auto issue = only_issue(missing);
    CHECK(issue.location == name);
    CHECK(issue.rule == "SSP-01");
    CHECK(has(issue.diagnostics, name + " is missing; "));

    issue = only_issue(with(name, ""));
    CHECK(issue.location == name);
    CHECK(has(issue.diagnostics, name + " is empty; "));

    auto doubled = good_head();
    doubled.headers.push_back({name, std::string{header_value(doubled.headers, name)}});
    issue = only_issue(doubled);
    CHECK(issue.location == name);
    CHECK(has(issue.diagnostics, name + " is there 2 times"));
  }
}

TEST_CASE("envelope: the faults of all four headers are told at once (SSP-01)", "[spine]") {
  const auto read = read_envelope(RequestHead{.method = "POST", .target = "/", .headers = {}, .peer = {}}, "Order");
  REQUIRE_FALSE(read.has_value());
  REQUIRE(read.error().issues.size() == 4);
  std::size_t at = 0;
  for (const std::string name : kNames) CHECK(read.error().issues[at++].location == name);
}

TEST_CASE("envelope: a trace id that is no GUID is refused (SSP-01)", "[spine]") {
  const std::string bad = GENERATE(as<std::string>{}, "1", "629ea9baa0774d99b2897a9b19fd4e03",
                                   "629ea9ba-a077-4d99-b289-7a9b19fd4e0g", "{629ea9ba-a077-4d99-b289-7a9b19fd4e03}",
                                   "629ea9ba-a077-4d99-b289-7a9b19fd4e031", "629ea9ba_a077_4d99_b289_7a9b19fd4e03");
  const auto issue = only_issue(with("Ssp-TraceID", bad));
  CHECK(issue.location == "Ssp-TraceID");
  CHECK(issue.rule == "SSP-01");
}

TEST_CASE("envelope: an ASID that is not 12 digits is refused (SSP-01)", "[spine]") {
  const std::string name = GENERATE(as<std::string>{}, "Ssp-From", "Ssp-To");
  const std::string bad =
      GENERATE(as<std::string>{}, "20000000035", "2000000001010", "20000000035x", "2000 0000 035", "A20001");
  const auto issue = only_issue(with(name, bad));
  CHECK(issue.location == name);
  CHECK(has(issue.diagnostics, "exactly 12 digits"));
}

TEST_CASE("envelope: an unknown interaction is refused, with the one that was meant when it is near (SSP-02)",
          "[spine]") {
  auto issue = only_issue(with("Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:create:Order"));
  CHECK(issue.rule == "SSP-02");
  CHECK(has(issue.diagnostics, std::string{"did you mean "} + kCreate));
  issue = only_issue(with("Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:create:ordr-1"));
  CHECK(has(issue.diagnostics, std::string{"did you mean "} + kCreate));
  issue = only_issue(with("Ssp-InteractionID", "urn:nhs:names:services:other"));
  CHECK_FALSE(has(issue.diagnostics, "did you mean"));
  CHECK(has(issue.diagnostics, kCreate));
}

TEST_CASE("envelope: an interaction that does not fit verb or path is refused with those it belongs to (SSP-02)",
          "[spine]") {
  auto wrong_verb = good_head();
  wrong_verb.method = "GET";
  auto issue = only_issue(wrong_verb);
  CHECK(issue.rule == "SSP-02");
  CHECK(issue.location == "Ssp-InteractionID");
  CHECK(has(issue.diagnostics, "belongs to POST on a path of Order; this request is 'GET' on 'Order'"));
  issue = only_issue(good_head(), "Patient");
  CHECK(has(issue.diagnostics, "this request is 'POST' on 'Patient'"));
  issue = only_issue(good_head(), "order");
  CHECK(issue.rule == "SSP-02");
}

TEST_CASE("envelope: every interaction fits its own verb and path and no other (SSP-02)", "[spine]") {
  for (const auto& interaction : spine::interactions()) {
    for (const auto& other : spine::interactions()) {
      auto head = with("Ssp-InteractionID", std::string{interaction.id});
      head.method = other.verb;
      const bool fits = other.verb == interaction.verb && other.resource == interaction.resource;
      CHECK(read_envelope(head, other.resource).has_value() == fits);
    }
  }
}

TEST_CASE("envelope: tasks may be posted at the base itself, in a Bundle (TASK-12)", "[spine]") {
  CHECK(read_envelope(good_head(), "").has_value());
  auto head = with("Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:read:metadata");
  head.method = "GET";
  CHECK(has(only_issue(head, "").diagnostics, "on the service's base"));
}
