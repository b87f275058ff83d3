// Nothing of a patient, a token or a text gets into logs or metrics: every request of every table, good and bad, at
// each stage, with marks in all that it carries; then the whole log at its most verbose level and /metrics are
// searched.
#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "envelope/rows.hpp"
#include "support/log_capture.hpp"

using namespace gw;
using namespace gw::test;

namespace {

/// Marks, each in another place. The NHS numbers are those of the tables and of the patient index.
const std::vector<std::string> kMarks = {
    "9990002754",      "9990004129",     "9990000018",   "9990001383",     // patients
    "999 000 2754",    "999-000-2754",                                     // as people write them
    "Cotton",          "31/05/1962",                                       // of the patient index
    "CanaryFamily",    "CanaryGiven",    "CanaryDevice", "CanaryModel",    // of the token
    "CanaryRole",      "CanaryUser",     "CanaryIssuer", "CanaryOrg",      //
    "CanaryNarrative", "CanaryIdentity", "CanarySystem", "CanarySubject",  // of the task
    "CanaryQuery",     "CanaryHeader",   "CanaryAgent",  "CanaryCookie",   // of the request
    "CanaryBody",      "CanaryPath"};

void plant(Request& request) {
  auto& token = request.token;
  token.set("/iss", R"("https://CanaryIssuer.example.test")");
  token.set("/sub", R"("CanaryUser")");
  token.set("/requesting_practitioner/id", R"("CanaryUser")");
  token.set("/requesting_practitioner/identifier/0/value", R"("CanaryUser1")");
  token.set("/requesting_practitioner/name", R"({"family":["CanaryFamily"],"given":["CanaryGiven"],"prefix":["Dr"]})");
  token.set("/requesting_practitioner/practitionerRole/0/role/coding/0/code", R"("CanaryRole")");
  token.set("/requesting_device/identifier/0/value", R"("CanaryDevice")");
  token.set("/requesting_device/model", R"("CanaryModel")");
  token.set("/requesting_organization/name", R"("CanaryOrg")");
  auto& order = request.order;
  order.set("/contained/0/text/div",
            R"("<div xmlns=\"http://www.w3.org/1999/xhtml\">CanaryNarrative of 999 000 2754 or 999-000-2754 )" +
                random_uuid() + R"(.</div>")");
  order.set("/identifier",
            R"([{"system":"https://CanarySystem.example.test","value":"CanaryIdentity)" + random_uuid() + R"("}])");
  request.add("X-Patient", "CanaryHeader 9990002754");
  request.add("User-Agent", "CanaryAgent");
  request.add("Cookie", "CanaryCookie=1");
  request.add("traceparent", "00-CanaryHeader00000000000000000000-CanaryHeader0000-01");
}

/// The parts of a token as they go over the wire: each holds something of the user or the patient.
std::vector<std::string> pieces_of(const Request& request) {
  constexpr std::size_t piece = 24;
  const auto payload = base64url_encode(request.token.text());
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at + piece <= payload.size(); at += 4 * piece) pieces.push_back(payload.substr(at, piece));
  return pieces;
}

std::string metrics_of(const World& world) {
  auto peer = connect_to_port(world.admin_port());
  peer.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return peer.receive_to_end();
}

void search(const std::string& where, const std::string& text, const std::vector<std::string>& marks) {
  for (const auto& mark : marks) {
    const auto at = text.find(mark);
    const auto begin = at == std::string::npos ? 0 : text.rfind('\n', at) + 1;
    INFO(where << " holds " << mark << ": "
               << (at == std::string::npos ? "" : text.substr(begin, text.find('\n', at) - begin)));
    CHECK(at == std::string::npos);
  }
}

}  // namespace

TEST_CASE("canary: no log line and no metric holds anything of a patient, a token or a text (AUD-04)", "[envelope]") {
  LogCapture capture;
  std::string metrics;
  auto marks = kMarks;
  std::size_t answered = 0;
  {
    World world;
    for (const auto& row : all_rows()) {
      INFO(row.rule << ": " << row.what);
      auto request = world.good_request();
      plant(request);
      row.change(request, world);
      if (!request.authorization) {
        const auto pieces = pieces_of(request);
        if (answered % 16 == 0) marks.insert(marks.end(), pieces.begin(), pieces.end());
      }
      answered += world.send(request).status == 0 ? 0U : 1U;
    }
    auto bad_body = world.good_request();
    plant(bad_body);
    bad_body.body = R"({"resourceType":"Order","CanaryBody":"CanaryBody 9990002754)";
    CHECK(world.send(bad_body).status == 400);
    auto bad_path = world.good_request();
    plant(bad_path);
    bad_path.get("/Order/CanaryPath?CanaryQuery=CanaryQuery&patient=9990002754", "search:order");
    CHECK(world.send(bad_path).status == 400);
    auto relayed = world.good_request();
    plant(relayed);
    relayed.send_to("C33333", 3);
    CHECK(world.send(relayed).status == 201);
    metrics = metrics_of(world);
  }
  const auto log = capture.take();
  REQUIRE(answered > 200);
  // That it was searched at all: the requests are there, one line each.
  CHECK_THAT(log, Catch::Contains("\"event\":\"request\""));
  CHECK_THAT(metrics, Catch::Contains("gpconnect_requests_total"));
  search("the log", log, marks);
  search("/metrics", metrics, marks);
}
