// `send` as somebody who tries a gateway out meets it: the real program, through the real gateways of the demo's world.
#include <catch2/catch.hpp>
#include <string>

#include "base/digest.hpp"
#include "support/shell.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

/// `send` through practice A's gateway, to the hub.
gw::test::Run send(const std::string& words) {
  auto& demo = World::shared().demo();
  return gw::test::run_in_shell("'" GW_BINARY "' send --to U20002 --text 'A test " + random_uuid() + ".' --config '" +
                                demo.config(demo.party("practice-a")).string() + "' " + words + " 2>&1");
}

/// The claims of the token in printed headers.
std::string claims_in(const std::string& headers) {
  const auto begin = headers.find('.', headers.find("Authorization: Bearer ")) + 1;
  const auto claims = base64url_decode(headers.substr(begin, headers.find('.', begin) - begin));
  REQUIRE(claims.has_value());
  return *claims;
}

}  // namespace

TEST_CASE("send: it is a test in the operator's name, unless a user is named (OPS-04, JWT-05)", "[whole]") {
  const std::string patient = "--from A20001 --patient 9990000018 --print headers";
  const auto usual = claims_in(send(patient).said);
  CHECK_THAT(usual, Contains(R"("family":["Test"])") && Contains(R"("given":["Operator"])") && Contains("\"UNK\"") &&
                        Contains("\"R8015\""));
  const auto named = claims_in(send(patient + " --user 'Dr Amina Shah' --sds-id 555021900000 --role R0260").said);
  CHECK_THAT(named, Contains(R"("family":["Shah"])") && Contains(R"("given":["Amina"])") &&
                        Contains(R"("prefix":["Dr"])") && Contains("\"555021900000\"") && Contains("\"R0260\""));
  CHECK(send(patient + " --role R0260").code == 2);
}

TEST_CASE("send: an NHS number may be written as people write it, and the task arrives (OPS-04)", "[whole]") {
  const auto sent = send("--from A20001 --patient '999 000 0018'");
  CAPTURE(sent.said);
  CHECK(sent.code == 0);
  CHECK_THAT(sent.said, Contains("201: delivered"));
}

TEST_CASE("send: in the name of a system with another certificate it says why that cannot be (TLS-04)", "[whole]") {
  const auto sent = send("--from B20003 --patient 9990000018");
  CAPTURE(sent.said);
  CHECK(sent.code == 1);
  CHECK_THAT(sent.said, Contains("403: NOT delivered") && Contains("with this gateway's own certificate") &&
                            Contains("the directory has B20003 with the FQDN 'cedar.practice.test'"));
}
