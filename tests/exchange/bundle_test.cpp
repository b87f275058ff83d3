// Bundles of tasks through the gateway, with a real outbox and a recipient that does as the test says (TASK-12).
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "directory/files.hpp"
#include "exchange/exchange_world.hpp"
#include "exchange/gateway.hpp"
#include "exchange/metadata.hpp"
#include "exchange/resource_builder.hpp"
#include "fhir/read.hpp"
#include "support/loop.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;
using delivery::Delivery;
using delivery::Verdict;

namespace {

constexpr std::string_view kOrganisations =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID\n"
    "A11111,200000000001,,Sender Surgery,north,,sender.example.test,1\n"
    "B82001,200000000002,,Mailbox Surgery,north,,mailbox.example.test,2\n"
    "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
    "provider.example.test,3\n";
constexpr std::string_view kPatients =
    "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,TITLE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID\n"
    "9990002754,,,EXAMPLE,Ada,MS,,B82001,10\n9990000018,,,SAMPLE,Eve,MS,,B82001,11\n";

struct Order {
  std::string text = "Call back";
  std::string patient = "10";
  std::string date = "2026-11-21";
  std::string target = "2";
  std::string extra;
};

std::string json_of(const Order& order) {
  return R"({"resourceType":"Order","meta":{"profile":["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]},)"
         R"("contained":[{"resourceType":"Basic","id":"1","meta":{"profile":[)"
         R"("http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]},"text":{"status":"additional",)"
         R"("div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">)" +
         order.text +
         R"(</div>"},"code":{"coding":[{"system":"http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1",)"
         R"("code":"Task Narrative"}]}}],)" +
         order.extra + R"("date":")" + order.date + R"(","subject":{"reference":"Patient/)" + order.patient +
         R"("},"source":{"reference":"Organization/1"},"target":{"reference":"Organization/)" + order.target +
         R"("},"reasonCodeableConcept":{"coding":[{"system":"http://fhir.nhs.net/ValueSet/gpconnect-task-type-1",)"
         R"("code":"2"}]},"detail":[{"reference":"#1"}]})";
}

std::string entry_of(const std::string& resource, std::string_view request = R"("method":"POST","url":"Order")") {
  return R"({"fullUrl":"urn:uuid:)" + random_uuid() + R"(","resource":)" + resource + R"(,"request":{)" +
         std::string{request} + "}}";
}

std::string bundle_of(std::string_view type, const std::vector<std::string>& entries) {
  std::string text = R"({"resourceType":"Bundle","type":")" + std::string{type} + R"(","entry":[)";
  for (std::size_t i = 0; i < entries.size(); ++i) text += (i == 0 ? "" : ",") + entries[i];
  return text + "]}";
}

std::string orders(std::string_view type, const std::vector<Order>& wanted) {
  std::vector<std::string> entries;
  for (const auto& order : wanted) entries.push_back(entry_of(json_of(order)));
  return bundle_of(type, entries);
}

class FakeCourier final : public delivery::Courier {
 public:
  std::function<Delivery(const net::WireRequest&)> answer;
  std::vector<std::string> traces;
  std::unique_ptr<delivery::Lease> take(const delivery::Route&) override { return std::make_unique<FakeLease>(*this); }
  asio::awaitable<Result<std::unique_ptr<delivery::Lease>>> connect(const delivery::Route&,
                                                                    std::chrono::steady_clock::time_point) override {
    co_return fault(FaultKind::kUnreachable, "");
  }
  void stop() override {}
  [[nodiscard]] std::vector<delivery::RecipientHealth> health() const override { return {}; }

 private:
  class FakeLease final : public delivery::Lease {
   public:
    explicit FakeLease(FakeCourier& courier) : courier_(courier) {}
    asio::awaitable<Delivery> send(const net::WireRequest& request, std::chrono::steady_clock::time_point) override {
      courier_.traces.emplace_back(header_value(request.headers, "Ssp-TraceID"));
      CHECK(request.target == "/C33333/DSTU2/1/Order");
      co_return courier_.answer(request);
    }
    asio::awaitable<Result<net::ExchangeResult>> begin(const net::WireRequest&, net::BodySource&,
                                                       std::chrono::steady_clock::time_point) override {
      throw std::logic_error("a task is never streamed");
    }
    net::BodySource& answer_body() override { throw std::logic_error("a task is never streamed"); }

   private:
    FakeCourier& courier_;
  };
};

struct Told {
  Response response;
  fhir::Document document;
  [[nodiscard]] std::vector<const fhir::Element*> entries() const {
    std::vector<const fhir::Element*> found;
    for (const auto* child = document.root()->first_child; child != nullptr; child = child->next) {
      if (child->name == "entry") found.push_back(child);
    }
    return found;
  }
  /// "201 Order", "422 OperationOutcome", "201 -" of each entry.
  [[nodiscard]] std::vector<std::string> outcomes() const {
    std::vector<std::string> found;
    for (const auto* entry : entries()) {
      const auto* const resource = entry->child("resource");
      found.push_back(std::string{entry->child("response")->child_value("status")} + ' ' +
                      (resource == nullptr ? "-" : std::string{resource->resource_type}));
    }
    return found;
  }
  [[nodiscard]] std::vector<std::string> locations() const {
    std::vector<std::string> found;
    for (const auto* entry : entries()) found.emplace_back(entry->child("response")->child_value("location"));
    return found;
  }
};

struct Bench {
  Bench() {
    REQUIRE(source.reload().has_value());
    settings.caller = caller_settings();
    settings.hosts = {{"provider.example.test:8443", "127.0.0.1:1"}};
    outbox_settings.path = files.path("outbox.db");
    outbox_settings.received_log = files.path("received.jsonl");
    auto opened = outbox::Outbox::open(outbox_settings, clock);
    REQUIRE(opened.has_value());
    outbox = std::move(*opened);
    courier.answer = [](const net::WireRequest&) {
      return Delivery{.verdict = Verdict::kDelivered,
                      .status = 201,
                      .pass_on = true,
                      .answer = net::WireAnswer{.status = 201, .headers = {{"ETag", "W/\"1\""}}, .complete = true},
                      .diagnostics = "stored"};
    };
  }

  static RequestHead to_mailbox() {
    auto head = good_request();
    head.target = "/B82001/DSTU2/1";
    return head;
  }
  static RequestHead to_relayed() { return relayed_request_to("/C33333/DSTU2/1"); }

  Told send(const RequestHead& head, std::string text) {
    WholeBody body{std::move(text)};
    Gateway gateway{Parts{clock, source, *outbox, courier, settings}};
    auto response = loop.run(gateway.handle(head, body));
    INFO(response.body);
    const bool xml = header_value(response.headers, "Content-Type").find("xml") != std::string_view::npos;
    auto document = xml ? fhir::read_xml(response.body) : fhir::read_json(response.body);
    REQUIRE(document.has_value());
    return {std::move(response), std::move(*document)};
  }

  [[nodiscard]] std::size_t received() const {
    std::ifstream in{outbox_settings.received_log};
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
  }

  gw::test::Loop loop;
  FixedClock clock;
  gw::test::Files files;
  directory::DirectorySource source{files.write("organisations.csv", kOrganisations),
                                    files.write("patients.csv", kPatients)};
  outbox::Settings outbox_settings;
  std::unique_ptr<outbox::Outbox> outbox;
  FakeCourier courier;
  Settings settings;
};

using Outcomes = std::vector<std::string>;

std::string first_issue(const Told& told) {
  const auto* const issue = told.document.root()->child("issue");
  REQUIRE(issue != nullptr);
  return std::to_string(told.response.status) + ' ' + std::string{issue->child_value("code")} + ' ' +
         std::string{issue->child_value("location")};
}

}  // namespace

TEST_CASE("bundle: each task of a batch has its own outcome, and the good ones are stored (TASK-12)", "[exchange]") {
  Bench bench;
  const auto told = bench.send(Bench::to_mailbox(), orders("batch", {{.text = "one"},
                                                                     {.date = "2026-11-20"},
                                                                     {.patient = "11"},  // not the token's (JWT-03)
                                                                     {.target = "99"},
                                                                     {.text = "two"}}));
  CHECK(told.response.status == 200);
  CHECK(told.document.root()->child_value("type") == "batch-response");
  CHECK(told.outcomes() ==
        Outcomes{"201 Order", "422 OperationOutcome", "400 OperationOutcome", "422 OperationOutcome", "201 Order"});
  const auto* const first = told.entries().front();
  const auto* const response = first->child("response");
  CHECK(response->child_value("location").starts_with("https://hub.example.test/B82001/DSTU2/1/Order/"));
  CHECK(response->child_value("location").starts_with(first->child_value("fullUrl")));
  CHECK(response->child_value("etag") == "W/\"1\"");
  CHECK(response->child_value("lastModified") == "2026-11-21T09:00:00.000Z");
  CHECK(told.entries()[1]->child("resource")->child("issue")->child_value("location") == "Order.date");
  CHECK(bench.received() == 2);
}

TEST_CASE("bundle: the answer to a batch is itself a right Bundle, in JSON and XML (TASK-12, ANS-05)", "[exchange]") {
  Bench bench;
  auto head = Bench::to_mailbox();
  set_header(head, "Accept", GENERATE("application/json+fhir", "application/xml+fhir"));
  const auto told = bench.send(head, orders("batch", {{.text = "one"}, {.date = "2026"}}));
  CHECK(told.outcomes() == Outcomes{"201 Order", "422 OperationOutcome"});
  for (const auto& issue : rules::validate(told.document, {}).issues) {
    INFO(issue.location << ": " << issue.diagnostics);
    // What the task's profile waives (TASK-10) is all that base DSTU2 has against it.
    CHECK(issue.location.starts_with("Bundle.entry[0].resource"));
  }
}

TEST_CASE("bundle: an XML Bundle gets the same outcomes as its JSON form (TASK-11, TASK-12)", "[exchange]") {
  Bench bench;
  auto json = fhir::read_json(orders("batch", {{.text = "one"}, {.date = "2026-11-20"}}));
  REQUIRE(json.has_value());
  auto head = Bench::to_mailbox();
  set_header(head, "Content-Type", "application/xml+fhir; charset=UTF-8");
  CHECK(bench.send(head, written(*json, fhir::Format::kXml)).outcomes() ==
        Outcomes{"201 Order", "422 OperationOutcome"});
}

TEST_CASE("bundle: Prefer: return=minimal leaves the stored Orders out, and tells failures all the same (ANS-02)",
          "[exchange]") {
  Bench bench;
  auto head = Bench::to_mailbox();
  set_header(head, "Prefer", "return=minimal");
  const auto type = GENERATE("batch", "transaction");
  CHECK(bench.send(head, orders(type, {{.text = "one"}, {.text = "two"}})).outcomes() == Outcomes{"201 -", "201 -"});
  set_header(head, "Ssp-TraceID", random_uuid());
  CHECK(bench.send(head, orders("batch", {{.date = "2026"}})).outcomes() == Outcomes{"422 OperationOutcome"});
}

TEST_CASE("bundle: one sent again is answered again and stores nothing more; other content is a conflict (OUT-03)",
          "[exchange]") {
  Bench bench;
  const auto type = GENERATE("batch", "transaction");
  const auto head = Bench::to_mailbox();
  const auto first = bench.send(head, orders(type, {{.text = "one"}, {.text = "two"}}));
  const auto again = bench.send(head, orders(type, {{.text = "one"}, {.text = "two"}, {.text = "three"}}));
  REQUIRE(again.locations().size() == 3);
  CHECK(first.locations() == std::vector<std::string>{again.locations()[0], again.locations()[1]});
  CHECK(bench.received() == 3);
  const auto other = bench.send(head, orders(type, {{.text = "one"}, {.text = "changed"}}));
  if (std::string_view{type} == "batch") {
    CHECK(other.outcomes() == Outcomes{"201 Order", "409 OperationOutcome"});
  } else {
    CHECK(first_issue(other) == "409 duplicate Ssp-TraceID");
  }
  CHECK(bench.received() == 3);
}

TEST_CASE("bundle: a transaction to a mailbox stores all tasks or none (TASK-12)", "[exchange]") {
  Bench bench;
  const auto head = Bench::to_mailbox();
  const auto refused = bench.send(head, orders("transaction", {{.text = "one"}, {.date = "2026-11-20"}}));
  CHECK(first_issue(refused) == "422 business-rule Bundle.entry[1].resource.date");
  CHECK(bench.received() == 0);
  const auto unmatched = bench.send(head, orders("transaction", {{.text = "one"}, {.patient = "11"}}));
  CHECK(unmatched.response.status == 400);
  CHECK(bench.received() == 0);
  const auto twins = R"("identifier":[{"system":"urn:x","value":"1"}],)";
  const auto clash =
      bench.send(head, orders("transaction", {{.text = "one", .extra = twins}, {.text = "two", .extra = twins}}));
  CHECK(first_issue(clash) == "409 duplicate Bundle.entry[1].resource.identifier");
  CHECK(bench.received() == 0);
  const auto stored = bench.send(head, orders("transaction", {{.text = "one"}, {.text = "two"}}));
  CHECK(stored.response.status == 200);
  CHECK(stored.document.root()->child_value("type") == "transaction-response");
  CHECK(stored.outcomes() == Outcomes{"201 Order", "201 Order"});
  CHECK(bench.received() == 2);
}

TEST_CASE("bundle: each entry of a batch is relayed under a trace id of its own (TASK-12, OUT-03)", "[exchange]") {
  Bench bench;
  const auto text = orders("batch", {{.text = "one", .target = "3"}, {.text = "two", .target = "3"}});
  CHECK(bench.send(Bench::to_relayed(), text).outcomes() == Outcomes{"201 -", "201 -"});
  const std::vector<std::string> expected{uuid_of_name(kTrace, "0"), uuid_of_name(kTrace, "1")};
  CHECK(bench.courier.traces == expected);
  bench.send(Bench::to_relayed(), text);
  CHECK(bench.courier.traces == expected);
}

TEST_CASE("bundle: a recipient that fails one task of a batch does not fail the others (TASK-12)", "[exchange]") {
  Bench bench;
  bench.courier.answer = [&](const net::WireRequest& request) {
    if (request.body.find("bad") == std::string_view::npos) {
      return Delivery{.verdict = Verdict::kDelivered,
                      .status = 201,
                      .pass_on = true,
                      .answer = net::WireAnswer{.status = 201,
                                                .headers = {{"Content-Type", "application/json+fhir"}},
                                                .body = "not a resource",
                                                .complete = true}};
    }
    return delivery::classify(fault(FaultKind::kUnreachable, ""));
  };
  const auto told = bench.send(Bench::to_relayed(),
                               orders("batch", {{.text = "bad", .target = "3"}, {.text = "good", .target = "3"}}));
  REQUIRE(told.outcomes().size() == 2);
  CHECK(told.outcomes()[0] == "502 OperationOutcome");
  CHECK(told.outcomes()[1] == "201 -");
}

TEST_CASE("bundle: a transaction of several tasks to be relayed is refused, one of a single task is not (TASK-12)",
          "[exchange]") {
  Bench bench;
  const auto several = bench.send(
      Bench::to_relayed(), orders("transaction", {{.text = "one", .target = "3"}, {.text = "two", .target = "3"}}));
  CHECK(first_issue(several) == "422 not-supported Bundle.type");
  CHECK(bench.courier.traces.empty());
  const auto one = bench.send(Bench::to_relayed(), orders("transaction", {{.text = "one", .target = "3"}}));
  CHECK(one.outcomes() == Outcomes{"201 -"});
  auto head = Bench::to_relayed();
  set_header(head, "Ssp-TraceID", random_uuid());
  bench.courier.answer = [](const net::WireRequest&) { return delivery::classify(fault(FaultKind::kUnreachable, "")); };
  CHECK(bench.send(head, orders("transaction", {{.text = "x", .target = "3"}})).response.status == 502);
}

TEST_CASE("bundle: tasks to be relayed for several patients are refused, the token is for one (JWT-03)", "[exchange]") {
  Bench bench;
  const auto told = bench.send(Bench::to_relayed(),
                               orders("batch", {{.patient = "10", .target = "3"}, {.patient = "11", .target = "3"}}));
  CHECK(first_issue(told) == "400 value Bundle.entry[1].resource.subject");
  CHECK(bench.courier.traces.empty());
}

TEST_CASE("bundle: what is no right Bundle is refused as a whole, and nothing is stored (TASK-12)", "[exchange]") {
  struct Bad {
    const char* name;
    std::string body;
    const char* told;
  };
  const auto good = json_of({});
  const std::vector<Bad> all{
      {"an Order", good, "400 invalid"},
      {"no JSON", "{", "400 structure"},
      {"another type", orders("collection", {{}}), "422 value"},
      {"no type", R"({"resourceType":"Bundle","link":[{"relation":"self","url":"urn:x"}]})", "422 value"},
      {"an unknown element", R"({"resourceType":"Bundle","type":"batch","entries":[{"a":"b"}]})", "422 structure"},
      {"entry without fullUrl",
       bundle_of("batch", {R"({"resource":)" + good + R"(,"request":{"method":"POST","url":"Order"}})"}),
       "422 invariant"},
      {"a verb that is none", bundle_of("batch", {entry_of(good, R"("method":"SEND","url":"Order")")}),
       "422 code-invalid"},
      {"too many", bundle_of("batch", std::vector<std::string>(4, entry_of(good))), "400 too-long"},
  };
  Bench bench;
  bench.settings.bundle_entries = 3;
  for (const auto& bad : all) {
    const auto told = first_issue(bench.send(Bench::to_mailbox(), bad.body));
    INFO(bad.name << ": " << told);
    CHECK(told.starts_with(bad.told));
  }
  CHECK(bench.received() == 0);
}

TEST_CASE("bundle: an entry that does not create an Order fails by itself (TASK-12)", "[exchange]") {
  Bench bench;
  const auto good = json_of({});
  const auto told =
      bench.send(Bench::to_mailbox(),
                 bundle_of("batch", {entry_of(good, R"("method":"PUT","url":"Order/1")"),
                                     entry_of(good, R"("method":"POST","url":"Patient")"),
                                     entry_of(good, R"("method":"POST","url":"Order","ifNoneExist":"identifier=1")"),
                                     entry_of(R"({"resourceType":"Patient","id":"1"})"), entry_of(good)}));
  CHECK(told.outcomes() == Outcomes{"422 OperationOutcome", "422 OperationOutcome", "422 OperationOutcome",
                                    "422 OperationOutcome", "201 Order"});
}

TEST_CASE("bundle: resources beyond the answer's limit are left out, the outcomes are not (TASK-12)", "[exchange]") {
  Bench bench;
  bench.settings.bundle_answer_bytes = 1500;
  CHECK(bench.send(Bench::to_mailbox(), orders("batch", {{.text = "one"}, {.text = "two"}, {.text = "three"}}))
            .outcomes() == Outcomes{"201 Order", "201 -", "201 -"});
}

TEST_CASE("bundle: the conformance statement offers transaction and batch (ANS-10)", "[exchange]") {
  const auto text = conformance_statement("https://hub.example.test/B82001/DSTU2/1", fhir::Format::kJson);
  CHECK(text.find(R"("interaction":[{"code":"transaction"}],"transactionMode":"both")") != std::string::npos);
}
