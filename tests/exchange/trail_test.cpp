// What the audit keeps of requests that are no tasks, and what is told where it can keep nothing.
#include "exchange/trail.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/log.hpp"
#include "exchange/send_bench.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

constexpr std::string_view kPrefix = "urn:nhs:names:services:gpconnect:fhir:";

/// A request of A11111 to its own mailbox, or to C33333's endpoint.
RequestHead request(const std::string& interaction, const std::string& method, const std::string& target) {
  auto head = good_request();
  head.method = method;
  head.target = target;
  set_header(head, "Ssp-To", std::string{target.starts_with("/C33333") ? kRelayedAsid : kSenderAsid});
  set_header(head, "Ssp-InteractionID", std::string{kPrefix} + interaction);
  auto claims = token_claims();
  if (interaction != "rest:create:appointment") claims.scope = "organization/*.read";
  set_token(head, claims);
  return head;
}

Response ask(Bench& bench, const RequestHead& head) {
  WholeBody body{""};
  Gateway gateway{Parts{bench.clock, bench.source, bench.outbox, bench.courier, bench.settings}};
  return bench.run(gateway.handle(head, body));
}

struct Row {
  const char* what;
  RequestHead head;
  int status;
  const char* codes;
};

std::vector<Row> refused_reads() {
  auto unknown_type = request("rest:read:metadata", "GET", "/A11111/DSTU2/1/metadata");
  set_header(unknown_type, "Accept", "text/plain");
  return {
      {"no such task", request("rest:read:order", "GET", "/A11111/DSTU2/1/Order/1"), 404, "NO_RECORD_FOUND"},
      {"the outbox cannot be read", request("rest:read:order", "GET", "/A11111/DSTU2/1/Order/0000000000010"), 503,
       "INTERNAL_SERVER_ERROR"},
      {"a bad parameter", request("rest:search:order", "GET", "/A11111/DSTU2/1/Order?date=soon"), 422,
       "INVALID_PARAMETER"},
      {"no such patient", request("rest:read:patient", "GET", "/A11111/DSTU2/1/Patient/9"), 404, "PATIENT_NOT_FOUND"},
      {"a bad identifier", request("rest:search:patient", "GET", "/A11111/DSTU2/1/Patient?identifier=x"), 400,
       "INVALID_IDENTIFIER_SYSTEM"},
      {"an unknown media type", unknown_type, 415, "BAD_REQUEST"},
      {"nobody serves it", request("operation:gpc.getcarerecord", "POST", "/A11111/DSTU2/1/Patient/$gpc.getcarerecord"),
       501, "NOT_IMPLEMENTED"},
      {"the recipient is away", request("rest:read:order", "GET", "/C33333/DSTU2/1/Order/1"), 502,
       "INTERNAL_SERVER_ERROR"},
  };
}

/// What `act` has the gateway write to its log.
template <class Act>
std::string logged(const Act& act) {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  const int error_output = ::dup(STDERR_FILENO);
  ::dup2(::fileno(file), STDERR_FILENO);
  log::start("info");
  act();
  log::stop();
  ::dup2(error_output, STDERR_FILENO);
  ::close(error_output);
  std::string text(static_cast<std::size_t>(::lseek(::fileno(file), 0, SEEK_END)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

}  // namespace

TEST_CASE("trail: a refused request that is no task is recorded with its error codes, as any other (AUD-01)",
          "[exchange]") {
  for (const auto& row : refused_reads()) {
    CAPTURE(row.what);
    Bench bench;
    bench.courier.connect_fault = fault(FaultKind::kUnreachable, "nobody there");
    const auto response = ask(bench, row.head);
    CHECK(response.status == row.status);
    REQUIRE(bench.outbox.records.size() == 1);
    CHECK(bench.outbox.records.front().status == row.status);
    CHECK(bench.outbox.records.front().outcome == row.codes);
  }
}

TEST_CASE(
    "trail: of a relayed request that the recipient answered nothing is told as undone for want of the audit "
    "(AUD-02, OUT-02)",
    "[exchange]") {
  Bench bench;
  bench.courier.relayed = net::WireAnswer{.status = 201, .complete = true};
  const auto head = request("rest:create:appointment", "POST", "/C33333/DSTU2/1/Appointment");
  CHECK(ask(bench, head).status == 201);
  bench.outbox.record_fault = kDiskFull;
  const auto text = told(ask(bench, head));
  CHECK(says(text, "504 transient"));
  CHECK(says(text, "may have been carried out"));
  CHECK_FALSE(says(text, "serves none"));
}

TEST_CASE("trail: nothing that a sender can fill freely comes into the log (AUD-04)", "[exchange]") {
  Bench bench;
  auto head = request("rest:read:order", "9990000018", "/A11111/DSTU2/1/Order/9990000018?patient=9990000018");
  for (const auto* const name : {"Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID", "Authorization", "Accept",
                                 "traceparent", "User-Agent"}) {
    set_header(head, name, "9990000018");
  }
  const auto log = logged([&] { CHECK(ask(bench, head).status == 405); });
  CHECK(says(log, "\"event\":\"request\""));
  CHECK_FALSE(says(log, "9990000018"));
  CHECK(says(logged([&] { ask(bench, request("rest:read:order", "GET", "/A11111/DSTU2/1/Order/1")); }),
             "\"method\":\"GET\""));
}
