// What differs between partners (SSP-12): each policy on a sender's directory entry is put there while the gateway
// runs, has its one effect, and is gone when the line is as before.
#include <catch2/catch.hpp>

#include "envelope/rows.hpp"

using namespace gw;
using namespace gw::test;

namespace {

World& world() {
  static World one;
  return one;
}

/// A policy, and a request of a sender who needs it.
struct Needed {
  std::string name;
  std::string policy;  ///< from the Token Leeway on
  Change change;
  std::string without;  ///< verdict
  std::string with;
};

/// Each identifier system of the token under the partner's own name.
void name_systems_otherwise(Request& request) {
  request.token.set("/requested_record/identifier/0/system", R"("https://fhir.nhs.uk/Id/nhs-number")");
  request.token.set("/requesting_organization/identifier/0/system", R"("urn:partner:ods?v=1")");
  request.token.set("/requesting_practitioner/identifier/0/system", R"("https://fhir.nhs.uk/Id/sds-user-id")");
}

const std::string kSystems =
    ",,,,https://fhir.nhs.uk/Id/nhs-number=nhs-number urn:partner:ods?v=1=ods-organization-code "
    "https://fhir.nhs.uk/Id/sds-user-id=sds-user-id,,,it is ahead of the published systems";

std::vector<Needed> policies() {
  const auto ahead = [](Request& request, World&) {
    const auto later = std::stoll(request.token.at("/iat")) + 200;
    request.token.set("/iat", std::to_string(later));
    request.token.set("/exp", std::to_string(later + 300));
  };
  const auto systems = [](Request& request, World&) { name_systems_otherwise(request); };
  const auto look_up = [](Request& request, World&) {
    name_systems_otherwise(request);
    request.get("/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990002754", "search:patient");
  };
  const auto look_up_alone = [](Request& request, World&) {
    request.get("/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990002754", "search:patient");
  };
  const auto charset = header("Content-Type", "application/json+fhir; charset=ISO-8859-1");
  const auto charset_and_latin1 = [charset](Request& request, World& it) {
    charset(request, it);
    auto text = request.order.text();
    text.replace(text.find("Please"), 6,
                 "Pl\xE9"
                 "ase");
    request.body = text;
  };
  const auto loose = [](Request& request, World&) {
    request.token.set("/requesting_device/colour", R"("red")");
    request.token.set("/requesting_practitioner/name/family", R"("Jones")");
  };
  const auto loose_without_part = [](Request& request, World&) {
    request.token.set("/requesting_practitioner/name/family", R"("Jones")");
    request.token.erase("/requesting_practitioner/name/given");
  };
  const std::string bad = "400 BAD_REQUEST invalid";
  const std::string media = "415 BAD_REQUEST not-supported";
  const std::string structure = "422 INVALID_RESOURCE structure";
  const std::string any = ",,,,,any,,its library names what it likes";
  const std::string lenient = ",,,,,,lenient,agreed until its next release";
  return {
      {"a clock ahead, by as much", "200,,,,,,,its clock is ahead", ahead, bad, "201"},
      {"a clock ahead, by more", "100,,,,,,,its clock is ahead", ahead, bad, bad},
      {"a clock ahead, by any time", "unlimited,,,,,,,its clock is ahead", ahead, bad, "201"},
      {"identifier systems in a token", kSystems, systems, bad, "201"},
      {"identifier systems in a look-up too", kSystems, look_up, bad, "200"},
      {"identifier systems in a look-up alone", kSystems, look_up_alone, "400 INVALID_IDENTIFIER_SYSTEM value", "200"},
      {"a charset's name", any, charset, media, "201"},
      {"a charset that is meant: the body must be UTF-8", any, charset_and_latin1, media, "400 BAD_REQUEST structure"},
      {"resources in a token that are not DSTU2's", lenient, loose, structure, "201"},
      {"lenient, but a part is missing", lenient, loose_without_part, bad, bad},
  };
}

std::string verdict_on(const Change& change) {
  auto request = world().good_request();
  change(request, world());
  const auto answer = world().send(request);
  UNSCOPED_INFO(answer.body);
  return answer.verdict();
}

}  // namespace

TEST_CASE("policies: each is in force once its line is read again, and no longer when it is gone (SSP-12)",
          "[envelope]") {
  for (const auto& one : policies()) {
    INFO(one.name);
    CHECK(verdict_on(one.change) == one.without);
    world().set_policy_of_sender(one.policy);
    CHECK(verdict_on(one.change) == one.with);
    CHECK(verdict_on([](Request&, World&) {}) == "201");
    world().set_policy_of_sender("");
    CHECK(verdict_on(one.change) == one.without);
  }
}

TEST_CASE("policies: one without a reason is not read, and what was in force stays (SSP-12)", "[envelope]") {
  const auto lenient = [](Request& request, World&) { request.token.set("/requesting_device/colour", R"("red")"); };
  world().set_policy_of_sender(",,,,,,lenient,");
  CHECK(verdict_on(lenient) == "422 INVALID_RESOURCE structure");
}

TEST_CASE("policies: one sender's is nothing to another (SSP-12)", "[envelope]") {
  world().set_policy_of_sender(",,,,,any,lenient,agreed");
  const auto as_another = [](Request& request, World&) {
    request.send_as(6);
    request.set("Content-Type", "application/json+fhir; charset=ISO-8859-1");
  };
  CHECK(verdict_on(as_another) == "415 BAD_REQUEST not-supported");
  world().set_policy_of_sender("");
}
