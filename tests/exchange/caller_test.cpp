#include "exchange/caller.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange_world.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

struct Answered {
  fhir::Checked<Caller> caller;
  outbox::AuditRecord trail;
};

Answered ask(const RequestHead& head, std::vector<directory::Organisation> orgs = organisations(), Instant now = kNow) {
  outbox::AuditRecord trail;
  auto caller = identify(head, make_directory(std::move(orgs)), caller_settings(), now, trail);
  return {std::move(caller), std::move(trail)};
}

std::string verdict_of(const RequestHead& head) {
  return verdict_on(ask(head).caller);
}

std::string location_of_refusal(const RequestHead& head) {
  const auto asked = ask(head);
  REQUIRE_FALSE(asked.caller.has_value());
  return asked.caller.error().issues.front().location;
}

}  // namespace

TEST_CASE("caller: a good request to a mailbox gives sender, recipient, token and the recipient's base (SSP-11)",
          "[exchange]") {
  const auto head = good_request();
  const auto asked = ask(head);
  REQUIRE(asked.caller.has_value());
  const auto& caller = *asked.caller;
  CHECK(caller.sender->ods == OdsCode{"A11111"});
  CHECK(caller.recipient->ods == OdsCode{"B82001"});
  CHECK(caller.base == "https://hub.example.test/B82001/DSTU2/1");
  CHECK(caller.envelope.trace.text() == kTrace);
  CHECK(caller.token.organisation == OdsCode{"A11111"});
  CHECK(caller.url.resource == "Order");
}

TEST_CASE("caller: the base of an organisation with its own endpoint is that endpoint, in both URL forms (SSP-05)",
          "[exchange]") {
  for (const auto* const target :
       {"/C33333/DSTU2/1/Order", "/https://provider.example.test:8443/C33333/DSTU2/1/Order"}) {
    INFO(target);
    const auto head = relayed_request_to(target);
    const auto asked = ask(head);
    REQUIRE(asked.caller.has_value());
    CHECK(asked.caller->recipient->ods == OdsCode{"C33333"});
    CHECK(asked.caller->base == "https://provider.example.test:8443/C33333/DSTU2/1");
  }
}

TEST_CASE("caller: a proxied URL is served only where it is exactly a registered endpoint (SSP-05)", "[exchange]") {
  for (const auto* const target : {
           "/https://provider.example.test/C33333/DSTU2/1/Order",
           "/https://Provider.example.test:8443/C33333/DSTU2/1/Order",
           "/https://provider.example.test:8443/C33333/DSTU2/2/Order",
           "/https://provider.example.test:8443/C33333/DSTU2/1/gpconnect/Order",
           "/https://provider.example.test:8443/B82001/DSTU2/1/Order",
           "/https://user@provider.example.test:8443/C33333/DSTU2/1/Order",
           "/https://provider.example.test:8443@evil.example.test/C33333/DSTU2/1/Order",
           "/https://[::1]:8443/C33333/DSTU2/1/Order",
           "/https://[::ffff:127.0.0.1]:8443/C33333/DSTU2/1/Order",
           "/https://127.0.0.1:8443/C33333/DSTU2/1/Order",
           "/https://hub.example.test/B82001/DSTU2/1/Order",
       }) {
    INFO(target);
    CHECK(verdict_of(relayed_request_to(target)) == "404 ORGANISATION_NOT_FOUND not-found SSP-05");
  }
}

TEST_CASE("caller: the direct form names the registered major version and segment, else it is 404 (SSP-05)",
          "[exchange]") {
  for (const auto* const target : {"/C33333/DSTU2/2/Order", "/C33333/DSTU2/1/gpconnect/Order"}) {
    INFO(target);
    CHECK(verdict_of(relayed_request_to(target)) == "404 NO_RECORD_FOUND not-found SSP-05");
  }
}

TEST_CASE("caller: an interaction to be relayed needs its own verb and path (SSP-02, SSP-06, SSP-07)", "[exchange]") {
  const auto asked = [](std::string method, std::string target, std::string interaction, std::string scope) {
    auto head = relayed_request_to(std::move(target));
    head.method = std::move(method);
    set_header(head, "Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:" + std::move(interaction));
    auto claims = token_claims();
    claims.scope = std::move(scope);
    set_token(head, claims);
    return verdict_of(head);
  };
  const std::string base = "/C33333/DSTU2/1";
  const std::string record = "operation:gpc.getcarerecord";
  const std::string update = "rest:update:appointment";
  CHECK(asked("POST", base + "/Patient/$gpc.getcarerecord", record, "patient/*.read") == "accepted");
  CHECK(asked("PUT", base + "/Appointment/7", update, "patient/*.write") == "accepted");
  CHECK(asked("GET", base + "/Patient/$gpc.getcarerecord", record, "patient/*.read") ==
        "405 BAD_REQUEST not-supported SSP-07");
  CHECK(asked("PUT", base + "/Patient/7", update, "patient/*.write") == "405 BAD_REQUEST not-supported SSP-07");
  const std::string misfit = "400 BAD_REQUEST invalid SSP-02";
  CHECK(asked("POST", base + "/Patient/$gpc.registerpatient", record, "patient/*.read") == misfit);
  CHECK(asked("POST", base + "/Patient/7/$gpc.getcarerecord", record, "patient/*.read") == misfit);
  CHECK(asked("GET", base + "/Patient/7/Appointment", "rest:read:patient", "patient/*.read") == misfit);
  CHECK(asked("GET", base + "/Appointment/7", update, "patient/*.write") == misfit);
}

TEST_CASE("caller: an unknown path is 404, an unknown organisation too, each with its own code (SSP-05, ANS-04)",
          "[exchange]") {
  auto head = good_request();
  head.target = "/B82001/STU3/1/Order";
  CHECK(verdict_of(head) == "404 NO_RECORD_FOUND not-found SSP-05");
  head.target = "/X99999/DSTU2/1/Order";
  CHECK(verdict_of(head) == "404 ORGANISATION_NOT_FOUND not-found SSP-05");
  head.target = "/b82001/DSTU2/1/Order";
  CHECK(verdict_of(head) == "404 ORGANISATION_NOT_FOUND not-found SSP-05");
  head.target = "/B82001/DSTU2/1/order";
  CHECK(verdict_of(head) == "404 NO_RECORD_FOUND not-found SSP-05");
}

TEST_CASE("caller: a path with encoded or dot segments is 400 (SSP-05, ANS-04)", "[exchange]") {
  auto head = good_request();
  head.target = "/B82001%2FDSTU2/1/Order";
  CHECK(verdict_of(head) == "400 BAD_REQUEST invalid SSP-05");
  head.target = "/B82001/DSTU2/1/Order/..";
  CHECK(verdict_of(head) == "400 BAD_REQUEST invalid SSP-05");
}

TEST_CASE("caller: a verb that a known path does not take is 405 with Allow (SSP-07)", "[exchange]") {
  const auto allow = [](std::string method, std::string target) {
    auto head = good_request();
    head.method = std::move(method);
    head.target = std::move(target);
    const auto asked = ask(head);
    CHECK(verdict_on(asked.caller) == "405 BAD_REQUEST not-supported SSP-07");
    return asked.caller ? std::string{} : std::string{header_value(asked.caller.error().headers, "Allow")};
  };
  for (const auto* const method :
       {"PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "post", "Post", "P", "ET", ",", "GET, POST", ""}) {
    INFO(method);
    CHECK(allow(method, "/B82001/DSTU2/1/Order") == "GET, POST");
  }
  CHECK(allow("POST", "/B82001/DSTU2/1/Order/abc") == "GET");
  CHECK(allow("DELETE", "/B82001/DSTU2/1/Order/abc") == "GET");
  CHECK(allow("POST", "/B82001/DSTU2/1/metadata") == "GET");
  CHECK(allow("GET", "/B82001/DSTU2/1") == "POST");  // a Bundle (TASK-12)
}

TEST_CASE("caller: a resource type that is not offered is 501 (ANS-04)", "[exchange]") {
  auto head = good_request();
  for (const auto* const target : {"/B82001/DSTU2/1/Observation", "/B82001/DSTU2/1/OrderResponse/1"}) {
    INFO(target);
    head.target = target;
    CHECK(verdict_of(head) == "501 NOT_IMPLEMENTED not-supported SSP-07");
  }
}

TEST_CASE("caller: each Ssp header must be there, once, well formed; all faults are told at once (SSP-01)",
          "[exchange]") {
  for (const auto* const name : {"Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID"}) {
    INFO(name);
    auto missing = good_request();
    drop_header(missing, name);
    CHECK(verdict_of(missing) == "400 BAD_REQUEST invalid SSP-01");
    CHECK(location_of_refusal(missing) == name);

    auto doubled = good_request();
    doubled.headers.push_back({name, std::string{header_value(doubled.headers, name)}});
    CHECK(verdict_of(doubled) == "400 BAD_REQUEST invalid SSP-01");
  }
  auto malformed = good_request();
  set_header(malformed, "Ssp-TraceID", "not-a-guid");
  set_header(malformed, "Ssp-From", "20000000000");
  set_header(malformed, "Ssp-To", "20000000000x");
  const auto asked = ask(malformed);
  REQUIRE_FALSE(asked.caller.has_value());
  CHECK(asked.caller.error().issues.size() == 3);
}

TEST_CASE("caller: the interaction must be known and fit verb and path, its case too (SSP-02)", "[exchange]") {
  for (const std::string id : {"urn:nhs:names:services:gpconnect:fhir:rest:create:orders",
                               "URN:nhs:names:services:gpconnect:fhir:rest:create:order",
                               "urn:nhs:names:services:gpconnect:fhir:rest:read:order",
                               "urn:nhs:names:services:gpconnect:fhir:rest:read:metadata"}) {
    INFO(id);
    auto head = good_request();
    set_header(head, "Ssp-InteractionID", id);
    CHECK(verdict_of(head) == "400 BAD_REQUEST invalid SSP-02");
  }
  auto later_form = good_request();
  set_header(later_form, "Ssp-InteractionID", std::string{kCreate} + "-1");
  CHECK(verdict_of(later_form) == "accepted");
}

TEST_CASE("caller: a read needs an id in its path, any other interaction takes none (SSP-02)", "[exchange]") {
  auto head = good_request();
  head.method = "GET";
  auto claims = token_claims();
  claims.scope = "patient/*.read";
  set_token(head, claims);
  const auto asked = [&](std::string_view interaction, std::string target) {
    set_header(head, "Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:" + std::string{interaction});
    head.target = std::move(target);
    return verdict_of(head);
  };
  const std::string refused = "400 BAD_REQUEST invalid SSP-02";
  CHECK(asked("read:order", "/B82001/DSTU2/1/Order/abc") == "accepted");
  CHECK(asked("search:order", "/B82001/DSTU2/1/Order?patient=10") == "accepted");
  CHECK(asked("read:order", "/B82001/DSTU2/1/Order") == refused);
  CHECK(asked("search:order", "/B82001/DSTU2/1/Order/abc") == refused);
  CHECK(asked("search:patient", "/B82001/DSTU2/1/Patient/10") == refused);
  CHECK(asked("read:metadata", "/B82001/DSTU2/1/metadata/abc") == refused);
}

TEST_CASE("caller: Ssp-To must be the ASID of the organisation in the URL (SSP-03)", "[exchange]") {
  auto head = good_request();
  set_header(head, "Ssp-To", std::string{kRelayedAsid});
  CHECK(verdict_of(head) == "400 BAD_REQUEST invalid SSP-03");
  CHECK(location_of_refusal(head) == "Ssp-To");
}

TEST_CASE("caller: Ssp-From must be a registered system, accredited for the interaction (SSP-04)", "[exchange]") {
  auto unknown = good_request();
  set_header(unknown, "Ssp-From", "299999999999");
  CHECK(verdict_of(unknown) == "403 ASID_CHECK_FAILED forbidden SSP-04");
  CHECK(location_of_refusal(unknown) == "Ssp-From");

  auto reader = good_request();
  set_header(reader, "Ssp-From", std::string{kReaderAsid});
  reader.peer.fqdns = {"reader.example.test"};
  CHECK(verdict_of(reader) == "403 ASID_CHECK_FAILED forbidden SSP-04");
  CHECK(location_of_refusal(reader) == "Ssp-InteractionID");

  reader.method = "GET";
  reader.target = "/B82001/DSTU2/1/Order/abc";
  auto claims = token_claims();
  claims.scope = "patient/*.read";
  for (const auto& form : {std::string{kRead}, std::string{kRead} + "-1"}) {
    INFO(form);
    set_header(reader, "Ssp-InteractionID", form);
    set_token(reader, claims);
    CHECK(verdict_of(reader) == "accepted");
  }
}

TEST_CASE("caller: sender and recipient must share a data sharing group (SSP-04)", "[exchange]") {
  auto head = good_request();
  set_header(head, "Ssp-From", std::string{kStrangerAsid});
  head.peer.fqdns = {"stranger.example.test"};
  CHECK(verdict_of(head) == "403 NO_ORGANISATIONAL_CONSENT forbidden SSP-04");

  auto nobody = organisations();
  for (auto& organisation : nobody) organisation.sharing_group.clear();
  CHECK(verdict_on(ask(good_request(), nobody).caller) == "403 NO_ORGANISATIONAL_CONSENT forbidden SSP-04");
}

TEST_CASE("caller: the client certificate's FQDN must be the sender's own or a trusted proxy's (TLS-04)",
          "[exchange]") {
  const auto with_names = [](std::vector<std::string> fqdns) {
    auto head = good_request();
    head.peer.fqdns = std::move(fqdns);
    return verdict_of(head);
  };
  const std::string refused = "403 ASID_CHECK_FAILED forbidden TLS-04";
  CHECK(with_names({"sender.example.test"}) == "accepted");
  CHECK(with_names({"other.example.test", "sender.example.test"}) == "accepted");
  CHECK(with_names({"proxy.example.test"}) == "accepted");
  CHECK(with_names({"other.example.test", "proxy.example.test"}) == "accepted");
  CHECK(with_names({}) == refused);
  CHECK(with_names({"mailbox.example.test"}) == refused);
  CHECK(with_names({"a.sender.example.test"}) == refused);
  CHECK(with_names({"example.test"}) == refused);
  CHECK(with_names({""}) == refused);
}

TEST_CASE("caller: a sender registered without an FQDN comes in through a trusted proxy only (TLS-04)", "[exchange]") {
  auto orgs = organisations();
  orgs.front().fqdn.clear();
  auto head = good_request();
  head.peer.fqdns = {""};
  CHECK(verdict_on(ask(head, orgs).caller) == "403 ASID_CHECK_FAILED forbidden TLS-04");
  head.peer.fqdns = {"proxy.example.test"};
  CHECK(verdict_on(ask(head, orgs).caller) == "accepted");
}

TEST_CASE("caller: a trusted proxy still speaks only for registered senders (TLS-04, SSP-04)", "[exchange]") {
  auto head = good_request();
  head.peer.fqdns = {"proxy.example.test"};
  set_header(head, "Ssp-From", "299999999999");
  CHECK(verdict_of(head) == "403 ASID_CHECK_FAILED forbidden SSP-04");
}

TEST_CASE("caller: the token is checked with the sender's own clock policy (SSP-12, JWT-02)", "[exchange]") {
  auto head = good_request();
  set_token(head, token_claims(kNow + std::chrono::seconds{200}));
  CHECK(verdict_on(ask(head).caller).starts_with("400 BAD_REQUEST"));

  auto lenient = organisations();
  lenient.front().policy.token_future_leeway = seconds{300};
  CHECK(verdict_on(ask(head, lenient).caller) == "accepted");

  auto unlimited = organisations();
  unlimited.front().policy.token_future_unlimited = true;
  set_token(head, token_claims(kNow + std::chrono::hours{1000}));
  CHECK(verdict_on(ask(head, unlimited).caller) == "accepted");
}

TEST_CASE("caller: of two faults the one that the published order puts first is told (SSP-11)", "[exchange]") {
  struct Fault {
    std::string verdict;
    std::function<void(RequestHead&)> make;
  };
  // In the published order; every fault can be made whatever the others did.
  const std::vector<Fault> faults{
      {"501 NOT_IMPLEMENTED not-supported SSP-07", [](RequestHead& head) { head.target += "Response"; }},
      {"405 BAD_REQUEST not-supported SSP-07", [](RequestHead& head) { head.method = "PUT"; }},
      {"400 BAD_REQUEST invalid SSP-01", [](RequestHead& head) { drop_header(head, "Ssp-TraceID"); }},
      {"400 BAD_REQUEST invalid SSP-02",
       [](RequestHead& head) { set_header(head, "Ssp-InteractionID", std::string{kRead}); }},
      {"400 BAD_REQUEST invalid JWT-01", [](RequestHead& head) { drop_header(head, "Authorization"); }},
      {"404 ORGANISATION_NOT_FOUND not-found SSP-05", [](RequestHead& head) { head.target.replace(0, 7, "/X99999"); }},
      {"400 BAD_REQUEST invalid SSP-03", [](RequestHead& head) { set_header(head, "Ssp-To", "299999999998"); }},
      {"403 ASID_CHECK_FAILED forbidden SSP-04",
       [](RequestHead& head) { set_header(head, "Ssp-From", std::string{kReaderAsid}); }},
      {"403 ASID_CHECK_FAILED forbidden TLS-04", [](RequestHead& head) { head.peer.fqdns = {"other.example.test"}; }},
  };
  for (std::size_t earlier = 0; earlier < faults.size(); ++earlier) {
    auto alone = good_request();
    faults[earlier].make(alone);
    INFO(faults[earlier].verdict << " alone");
    CHECK(verdict_of(alone) == faults[earlier].verdict);
    for (std::size_t later = earlier + 1; later < faults.size(); ++later) {
      auto both = good_request();
      faults[later].make(both);
      faults[earlier].make(both);
      INFO(" with " << faults[later].verdict);
      CHECK(verdict_of(both) == faults[earlier].verdict);
    }
  }
  auto sharing = good_request();
  set_header(sharing, "Ssp-From", std::string{kStrangerAsid});
  CHECK(verdict_of(sharing) == "403 ASID_CHECK_FAILED forbidden TLS-04");
}

TEST_CASE("caller: the trail of an accepted request says who asked, for whom, with what (AUD-01)", "[exchange]") {
  const auto head = good_request();
  const auto trail = ask(head).trail;
  CHECK(trail.trace == kTrace);
  CHECK(trail.from == kSenderAsid);
  CHECK(trail.to == kMailboxAsid);
  CHECK(trail.interaction == kCreate);
  CHECK(trail.user_id == "111222333444");
  CHECK(trail.user_name.find("Jones") != std::string::npos);
  CHECK(trail.user_role == "R0260");
  CHECK(trail.organisation == "A11111");
  CHECK(trail.device.find("Careful") != std::string::npos);
  CHECK(trail.authority == "https://sender.example.test");
  CHECK(trail.patient == kPatientOfMailbox);
}

TEST_CASE("caller: a refused request leaves the same trail as far as it could be read (AUD-01)", "[exchange]") {
  auto unknown_path = good_request();
  unknown_path.target = "/nothing/here";
  CHECK(ask(unknown_path).trail.trace == kTrace);
  CHECK(ask(unknown_path).trail.from == kSenderAsid);

  auto no_token = good_request();
  drop_header(no_token, "Authorization");
  CHECK(ask(no_token).trail.interaction == kCreate);
  CHECK(ask(no_token).trail.user_id.empty());

  auto stranger = good_request();
  set_header(stranger, "Ssp-From", std::string{kStrangerAsid});
  const auto trail = ask(stranger).trail;
  CHECK(trail.from == kStrangerAsid);
  CHECK(trail.user_id == "111222333444");
  CHECK(trail.patient == kPatientOfMailbox);
}

TEST_CASE("caller: what a hostile sender puts into its headers goes into the trail shortened (AUD-01)", "[exchange]") {
  auto head = good_request();
  set_header(head, "Ssp-TraceID", std::string(5000, 'x'));
  set_header(head, "Ssp-InteractionID", std::string(5000, 'y'));
  const auto trail = ask(head).trail;
  CHECK(trail.trace == std::string(128, 'x'));
  CHECK(trail.interaction == std::string(128, 'y'));
}

TEST_CASE("caller: a refusal tells neither the token nor an NHS number (ANS-03, JWT-07)", "[exchange]") {
  auto head = good_request();
  set_header(head, "Ssp-From", std::string{kStrangerAsid});
  const auto asked = ask(head);
  REQUIRE_FALSE(asked.caller.has_value());
  const auto bearer = std::string{header_value(head.headers, "Authorization")}.substr(7);
  for (const auto refusal = asked.caller.error(); const auto& issue : refusal.issues) {
    CHECK(issue.diagnostics.find(bearer) == std::string::npos);
    CHECK(issue.diagnostics.find(kPatientOfMailbox) == std::string::npos);
  }
}
