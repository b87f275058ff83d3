// The other leg: what a recipient's system says, well or badly, gets into no log and no metric either (AUD-04).
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "proxy/proxy_world.hpp"
#include "support/log_capture.hpp"

using namespace gw;
using namespace gw::test;

namespace {

const std::vector<std::string> kMarks = {"9990002754", "CanaryBody",   "CanaryHeader", "CanaryReason",
                                         "CanaryPath", "CanarySecret", "CanaryQuery",  "CanaryAnswer"};

struct Case {
  const char* interaction;
  const char* below;
  const char* answer;  // of the recipient
};

constexpr const char* kRead = "urn:nhs:names:services:gpconnect:fhir:rest:read:appointment";
constexpr const char* kRecord = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getcarerecord";

const std::vector<Case> kCases = {
    {kRead, "/Appointment/CanaryPath?CanaryQuery=9990002754",
     "HTTP/1.1 200 CanaryReason\r\nContent-Length: 10\r\nX-Patient: CanaryHeader 9990002754\r\n\r\nCanaryBody"},
    {kRead, "/Appointment/CanaryPath", "HTTP/1.1 404 CanaryReason\r\nContent-Length: 10\r\n\r\nCanaryBody"},
    {kRead, "/Appointment/CanaryPath", "HTTP/1.1 500 CanaryReason\r\nContent-Length: 10\r\n\r\nCanaryBody"},
    {kRead, "/Appointment/CanaryPath",
     "HTTP/1.1 302 Found\r\nLocation: https://CanaryHeader.example.test/9990002754\r\nContent-Length: 0\r\n\r\n"},
    {kRead, "/Appointment/CanaryPath", "CanaryAnswer 9990002754: not HTTP at all\r\n\r\n"},
    {kRead, "/Appointment/CanaryPath", "HTTP/1.1 200 OK\r\nCanaryHeader 9990002754\r\n\r\n"},
    {kRead, "/Appointment/CanaryPath", "HTTP/1.1 200 OK\r\nContent-Length: CanaryHeader\r\n\r\n"},
    {kRead, "/Appointment/CanaryPath",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nCanaryBody\r\n9990002754\r\n"},
    {kRead, "/Appointment/CanaryPath", "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nCanaryBody 9990002754"},
    {kRecord, "/Patient/$gpc.getcarerecord", "HTTP/1.1 422 CanaryReason\r\nContent-Length: 10\r\n\r\nCanaryBody"},
    {kRecord, "/Patient/$gpc.getcarerecord", ""},
};

}  // namespace

TEST_CASE("canary: no log line and no metric holds anything that a recipient answers (AUD-04)", "[proxy]") {
  LogCapture capture;
  std::string metrics;
  {
    std::atomic<std::size_t> turn{0};
    ProxyWorld world{[&turn](BlockingPeer& peer) {
                       peer.receive_until("\r\n\r\n");
                       peer.send(kCases.at(turn).answer);
                     },
                     [](app::Config& config) { config.delivery.breaker_failures = 0; }};
    for (turn = 0; turn < kCases.size(); ++turn) {
      const auto& one = kCases[turn];
      const std::string verb = one.interaction == std::string{kRead} ? "GET" : "POST";
      auto head = world.head(verb, std::string{kDirect} + one.below, one.interaction);
      head += "X-Secret: CanarySecret 9990002754\r\nConnection: close\r\n";
      if (verb == "POST") head += "Content-Type: application/json+fhir\r\nContent-Length: 21\r\n";
      auto peer = world.sender();
      peer.send(head + "\r\n" + (verb == "POST" ? "CanaryBody 9990002754" : ""));
      INFO(one.answer);
      CHECK_THAT(peer.receive_to_end(), Catch::StartsWith("HTTP/1.1 "));
    }
    CHECK(world.reached() >= static_cast<int>(kCases.size()));
    auto admin = connect_to_port(world.admin_port());
    admin.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    metrics = admin.receive_to_end();
  }
  const auto log = capture.take();
  CHECK_THAT(log, Catch::Contains("\"event\":\"request\""));
  CHECK_THAT(metrics, Catch::Contains("gpconnect_requests_total"));
  for (const auto& mark : kMarks) {
    INFO(mark);
    CHECK(log.find(mark) == std::string::npos);
    CHECK(metrics.find(mark) == std::string::npos);
  }
}
