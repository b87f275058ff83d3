#include "spine/interaction.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace gw::spine;

TEST_CASE("interaction: each id is known in exact case, and in the later form with -1 (SSP-02, TASK-01)", "[spine]") {
  for (const auto& interaction : interactions()) {
    CHECK(find_interaction(interaction.id) == &interaction);
    CHECK(find_interaction(std::string{interaction.id} + "-1") == &interaction);
    CHECK(find_interaction(std::string{interaction.id} + "-2") == nullptr);
    CHECK(find_interaction(std::string{interaction.id} + "-1-1") == nullptr);
    auto upper = std::string{interaction.id};
    upper.front() = 'U';
    CHECK(find_interaction(upper) == nullptr);
  }
  CHECK(find_interaction("") == nullptr);
  CHECK(find_interaction("-1") == nullptr);
}

TEST_CASE("interaction: every operation of ours stands in the table once, every id and every path too", "[spine]") {
  std::set<Operation> operations;
  std::set<std::string> ids;
  std::set<std::string> paths;
  std::size_t own = 0;
  for (const auto& interaction : interactions()) {
    ids.emplace(interaction.id);
    paths.insert(std::string{interaction.verb} + ' ' + std::string{interaction.resource} +
                 (interaction.instance ? "/[id]/" : "/") + std::string{interaction.below});
    if (interaction.operation == Operation::kRelayed) continue;
    operations.insert(interaction.operation);
    ++own;
  }
  CHECK(operations.size() == own);
  CHECK(ids.size() == interactions().size());
  CHECK(paths.size() == interactions().size());
}

TEST_CASE("interaction: the list of GP Connect 0.5.0 is known whole, with its verbs and paths (SSP-02, SSP-06)",
          "[spine]") {
  const std::set<std::string> published{
      "rest:read:metadata GET metadata",
      "rest:read:patient GET Patient/[id]",
      "rest:search:patient GET Patient",
      "rest:read:practitioner GET Practitioner/[id]",
      "rest:search:practitioner GET Practitioner",
      "rest:read:organization GET Organization/[id]",
      "rest:search:organization GET Organization",
      "rest:read:location GET Location/[id]",
      "rest:search:location GET Location",
      "operation:gpc.getcarerecord POST Patient/$gpc.getcarerecord",
      "operation:gpc.getschedule POST Organization/[id]/$gpc.getschedule",
      "operation:gpc.registerpatient POST Patient/$gpc.registerpatient",
      "rest:read:appointment GET Appointment/[id]",
      "rest:create:appointment POST Appointment",
      "rest:update:appointment PUT Appointment/[id]",
      "rest:search:patient_appointments GET Patient/[id]/Appointment",
      "rest:create:order POST Order",
  };
  const std::set<std::string> ours{"rest:read:order GET Order/[id]", "rest:search:order GET Order",
                                   "operation:gpc.gettaskoutcome GET Order/[id]/$gpc.gettaskoutcome"};
  const std::string prefix = "urn:nhs:names:services:gpconnect:fhir:";
  std::set<std::string> known;
  for (const auto& one : interactions()) {
    REQUIRE(one.id.starts_with(prefix));
    known.insert(std::string{one.id.substr(prefix.size())} + ' ' + std::string{one.verb} + ' ' +
                 std::string{one.resource} + (one.instance ? "/[id]" : "") +
                 (one.below.empty() ? "" : "/" + std::string{one.below}));
  }
  auto all = published;
  all.insert(ours.begin(), ours.end());
  CHECK(known == all);
}

TEST_CASE("interaction: those of other parts of GP Connect are known too, to be relayed (SSP-06)", "[spine]") {
  const auto* const record = find_interaction("urn:nhs:names:services:gpconnect:fhir:operation:gpc.getcarerecord");
  REQUIRE(record != nullptr);
  CHECK(record->operation == Operation::kRelayed);
  CHECK(record->verb == "POST");
  CHECK(record->below == "$gpc.getcarerecord");
  const auto* const update = find_interaction("urn:nhs:names:services:gpconnect:fhir:rest:update:appointment");
  REQUIRE(update != nullptr);
  CHECK(update->verb == "PUT");
  CHECK(update->instance);
}

TEST_CASE("interaction: creating needs a write scope, metadata an organisation's, reads either (JWT-04)", "[spine]") {
  using Scopes = std::vector<std::string_view>;
  for (const auto& interaction : interactions()) {
    const Scopes scopes{interaction.scopes.begin(), interaction.scopes.end()};
    switch (interaction.operation) {
      case Operation::kCreateOrder:
        CHECK(scopes == Scopes{"patient/*.write", "organization/*.write"});
        break;
      case Operation::kMetadata:
        CHECK(scopes == Scopes{"organization/*.read"});
        break;
      case Operation::kRelayed:
        CHECK(scopes.size() == 2);
        break;
      default:
        CHECK(scopes == Scopes{"patient/*.read", "organization/*.read"});
    }
  }
}
