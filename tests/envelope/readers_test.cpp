// Who may read and search a stored task (ANS-09): its source and its target, over real requests. Sending it is not
// enough, nor is a token that names one of the two.
#include <catch2/catch.hpp>

#include "base/ids.hpp"
#include "envelope/envelope_world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

World& world() {
  static World one;
  return one;
}

/// Who asks: certificate, ASID, and the ODS code that the token says its user acts for.
struct Asking {
  std::string party;
  int asid;
  std::string acts_for;
};

const Asking kSender{"sender", 1, "A11111"};
const Asking kTarget{"mailbox", 2, "B82001"};
const Asking kThird{"sender", 6, "F66666"};

/// The id of a task with this source, sent by the system of A11111.
std::string sent_from(const std::string& source) {
  auto request = world().good_request();
  request.order.set("/source/reference", '"' + source + '"');
  const auto answer = world().send(request);
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  const auto location = std::string{header_value(answer.headers, "Location")};
  const auto id = location.find("/Order/") + 7;
  return location.substr(id, location.find('/', id) - id);
}

Answer asked(const Asking& asking, const std::string& below, const std::string& interaction) {
  auto request = world().good_request();
  request.get(below, interaction);
  request.party = asking.party;
  request.send_as(asking.asid);
  request.token.set("/requesting_organization/identifier/0/value", '"' + asking.acts_for + '"');
  return world().send(request);
}

/// What a read, a read of a version, and a search of the task say.
std::string told(const Asking& asking, const std::string& id) {
  const auto found = asked(asking, "/Order?_id=" + id, "search:order");
  return asked(asking, "/Order/" + id, "read:order").verdict() + ", " +
         asked(asking, "/Order/" + id + "/_history/1", "read:order").verdict() + ", " + found.verdict() +
         (found.body.find("\"entry\"") == std::string::npos ? " without it" : " with it");
}

const std::string kShown = "200, 200, 200 with it";
const std::string kHidden = "403 ACCESS_DENIED forbidden, 403 ACCESS_DENIED forbidden, 200 without it";

}  // namespace

TEST_CASE("readers: a task is shown to its source and its target, and to no other (ANS-09)", "[envelope]") {
  const auto id = sent_from("Organization/1");
  CHECK(told(kSender, id) == kShown);
  CHECK(told(kTarget, id) == kShown);
  CHECK(told(kThird, id) == kHidden);
}

TEST_CASE("readers: a token that names the source or the target opens nothing to another system (ANS-09)",
          "[envelope]") {
  const auto id = sent_from("Organization/1");
  CHECK(told({"sender", 6, "A11111"}, id) == kHidden);
  CHECK(told({"sender", 6, "B82001"}, id) == kHidden);
}

TEST_CASE("readers: a task sent for another organisation is that one's, not the sending system's (ANS-09)",
          "[envelope]") {
  const auto id = sent_from("Organization/6");
  CHECK(told(kThird, id) == kShown);
  CHECK(told(kTarget, id) == kShown);
  CHECK(told(kSender, id) == kHidden);
}

TEST_CASE("readers: a system that serves several organisations reads for the one that its user acts for (ANS-09)",
          "[envelope]") {
  const auto id = sent_from("Organization/16");
  CHECK(told({"sender", 1, "R16161"}, id) == kShown);
  CHECK(told(kSender, id) == kHidden);
  CHECK(told({"sender", 1, "F66666"}, id) == kHidden);
  CHECK(told({"sender", 6, "R16161"}, id) == kHidden);
}

TEST_CASE("readers: a source that is a person is the sending organisation's (ANS-09)", "[envelope]") {
  const auto id = sent_from("Practitioner/7");
  CHECK(told(kSender, id) == kShown);
  CHECK(told(kTarget, id) == kShown);
  CHECK(told(kThird, id) == kHidden);
}
