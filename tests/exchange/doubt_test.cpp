// A sending that broke off: what the recipient's entry in the directory allows to find out (OUT-04).
#include <string>
#include <vector>

#include "exchange/doubt.hpp"
#include "exchange/send_bench.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

const std::string kColumns =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR "
    "Endpoint,FQDN,Interactions,If-None-Exist,"
    "Policy Reason\n"
    "A11111,200000000001,,Sender Surgery,north,,sender.example.test,,,\n"
    "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
    "provider.example.test,";
const std::string kCreateAndSearch =
    "urn:nhs:names:services:gpconnect:fhir:rest:create:order urn:nhs:names:services:gpconnect:fhir:rest:search:order";
constexpr std::string_view kSearchOfIt = "identifier=urn%3Aietf%3Arfc%3A3986%7Curn%3Auuid%3A1";

std::string order_with_identifier() {
  std::string order{kOrder};
  const std::string before = R"("date":)";
  return order.insert(order.find(before),
                      R"("identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}], )");
}

Delivery broken_off() {
  net::ExchangeResult broken;
  broken.progress = net::Progress::kAllSent;
  broken.fault = fault(FaultKind::kReset, "");
  return delivery::classify(std::move(broken));
}

Delivery answered(int status, std::string body = {}) {
  net::ExchangeResult result;
  result.progress = net::Progress::kAnswered;
  result.answer = net::WireAnswer{.status = status,
                                  .headers = {{"Content-Type", "application/json+fhir"}},
                                  .body = std::move(body),
                                  .complete = true};
  return delivery::classify(std::move(result));
}

/// Each exchange in turn; the last one again and again.
std::function<Delivery()> one_after_the_other(std::vector<std::function<Delivery()>> steps) {
  return [steps = std::move(steps), next = std::size_t{0}]() mutable {
    return steps[std::min(next++, steps.size() - 1)]();
  };
}

std::string bundle_of(const std::string& identifier) {
  return R"({"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Order","id":"o-7",)"
         R"("meta":{"versionId":"3"},"identifier":[{"system":"urn:ietf:rfc:3986","value":")" +
         identifier + R"("}]}}]})";
}

}  // namespace

TEST_CASE("doubt: where the recipient honours If-None-Exist the same request goes again, until it is clear (OUT-04)",
          "[exchange]") {
  Bench bench{kColumns + ",yes,tested\n"};
  bench.courier.answer = one_after_the_other({broken_off, broken_off, [] { return answered(200); }});
  const auto response = bench.send(order_with_identifier());
  CHECK(response.status == 200);
  REQUIRE(bench.courier.requests.size() == 3);
  CHECK(header_count(bench.courier.requests[0].headers, "If-None-Exist") == 0);  // the sender's request, unchanged
  for (std::size_t i = 1; i < 3; ++i) {
    CHECK(bench.courier.requests[i].method == "POST");
    CHECK(header_value(bench.courier.requests[i].headers, "If-None-Exist") == kSearchOfIt);
    CHECK(header_value(bench.courier.requests[i].headers, "Ssp-TraceID") == kTrace);
  }
  CHECK(bench.outbox.events == std::vector{outbox::Event::kRecipientStored});
}

TEST_CASE("doubt: at most three repeats, and what refuses a repeat says nothing of the first (OUT-04, SSP-08)",
          "[exchange]") {
  Bench bench{kColumns + ",yes,tested\n"};
  std::size_t sent = 0;
  SECTION("never clear") {
    bench.courier.answer = broken_off;
    sent = 4;
  }
  SECTION("a refusal") {
    bench.courier.answer = one_after_the_other({broken_off, [] { return answered(409); }});
    sent = 2;
  }
  const auto text = told(bench.send(order_with_identifier()));
  CHECK(says(text, "504 transient"));
  CHECK(says(text, "may have been delivered"));
  CHECK(bench.courier.requests.size() == sent);
  CHECK(bench.outbox.events == std::vector{outbox::Event::kUnknownOutcome});
}

TEST_CASE("doubt: without a policy, an identifier or an open question nothing is repeated or asked (OUT-04)",
          "[exchange]") {
  const auto [columns, order, answer] = GENERATE(table<std::string, std::string, std::function<Delivery()>>({
      {kColumns + ",,\n", order_with_identifier(), broken_off},
      {kColumns + ",yes,tested\n", std::string{kOrder}, broken_off},
      {kColumns + kCreateAndSearch + ",yes,tested\n", order_with_identifier(), [] { return answered(500); }},
      {kColumns + kCreateAndSearch + ",yes,tested\n", order_with_identifier(), [] { return answered(422); }},
  }));
  Bench bench{columns};
  bench.courier.answer = answer;
  CHECK(bench.send(order).status >= 422);
  CHECK(bench.courier.requests.size() == 1);
}

TEST_CASE("doubt: a recipient registered for searches is asked whether the task is there (OUT-04)", "[exchange]") {
  Bench bench{kColumns + kCreateAndSearch + ",,\n"};
  bench.courier.answer = one_after_the_other({broken_off, [] { return answered(200, bundle_of("urn:uuid:1")); }});
  const auto response = bench.send(order_with_identifier());
  CHECK(response.status == 201);
  CHECK(header_value(response.headers, "Location") ==
        "https://provider.example.test:8443/C33333/DSTU2/1/Order/o-7/_history/3");
  CHECK(header_value(response.headers, "ETag") == "W/\"3\"");
  CHECK(bench.outbox.events == std::vector{outbox::Event::kRecipientStored});
  REQUIRE(bench.courier.requests.size() == 2);
  const auto& question = bench.courier.requests.back();
  CHECK(question.method == "GET");
  CHECK(question.target == "/C33333/DSTU2/1/Order?" + std::string{kSearchOfIt});
  RequestHead asked;
  asked.headers = question.headers;
  CHECK(header_value(asked.headers, "Ssp-TraceID") != kTrace);
  const auto* const interaction = spine::find_interaction(header_value(asked.headers, "Ssp-InteractionID"));
  REQUIRE(interaction != nullptr);
  CHECK(interaction->operation == spine::Operation::kSearchOrder);
  const auto token = spine::read_token(asked, *interaction, kNow);
  if (!token) FAIL(token.error().issues.front().diagnostics);
  CHECK(token->user_id == token_claims().user_id);
}

TEST_CASE("doubt: a search that does not show the task leaves it in doubt, never failed (OUT-04, OUT-02)",
          "[exchange]") {
  const auto answer =
      GENERATE(as<std::string>{}, "", "{", "[]", R"({"resourceType":"Order","id":"1"})",
               R"({"resourceType":"Bundle","type":"searchset"})",
               R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"1"}}]})",
               bundle_of("urn:uuid:2"));
  CAPTURE(answer);
  Bench bench{kColumns + kCreateAndSearch + ",,\n"};
  bench.courier.answer = one_after_the_other({broken_off, [answer] { return answered(200, answer); }});
  CHECK(says(told(bench.send(order_with_identifier())), "504 transient"));
  CHECK(bench.outbox.events == std::vector{outbox::Event::kUnknownOutcome});
}

TEST_CASE("doubt: an identifier is escaped so that it stays one value (OUT-04)", "[exchange]") {
  outbox::NewTask task;
  CHECK_FALSE(search_for(task));
  task.identifier_value = "a|b,c$d\\e&f g";
  CHECK(search_for(task) == "identifier=%7Ca%5C%7Cb%5C%2Cc%5C%24d%5C%5Ce%26f%20g");
}
