// What a sender is told of a task that it sent already, by content (OUT-11), and of a recipient that loses texts
// (OUT-12).
#include <string>

#include "exchange/echo.hpp"
#include "exchange/send_bench.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

std::string organisations_with(const std::string& duplicates) {
  return "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Duplicates,Policy "
         "Reason\n"
         "A11111,200000000001,,Sender Surgery,north,,sender.example.test," +
         duplicates +
         "\n"
         "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
         "provider.example.test,,\n";
}

outbox::Duplicate delivered_before() {
  outbox::StoredTask earlier;
  earlier.task.id = TaskId{77};
  earlier.task.trace = TraceId{"first-trace"};
  earlier.task.received_at = kNow;
  earlier.state = State::kDelivered;
  earlier.reply = {201,
                   {{"Location", "https://p/Order/1/_history/1"},
                    {"Content-Location", "https://p/Order/1/_history/1"},
                    {"ETag", "W/\"1\""},
                    {"Server", "x"}},
                   "{}"};
  return {earlier};
}

Delivery stored_as(std::string body, std::string type = "application/json+fhir") {
  return Delivery{
      .verdict = Verdict::kDelivered,
      .status = 201,
      .pass_on = true,
      .answer =
          net::WireAnswer{
              .status = 201, .headers = {{"Content-Type", std::move(type)}}, .body = std::move(body), .complete = true},
      .diagnostics = "stored"};
}

std::string without_text() {
  std::string order{kOrder};
  const auto from = order.find("\"text\": {");
  return order.erase(from, order.find("\"code\"", from) - from);
}

}  // namespace

TEST_CASE("duplicate: a blind repeat gets the first one's 201 and place, and an issue that says so (OUT-11)",
          "[exchange]") {
  Bench bench;
  bench.outbox.admission = delivered_before();
  const auto response = bench.send();
  const auto text = told(response);
  CHECK(says(text, "201 duplicate"));
  CHECK(says(text, "first-trace"));
  CHECK(says(response.body, "information"));
  CHECK(header_value(response.headers, "Location") == "https://p/Order/1/_history/1");
  CHECK(header_value(response.headers, "ETag") == "W/\"1\"");
  CHECK(header_count(response.headers, "Content-Location") == 0);  // the body is an outcome, not that task
  CHECK(header_count(response.headers, "Server") == 0);
  CHECK(bench.courier.sent == 0);
  REQUIRE(bench.outbox.records.size() == 1);
  CHECK(bench.outbox.records.front().outcome == "duplicate");
  CHECK(bench.outbox.records.front().task == TaskId{77});
}

TEST_CASE("duplicate: a sender's policy has it refused, or taken for a task of its own (OUT-11, SSP-12)",
          "[exchange]") {
  SECTION("refused") {
    Bench bench{organisations_with("refuse,their choice")};
    bench.outbox.admission = delivered_before();
    const auto text = told(bench.send());
    CHECK(says(text, "409 duplicate"));
    CHECK(says(text, "Order.identifier"));
    CHECK(bench.outbox.guarded == true);
  }
  SECTION("off") {
    Bench bench{organisations_with("off,their choice")};
    CHECK(bench.send().status == 201);
    CHECK(bench.outbox.guarded == false);
  }
  SECTION("as a rule") {
    Bench bench;
    bench.send();
    CHECK(bench.outbox.guarded == true);
  }
}

TEST_CASE("echo: a recipient that shows the task without its text is told of to the sender, and flagged (OUT-12)",
          "[exchange]") {
  Bench bench;
  const auto other_text = std::string{kOrder}.replace(kOrder.find("Call back"), 9, "Call later");
  const auto [body, lost] = GENERATE_COPY(table<std::string, bool>({{std::string{kOrder}, false},
                                                                    {"", false},
                                                                    {R"({"resourceType":"OperationOutcome"})", false},
                                                                    {"{", false},
                                                                    {without_text(), true},
                                                                    {other_text, true},
                                                                    {R"({"resourceType":"Order","id":"1"})", true}}));
  CAPTURE(body);
  bench.courier.answer = [&body = body] { return stored_as(body); };
  const auto response = bench.send();
  CHECK(response.status == 201);
  CHECK(response.body == body);
  CHECK(header_count(response.headers, "Warning") == (lost ? 1 : 0));
  REQUIRE(bench.outbox.conclusions.size() == 1);
  CHECK(bench.outbox.conclusions.front().text_lost == lost);
  CHECK(header_count(bench.outbox.conclusions.front().reply.headers, "Warning") == (lost ? 1 : 0));  // for repeats
}

TEST_CASE("echo: a recipient that took it for a repeat of an earlier task is on record as having done so (OUT-11)",
          "[exchange]") {
  Bench bench;
  const std::string code = GENERATE("duplicate", "informational");
  bench.courier.answer = [&] {
    return stored_as(R"({"resourceType":"OperationOutcome","issue":[{"severity":"information","code":")" + code +
                     "\"}]}");
  };
  CHECK(bench.send().status == 201);
  REQUIRE(bench.outbox.conclusions.size() == 1);
  CHECK(says(bench.outbox.conclusions.front().note, "took this for a repeat") == (code == "duplicate"));
  CHECK_FALSE(bench.outbox.conclusions.front().text_lost);
}

TEST_CASE("echo: another format or coding of the same text is the same text (OUT-12)", "[exchange]") {
  Bench bench;
  const std::string xml =
      R"(<Order xmlns="http://hl7.org/fhir"><contained><Basic><text><div xmlns="http://www.w3.org/1999/xhtml">)"
      "\n  <p>Call</p>\n <p>back</p></div></text></Basic></contained></Order>";
  bench.courier.answer = [&] { return stored_as(xml, "application/xml+fhir; charset=UTF-8"); };
  CHECK(header_count(bench.send().headers, "Warning") == 0);
}
