// Device, organisation and practitioner: who asks.
#include <catch2/catch.hpp>

#include "payload.hpp"

using namespace gw;
using test::has;
using test::issues_of;
using test::Payload;

namespace {

/// Refused with 400; the first issue.
fhir::Issue first_issue(const Payload& payload) {
  const auto checked = payload.check();
  INFO(issues_of(checked));
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().status == 400);
  CHECK(checked.error().issues[0].code == fhir::ErrorCode::kBadRequest);
  CHECK(checked.error().issues[0].rule == "JWT-05");
  return checked.error().issues[0];
}

Payload changed(const std::string& pointer, const std::string& json) {
  Payload payload;
  payload.set(pointer, json);
  return payload;
}

Payload erased(const std::string& pointer) {
  Payload payload;
  payload.erase(pointer);
  return payload;
}

}  // namespace

TEST_CASE("requester: each claim must be of its own resource type (JWT-05)", "[spine]") {
  for (const std::string claim : {"requesting_device", "requesting_organization", "requesting_practitioner"}) {
    auto issue = first_issue(changed('/' + claim + "/resourceType", "\"Basic\""));
    CHECK(issue.location == claim);
    CHECK(has(issue.diagnostics, claim + " has resourceType 'Basic'; it must be "));
    issue = first_issue(erased('/' + claim + "/resourceType"));
    CHECK(has(issue.diagnostics, claim + " has no resourceType"));
    CHECK(has(first_issue(changed('/' + claim + "/resourceType", "null")).diagnostics, "has no resourceType"));
  }
}

TEST_CASE("requester: the organisation has an ODS code (JWT-05)", "[spine]") {
  const std::string at = "/requesting_organization/identifier";
  CHECK(first_issue(erased(at)).location == "requesting_organization.identifier");
  CHECK(first_issue(changed(at + "/0/system", "\"http://x.example\"")).location ==
        "requesting_organization.identifier");
  CHECK(first_issue(changed(at + "/0/value", "\"\"")).location == "requesting_organization.identifier");
}

TEST_CASE("requester: the practitioner's id is sub (JWT-05)", "[spine]") {
  const auto issue = first_issue(changed("/requesting_practitioner/id", "\"8\""));
  CHECK(issue.location == "requesting_practitioner.id");
  CHECK(has(issue.diagnostics, "is '8' and sub is '7'"));
  CHECK(has(first_issue(erased("/requesting_practitioner/id")).diagnostics, "requesting_practitioner.id is missing"));
}

TEST_CASE("requester: the practitioner has an SDS user id, under either system, and a local one (JWT-05)", "[spine]") {
  const std::string at = "/requesting_practitioner/identifier";
  const auto other = changed(at + "/0/system", "\"http://fhir.nhs.net/Id/sds-user-id\"").check();
  INFO(issues_of(other));
  REQUIRE(other.has_value());
  CHECK(other->user_sds_id == "G1");
  CHECK(has(first_issue(changed(at + "/0/system", "\"http://x.example\"")).diagnostics, "has no SDS user id"));
  CHECK(has(first_issue(erased(at + "/1")).diagnostics, "has no local user id"));
  CHECK(has(first_issue(changed(at + "/1/system", "\"http://fhir.nhs.net/Id/sds-user-id\"")).diagnostics,
            "has no local user id"));
  CHECK(has(first_issue(changed(at + "/1/value", "\"\"")).diagnostics, "has no local user id"));
  const auto none = erased(at).check();
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().issues.size() == 2);
}

TEST_CASE("requester: the practitioner's name has family and given (JWT-05)", "[spine]") {
  for (const std::string part : {"family", "given"}) {
    const auto at = "/requesting_practitioner/name/" + part;
    const auto path = "requesting_practitioner.name." + part;
    CHECK(first_issue(erased(at)).location == path);
    CHECK(first_issue(changed(at, "[]")).location == path);
    CHECK(first_issue(changed(at, "null")).location == path);
  }
  CHECK(first_issue(erased("/requesting_practitioner/name")).location == "requesting_practitioner.name");
  const auto plain = erased("/requesting_practitioner/name/prefix").check();
  REQUIRE(plain.has_value());
  CHECK(plain->user_name == "Ada Jones");
}

TEST_CASE("requester: the practitioner has a job role under its system (JWT-05)", "[spine]") {
  const std::string at = "/requesting_practitioner/practitionerRole";
  const std::string coding = at + "/0/role/coding/0";
  for (const auto& payload : {erased(at).jwt(), erased(at + "/0/role").jwt(), erased(coding + "/code").jwt(),
                              changed(coding + "/system", "\"http://x.example\"").jwt()}) {
    const auto checked =
        spine::check_token(payload, *spine::find_interaction(test::kCreateOrder), test::kNow, spine::TokenPolicy{});
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().status == 400);
    CHECK(checked.error().issues[0].location == "requesting_practitioner.practitionerRole");
  }
}

TEST_CASE("requester: a resource that breaks its DSTU2 structure is 422 INVALID_RESOURCE (JWT-05)", "[spine]") {
  for (const std::string claim :
       {"requested_record", "requesting_device", "requesting_organization", "requesting_practitioner"}) {
    const auto checked = changed('/' + claim + "/invalidField", "\"x\"").check();
    INFO(claim << ": " << issues_of(checked));
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().status == 422);
    REQUIRE(checked.error().issues.size() == 1);
    CHECK(checked.error().issues[0].code == fhir::ErrorCode::kInvalidResource);
    CHECK(checked.error().issues[0].rule == "JWT-05");
    CHECK(has(checked.error().issues[0].location, "invalidField"));
    CHECK(header_count(checked.error().headers, "WWW-Authenticate") == 0);
  }
}

TEST_CASE("requester: a broken structure beside a bad claim is 400, with both told (JWT-05, JWT-07)", "[spine]") {
  auto payload = changed("/requesting_device/invalidField", "\"x\"");
  const auto checked = payload.set("/aud", "\"x\"").check();
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().status == 400);
  CHECK(checked.error().issues.size() == 2);
}
