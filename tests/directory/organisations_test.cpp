#include <catch2/catch.hpp>

#include "files.hpp"

using namespace gw;
using gw::test::errors_of;
using gw::test::Files;

namespace {

constexpr const char* kFull =
    "FQDN,extra,FHIR Endpoint,ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,Party Key,Logical "
    "ID,Interactions,If-None-Exist,Token Leeway,Policy Reason\n";

std::string full_errors(const std::string& rows) {
  const Files files;
  const auto loaded = directory::load_csv(files.write("organisations.csv", kFull + rows), {});
  return loaded ? std::string{} : loaded.error().detail;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("organisations: columns are found by name in any order, with ours and unknown ones (SSP-09, SSP-12)",
          "[directory]") {
  const Files files;
  const auto loaded = directory::load_csv(
      files.write("organisations.csv",
                  std::string{kFull} +
                      "SYSTEM.Example.NHS.uk,?,https://host.example.nhs.uk:8443/A12345/DSTU2/1,A12345,200000000001,GP "
                      "Practice,\"The Surgery, North\",Group A,P-1,org-1,urn:nhs:names:services:gpconnect:fhir:rest:"
                      "create:order-1  urn:nhs:names:services:other:thing,YES,45,their proxy adds the header\n"
                      ",,mailbox,B12345,200000000002,,,,,,,no,unlimited,their clock is wrong\n"
                      ",,https://Other.example/C12345/DSTU2/1,C12345,200000000003,,,,,,,,,\n"),
      {});
  REQUIRE(loaded.has_value());
  const auto& a = *(*loaded)->by_ods("A12345");
  CHECK(a.fqdn == "system.example.nhs.uk");
  CHECK(a.name == "The Surgery, North");
  CHECK(a.party_key == "P-1");
  CHECK(a.logical_id == "org-1");
  CHECK(a.interactions == std::vector<std::string>{"urn:nhs:names:services:gpconnect:fhir:rest:create:order",
                                                   "urn:nhs:names:services:other:thing"});
  CHECK(a.policy.honours_if_none_exist);
  CHECK(a.policy.token_future_leeway == seconds{45});
  CHECK(a.policy.reason == "their proxy adds the header");

  const auto& b = *(*loaded)->by_ods("B12345");
  CHECK(b.has_mailbox());
  CHECK(b.fqdn.empty());
  CHECK(b.logical_id == "B12345");
  CHECK(b.policy.token_future_unlimited);
  CHECK_FALSE(b.policy.token_future_leeway);

  CHECK((*loaded)->by_ods("C12345")->fqdn == "other.example");
}

TEST_CASE("organisations: an endpoint is an https base URL and nothing more (SSP-05, SSP-09)", "[directory]") {
  const std::string endpoint = GENERATE(
      as<std::string>{}, "http://host.example/A1/DSTU2/1", "https://host.example/A1/DSTU2/1/", "host.example/A1",
      "https://user@host.example/A1", "https://host.example/A1?x=1", "https://host.example/A1#x", "https:///A1",
      "https://host.example:0/A1", "https://host.example:70000/A1", "https://host.example:/A1", "https://-host/A1",
      "https://host..example/A1", "https://host.example/%2e/A1", "https://host.example//A1",
      "https://host.example/../A1", "https://ho st.example/A1", "HTTPS://host.example/A1", "https://[::1]/A1");
  const auto errors = errors_of("A12345,200000000001,T,N,G," + endpoint + '\n');
  INFO(endpoint);
  CHECK(has(errors, "organisations.csv:2: FHIR Endpoint '" + endpoint));
}

TEST_CASE("organisations: codes that are not well formed are refused with their line (SSP-09)", "[directory]") {
  CHECK(has(errors_of(",200000000001,T,N,G,\n"), "organisations.csv:2: ODS Code is empty"));
  CHECK(has(errors_of("a12345,200000000001,T,N,G,\n"), "organisations.csv:2: ODS Code 'a12345'"));
  CHECK(has(errors_of("A12345,20000000001,T,N,G,\n"), "organisations.csv:2: ASID '20000000001'"));
  CHECK(has(errors_of("A12345,20000000000x,T,N,G,\n"), "organisations.csv:2: ASID"));
  CHECK(has(errors_of("A12345,,T,N,G,https://host.example/A\n"), "organisations.csv:2: ASID is empty although"));
  CHECK(has(errors_of("A12345,200000000001,T,N,G\n"), "the line has 5 fields and the heading 6"));
}

TEST_CASE("organisations: what is wrong in the columns of ours is refused with its line (SSP-12)", "[directory]") {
  CHECK(has(full_errors("a b,,,A1,200000000001,,,,,,,,,\n"), "organisations.csv:2: FQDN"));
  CHECK(has(full_errors(",,,A1,200000000001,,,,,a/b,,,,\n"), "organisations.csv:2: Logical ID"));
  CHECK(has(full_errors(",,,A1,200000000001,,,,,,order,,,\n"), "organisations.csv:2: Interactions 'order'"));
  CHECK(has(full_errors(",,,A1,200000000001,,,,,,,maybe,,\n"), "organisations.csv:2: If-None-Exist 'maybe'"));
  CHECK(has(full_errors(",,,A1,200000000001,,,,,,,,-1,why\n"), "organisations.csv:2: Token Leeway '-1'"));
  CHECK(has(full_errors(",,,A1,200000000001,,,,,,,,1.5,why\n"), "organisations.csv:2: Token Leeway '1.5'"));
  CHECK(has(full_errors(",,,A1,200000000001,,,,,,,yes,,\n"), "organisations.csv:2: Policy Reason is empty"));
  CHECK(full_errors(",,,A1,200000000001,,,,,,,no,,\n").empty());
}

TEST_CASE("organisations: a sender's own rate limit is a whole number, and has a reason (SSP-07, SSP-12)",
          "[directory]") {
  const Files files;
  const std::string heading =
      "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,Rate Limit,Policy Reason\n";
  const auto load = [&](const std::string& row) {
    return directory::load_csv(files.write("organisations.csv", heading + "A1,200000000001,T,N,G,," + row + '\n'), {});
  };
  const auto loaded = load("250,a hub of many practices");
  REQUIRE(loaded.has_value());
  CHECK((*loaded)->by_ods("A1")->policy.requests_per_second == 250U);
  const auto silent = load(",");
  REQUIRE(silent.has_value());
  CHECK_FALSE((*silent)->by_ods("A1")->policy.requests_per_second);
  for (const auto* const wrong : {"0", "-1", "1.5", "1000001", "99999999999", "many"}) {
    INFO(wrong);
    const auto refused = load(std::string{wrong} + ",why");
    REQUIRE_FALSE(refused.has_value());
    CHECK(has(refused.error().detail, "organisations.csv:2: Rate Limit '" + std::string{wrong}));
  }
  const auto unexplained = load("250,");
  REQUIRE_FALSE(unexplained.has_value());
  CHECK(has(unexplained.error().detail, "organisations.csv:2: Policy Reason is empty"));
}

TEST_CASE(
    "organisations: for how long a recipient takes deferred tasks is a number of seconds, with a reason (OUT-06, "
    "SSP-12)",
    "[directory]") {
  const Files files;
  const std::string heading =
      "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,Deferred Limit,Policy "
      "Reason\n";
  const auto load = [&](const std::string& row) {
    return directory::load_csv(files.write("organisations.csv", heading + "A1,200000000001,T,N,G,," + row + '\n'), {});
  };
  const auto loaded = load("7200,night shift");
  REQUIRE(loaded.has_value());
  CHECK((*loaded)->by_ods("A1")->policy.deferred_limit == gw::seconds{7200});
  CHECK_FALSE((*load(","))->by_ods("A1")->policy.deferred_limit);
  for (const auto* const wrong : {"0", "-1", "1.5", "86401", "two hours"}) {
    INFO(wrong);
    const auto refused = load(std::string{wrong} + ",why");
    REQUIRE_FALSE(refused.has_value());
    CHECK(has(refused.error().detail, "organisations.csv:2: Deferred Limit '" + std::string{wrong}));
  }
  const auto unexplained = load("7200,");
  REQUIRE_FALSE(unexplained.has_value());
  CHECK(has(unexplained.error().detail, "organisations.csv:2: Policy Reason is empty"));
}

TEST_CASE("organisations: every bad line is told at once, duplicates with both lines", "[directory]") {
  const auto errors = errors_of(
      "A1,200000000001,T,N,G,\n"
      "B1,2000,T,N,G,\n"
      "A1,200000000001,T,N,G,\n"
      "C1,200000000003,T,\"N\"x,G,\n");
  CHECK(has(errors, "organisations.csv:3: ASID"));
  CHECK(has(errors, "organisations.csv:4: ODS Code is that of organisations.csv:2 too"));
  CHECK(has(errors, "organisations.csv:4: ASID is that of organisations.csv:2 too"));
  CHECK(has(errors, "organisations.csv:5: there is text after a closing double quote"));
}

TEST_CASE("organisations: a heading without a published column, or with one twice, is refused", "[directory]") {
  const Files files;
  const auto missing = directory::load_csv(files.write("o.csv", "ODS Code,ASID\nA1,200000000001\n"), {});
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == FaultKind::kInvalid);
  CHECK(has(missing.error().detail, "o.csv:1: there is no column \"FHIR Endpoint\""));
  const auto twice = directory::load_csv(
      files.write("o.csv", std::string{test::kOrganisationHeading} + ",asid\nA1,200000000001,,,,,\n"), {});
  REQUIRE_FALSE(twice.has_value());
  CHECK(has(twice.error().detail, "column \"ASID\" is there twice"));
  const auto empty = directory::load_csv(files.write("o.csv", ""), {});
  REQUIRE_FALSE(empty.has_value());
  CHECK(has(empty.error().detail, "the file is empty"));
  const auto absent = directory::load_csv(files.path("none.csv"), {});
  REQUIRE_FALSE(absent.has_value());
  CHECK(has(absent.error().detail, "none.csv:0: the file cannot be opened"));
}

TEST_CASE("organisations: what becomes of a sender's blind repeats is a policy with a reason (OUT-11, SSP-12)",
          "[directory]") {
  const auto loaded = [](const std::string& value, const std::string& reason) {
    const Files files;
    return directory::load_csv(files.write("organisations.csv",
                                           "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR "
                                           "Endpoint,Duplicates,Policy Reason\nA1,200000000001,,,,," +
                                               value + "," + reason + "\n"),
                               {});
  };
  using directory::Duplicates;
  CHECK((*loaded("", ""))->by_ods("A1")->policy.duplicates == Duplicates::kAnswered);
  CHECK((*loaded("refuse", "their choice"))->by_ods("A1")->policy.duplicates == Duplicates::kRefused);
  CHECK((*loaded("Off", "their choice"))->by_ods("A1")->policy.duplicates == Duplicates::kDelivered);
  CHECK(has(loaded("off", "").error().detail, "organisations.csv:2: Policy Reason is empty"));
  CHECK(has(loaded("on", "x").error().detail, "organisations.csv:2: Duplicates 'on'"));
}

TEST_CASE("organisations: that a sender's tokens are signed is a policy with a reason (JWT-06, SSP-12)",
          "[directory]") {
  const auto loaded = [](const std::string& values) {
    const Files files;
    return directory::load_csv(
        files.write("organisations.csv",
                    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,"
                    "Token Signature,Policy Reason\nA1,200000000001,,,,," +
                        values + "\n"),
        {});
  };
  CHECK_FALSE((*loaded(","))->by_ods("A1")->policy.signs_tokens);
  CHECK((*loaded("Required,agreed"))->by_ods("A1")->policy.signs_tokens);
  CHECK(has(loaded("required,").error().detail, "organisations.csv:2: Policy Reason is empty"));
  CHECK(has(loaded("yes,x").error().detail, "organisations.csv:2: Token Signature 'yes'"));
}

namespace {

/// Two organisations, from the Identifier Systems on.
Result<std::shared_ptr<const directory::Directory>> with_policies(const std::string& first,
                                                                  const std::string& second = ",,,") {
  const Files files;
  return directory::load_csv(
      files.write("organisations.csv",
                  "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,Identifier "
                  "Systems,Charset,Strictness,Policy Reason\n"
                  "A1,200000000001,T,N,G,," +
                      first + "\nB1,200000000002,T,N,G,," + second + '\n'),
      {});
}

std::string fault_of(const Result<std::shared_ptr<const directory::Directory>>& loaded) {
  return loaded ? std::string{} : loaded.error().detail;
}

}  // namespace

TEST_CASE("organisations: a partner's own names of identifier systems, each for one that is known (SSP-12)",
          "[directory]") {
  const auto loaded = with_policies("https://x.example/a=b=nhs-number  urn:x:ods=ods-organization-code,,,agreed");
  REQUIRE(loaded.has_value());
  const auto& systems = (*loaded)->by_ods("A1")->policy.identifier_systems;
  REQUIRE(systems.size() == 2);
  CHECK(systems[0] == spine::SystemAlias{"https://x.example/a=b", spine::kNhsNumberSystem});
  CHECK(systems[1] == spine::SystemAlias{"urn:x:ods", spine::kOdsCodeSystem});
  CHECK((*loaded)->identifier_systems() == systems);
  CHECK((*loaded)->by_ods("B1")->policy.identifier_systems.empty());

  for (const std::string wrong :
       {"urn:x", "urn:x=", "=nhs-number", "nhs-number", "x=nhs-number", "urn:x=NHS-number", "urn:x=other"}) {
    INFO(wrong);
    CHECK(has(fault_of(with_policies(wrong + ",,,why")),
              "organisations.csv:2: Identifier Systems '" + wrong + "' is not [their URI]=[system]"));
  }
  CHECK(has(fault_of(with_policies("http://fhir.nhs.net/Id/nhs-number=sds-user-id,,,why")), "another meaning"));
  CHECK(has(fault_of(with_policies("urn:x=nhs-number urn:x=sds-user-id,,,why")), "stands in this line already"));
  CHECK(has(fault_of(with_policies("urn:x=nhs-number,,,")), "Policy Reason is empty"));
}

TEST_CASE("organisations: one name stands for one identifier system, whoever uses it (SSP-12)", "[directory]") {
  const auto same = with_policies("urn:x=nhs-number,,,why", "urn:x=nhs-number,,,why");
  REQUIRE(same.has_value());
  CHECK((*same)->identifier_systems().size() == 1);
  CHECK(has(fault_of(with_policies("urn:x=nhs-number,,,why", "urn:x=sds-user-id,,,why")),
            "organisations.csv:3: Identifier Systems has 'urn:x' for http://fhir.nhs.net/sds-user-id, which stands for "
            "http://fhir.nhs.net/Id/nhs-number on a line before"));
}

TEST_CASE("organisations: a charset is overlooked and a token read leniently by one word each (SSP-12)",
          "[directory]") {
  const auto loaded = with_policies(",Any,LENIENT,agreed");
  REQUIRE(loaded.has_value());
  CHECK((*loaded)->by_ods("A1")->policy.charset_overlooked);
  CHECK((*loaded)->by_ods("A1")->policy.lenient);
  CHECK((*loaded)->by_ods("A1")->policy.is_special());
  CHECK_FALSE((*loaded)->by_ods("B1")->policy.is_special());
  CHECK(has(fault_of(with_policies(",latin1,,why")),
            "organisations.csv:2: Charset 'latin1' is not \"any\"; empty means"));
  CHECK(has(fault_of(with_policies(",,strict,why")), "organisations.csv:2: Strictness 'strict' is not \"lenient\""));
  CHECK(has(fault_of(with_policies(",any,,")), "Policy Reason is empty"));
  CHECK(has(fault_of(with_policies(",,lenient,")), "Policy Reason is empty"));
}

TEST_CASE("organisations: an endpoint or an FQDN that is an IP address is refused: nothing is delivered there (SSP-05)",
          "[directory]") {
  for (const std::string host : {"192.0.2.1", "10.1", "2130706433", "0x7f000001", "host.0x10", "127.1:8443"}) {
    INFO(host);
    CHECK(has(errors_of("A12345,200000000001,T,N,G,https://" + host + "/A\n"), "names an IP address"));
  }
  CHECK(has(full_errors("192.0.2.1,,,A1,200000000001,,,,,,,,,\n"), "organisations.csv:2: FQDN '192.0.2.1'"));
  CHECK(errors_of("A12345,200000000001,T,N,G,https://1.gp-2.example/A\n").empty());
  CHECK(has(errors_of("A12345,200000000001,T,N,G,https://" + std::string(64, 'a') + ".example/A\n"), "host name"));
}
