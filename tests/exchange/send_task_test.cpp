// What a sender is told, and what becomes of the entry, when a step on the way of a task fails: with an outbox and a
// recipient that do as the test says.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "directory/files.hpp"
#include "exchange/exchange_world.hpp"
#include "exchange/gateway.hpp"
#include "fhir/read.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;
using delivery::Delivery;
using delivery::Verdict;
using outbox::State;

namespace {

constexpr std::string_view kOrder = R"({
  "resourceType": "Order",
  "meta": {"profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]},
  "contained": [{
    "resourceType": "Basic",
    "id": "1",
    "meta": {"profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]},
    "text": {"status": "additional", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Call back</div>"},
    "code": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1", "code": "Task Narrative"}]}
  }],
  "date": "2026-11-21",
  "subject": {"reference": "Patient/10"},
  "source": {"reference": "Organization/1"},
  "target": {"reference": "Organization/3"},
  "reasonCodeableConcept": {"coding": [{"system": "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1", "code": "2"}]},
  "detail": [{"reference": "#1"}]
})";

const Fault kDiskFull = fault(FaultKind::kStorage, "disk full");

/// Does as it is told, and keeps what it was asked.
class FakeOutbox final : public outbox::Outbox {
 public:
  std::optional<Fault> admit_fault, sending_fault, conclude_fault, record_fault, wait_fault;
  outbox::Admission admission = outbox::Admitted{};
  std::optional<outbox::StoredTask> awaited;

  std::vector<TaskId> let_go_ids;
  std::vector<outbox::Event> events;
  std::vector<outbox::AuditRecord> records;
  std::optional<outbox::SteadyTime> wait_deadline;
  TaskId last;

  [[nodiscard]] const outbox::RecoveryReport& recovery() const override { return report_; }
  TaskId next_id() override { return last = TaskId{last.number + 1}; }
  asio::awaitable<Result<outbox::Admission>> admit(outbox::NewTask, State, outbox::Reply,
                                                   outbox::AuditRecord) override {
    if (admit_fault) co_return *admit_fault;
    co_return admission;
  }
  asio::awaitable<Status> begin_sending(TaskId) override { co_return status(sending_fault); }
  asio::awaitable<Status> conclude(TaskId, outbox::Conclusion conclusion, outbox::AuditRecord) override {
    events.push_back(conclusion.event);
    co_return status(conclude_fault);
  }
  asio::awaitable<Status> record(outbox::AuditRecord audit) override {
    records.push_back(std::move(audit));
    co_return status(record_fault);
  }
  asio::awaitable<Result<outbox::StoredTask>> wait_until_final(TaskId, outbox::SteadyTime deadline) override {
    wait_deadline = deadline;
    if (wait_fault) co_return *wait_fault;
    co_return *awaited;
  }
  void let_go(TaskId id) override { let_go_ids.push_back(id); }
  asio::awaitable<Result<std::optional<outbox::StoredTask>>> find(TaskId) override { co_return kDiskFull; }
  asio::awaitable<Result<std::vector<outbox::StoredTask>>> search(outbox::Query) override { co_return kDiskFull; }
  [[nodiscard]] Status ready() const override { return Done{}; }
  void stop() override {}

 private:
  static Status status(const std::optional<Fault>& failed) {
    if (failed) return *failed;
    return Done{};
  }
  outbox::RecoveryReport report_;
};

/// A recipient that answers with what `answer` gives.
class FakeCourier final : public delivery::Courier {
 public:
  std::function<Delivery()> answer;
  bool kept_connection = false;
  std::size_t sent = 0;

  std::unique_ptr<delivery::Lease> take(const delivery::Route&) override {
    return kept_connection ? std::make_unique<FakeLease>(*this) : nullptr;
  }
  asio::awaitable<Result<std::unique_ptr<delivery::Lease>>> connect(const delivery::Route&,
                                                                    std::chrono::steady_clock::time_point) override {
    co_return std::unique_ptr<delivery::Lease>{std::make_unique<FakeLease>(*this)};
  }
  void stop() override {}
  [[nodiscard]] std::vector<delivery::RecipientHealth> health() const override { return {}; }

 private:
  class FakeLease final : public delivery::Lease {
   public:
    explicit FakeLease(FakeCourier& courier) : courier_(courier) {}
    asio::awaitable<Delivery> send(const net::WireRequest&, std::chrono::steady_clock::time_point) override {
      ++courier_.sent;
      co_return courier_.answer();
    }

   private:
    FakeCourier& courier_;
  };
};

class WholeBody final : public net::BodyReader {
 public:
  explicit WholeBody(std::string_view text) : text_(text) {}
  asio::awaitable<Result<std::string>> read_all(std::size_t) override { co_return text_; }
  asio::awaitable<Result<std::string_view>> read_some() override { co_return std::string_view{}; }

 private:
  std::string text_;
};

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return kNow; }
};

constexpr std::string_view kOrganisations =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN\n"
    "A11111,200000000001,,Sender Surgery,north,,sender.example.test\n"
    "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
    "provider.example.test\n";

struct Bench {
  Bench() {
    REQUIRE(source.reload().has_value());
    settings.caller = caller_settings();
    settings.hosts = {{"provider.example.test:8443", "127.0.0.1:1"}};
    courier.answer = [] {
      return Delivery{.verdict = Verdict::kDelivered,
                      .status = 201,
                      .pass_on = true,
                      .answer = net::WireAnswer{.status = 201, .headers = {{"ETag", "W/\"1\""}}, .complete = true},
                      .diagnostics = "stored"};
    };
  }

  template <class T>
  T run(asio::awaitable<T> wanted) {
    std::optional<T> kept;
    asio::io_context context;
    asio::co_spawn(context, keep(std::move(wanted), kept), [](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    context.run();
    return std::move(*kept);
  }
  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> wanted, std::optional<T>& kept) {
    kept.emplace(co_await std::move(wanted));
  }

  /// A task from A11111 to C33333, which has an endpoint of its own.
  Response send() {
    const auto head = relayed_request_to("/C33333/DSTU2/1/Order");
    WholeBody body{kOrder};
    Gateway gateway{Parts{clock, source, outbox, courier, settings}};
    return run(gateway.handle(head, body));
  }

  FixedClock clock;
  gw::test::Files files;
  directory::DirectorySource source{files.write("organisations.csv", kOrganisations)};
  FakeOutbox outbox;
  FakeCourier courier;
  Settings settings;
};

/// "504 transient ...": the status, and the first issue's code and text.
std::string told(const Response& response) {
  auto document = fhir::read_json(response.body);
  REQUIRE(document.has_value());
  const auto* const issue = document->root()->child("issue");
  REQUIRE(issue != nullptr);
  return std::to_string(response.status) + ' ' + std::string{issue->child_value("code")} + ' ' +
         std::string{issue->child_value("diagnostics")};
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("send_task: a delivered task is told as the recipient told it, and nothing is let go (ANS-13, OUT-02)",
          "[exchange]") {
  Bench bench;
  bench.courier.kept_connection = GENERATE(false, true);
  const auto response = bench.send();
  CHECK(response.status == 201);
  CHECK(header_value(response.headers, "ETag") == "W/\"1\"");
  CHECK(bench.courier.sent == 1);
  CHECK(bench.outbox.events == std::vector{outbox::Event::kRecipientStored});
  CHECK(bench.outbox.let_go_ids.empty());
  CHECK(bench.outbox.records.empty());  // it went with the outcome
}

TEST_CASE(
    "send_task: when the outcome cannot be written, the sender is told doubt, it is audited, and the entry let go",
    "[exchange]") {
  Bench bench;
  bench.outbox.conclude_fault = kDiskFull;
  const auto text = told(bench.send());
  CHECK(says(text, "504 transient"));
  CHECK(says(text, "may have been delivered"));
  CHECK(bench.outbox.let_go_ids == std::vector{bench.outbox.last});
  REQUIRE(bench.outbox.records.size() == 1);  // AUD-01
  CHECK(bench.outbox.records.front().status == 504);
}

TEST_CASE("send_task: when sending cannot be written, nothing is sent and the entry is let go (OUT-01)", "[exchange]") {
  Bench bench;
  bench.outbox.sending_fault = kDiskFull;
  const auto text = told(bench.send());
  CHECK(says(text, "503 transient"));
  CHECK(bench.courier.sent == 0);
  CHECK(bench.outbox.let_go_ids == std::vector{bench.outbox.last});
}

TEST_CASE("send_task: an exception on the way is 500 as an OperationOutcome, audited, and the entry is let go (ANS-03)",
          "[exchange]") {
  Bench bench;
  bench.courier.answer = []() -> Delivery { throw std::runtime_error("secret of ours"); };
  const auto response = bench.send();
  const auto text = told(response);
  CHECK(says(text, "500 exception"));
  CHECK(says(text, "may have been delivered"));
  CHECK_FALSE(says(text, "secret"));
  CHECK(response.close);
  CHECK(header_value(response.headers, "Cache-Control") == "no-store");
  CHECK(bench.outbox.let_go_ids == std::vector{bench.outbox.last});
  REQUIRE(bench.outbox.records.size() == 1);
  CHECK(bench.outbox.records.front().status == 500);
}

TEST_CASE(
    "send_task: a repeat of a task on its way waits inside the sender's time, then is told doubt (OUT-03, OUT-02)",
    "[exchange]") {
  Bench bench;
  bench.outbox.admission = outbox::Running{TaskId{77}};
  bench.outbox.wait_fault = fault(GENERATE(FaultKind::kTimeout, FaultKind::kOverloaded, FaultKind::kClosed), "");
  const auto before = std::chrono::steady_clock::now();
  const auto text = told(bench.send());
  CHECK(says(text, "504 transient"));
  CHECK(says(text, "may be delivered"));
  CHECK_FALSE(says(text, "not delivered"));
  CHECK(*bench.outbox.wait_deadline >= before + bench.settings.sender_wait);
  CHECK(*bench.outbox.wait_deadline <= std::chrono::steady_clock::now() + bench.settings.sender_wait);
  CHECK(bench.courier.sent == 0);
  CHECK(bench.outbox.let_go_ids.empty());  // another request works on it
  CHECK(bench.outbox.records.front().task == TaskId{77});
}

TEST_CASE("send_task: a repeat is never told less than what is on record (OUT-02, OUT-03)", "[exchange]") {
  Bench bench;
  outbox::StoredTask earlier;
  earlier.task.id = TaskId{77};
  const auto answer_for = [&](State state, int status) {
    earlier.state = state;
    earlier.reply.status = status;
    bench.outbox.admission = outbox::Repeat{earlier};
    return bench.send();
  };
  CHECK(answer_for(State::kDelivered, 201).status == 201);
  CHECK(says(told(answer_for(State::kInDoubt, 0)), "504 transient"));
  CHECK(says(told(answer_for(State::kAbandoned, 0)), "was not delivered"));
  const auto resolved = told(answer_for(State::kDelivered, 0));
  CHECK(says(resolved, "on record as delivered"));
  CHECK_FALSE(says(resolved, "not delivered"));
  SECTION("also when the repeat itself cannot be audited") {
    bench.outbox.record_fault = kDiskFull;
    const auto text = told(answer_for(State::kDelivered, 201));
    CHECK(says(text, "504 transient"));
    CHECK(says(text, "may have been delivered"));
  }
}

TEST_CASE("send_task: what the outbox does not take in is refused by what was wrong (section 7)", "[exchange]") {
  Bench bench;
  bench.outbox.admit_fault = fault(FaultKind::kTooLarge, "an entry of 4000000 bytes");
  CHECK(says(told(bench.send()), "400 too-long"));
  bench.outbox.admit_fault = fault(FaultKind::kOverloaded, "queue");
  CHECK(says(told(bench.send()), "503 transient"));
  CHECK(bench.courier.sent == 0);
  CHECK(bench.outbox.let_go_ids.empty());
}

TEST_CASE("send_task: an answer tells the sender's allowance, a served one and a refused one (SSP-07)", "[exchange]") {
  Bench bench;
  bench.settings.throttle.sender_rate = {.per_second = 1, .burst_seconds = 1};
  Gateway gateway{Parts{bench.clock, bench.source, bench.outbox, bench.courier, bench.settings}};
  const auto ask = [&](const RequestHead& head) {
    WholeBody body{kOrder};
    return bench.run(gateway.handle(head, body));
  };
  auto stranger = relayed_request_to("/C33333/DSTU2/1/Order");
  set_header(stranger, "Ssp-From", "200000000099");
  const auto unknown = ask(stranger);
  CHECK(unknown.status == 403);
  CHECK(header_count(unknown.headers, "X-Rate-Limit-Limit") == 0);

  const auto good = relayed_request_to("/C33333/DSTU2/1/Order");
  const auto served = ask(good);
  CHECK(served.status == 201);
  CHECK(header_value(served.headers, "X-Rate-Limit-Limit") == "1");
  CHECK(header_value(served.headers, "X-Rate-Limit-Remaining") == "0");

  // The next one is over the rate, unless more than a second passed: then the one after it.
  auto next = ask(good);
  for (int tries = 0; next.status == 201 && tries < 100; ++tries) next = ask(good);
  CHECK(says(told(next), "429 throttled"));
  CHECK(header_value(next.headers, "Retry-After") == "1");
  CHECK(header_value(next.headers, "X-Rate-Limit-Remaining") == "0");
  CHECK(bench.outbox.records.back().status == 429);  // AUD-01
}

TEST_CASE("send_task: with no room for another request it is 503, audited, and nothing is sent (SSP-07, OUT-09)",
          "[exchange]") {
  Bench bench;
  bench.settings.throttle.requests_at_once = 0;
  const auto busy = bench.send();
  CHECK(says(told(busy), "503 transient"));
  CHECK(header_count(busy.headers, "Retry-After") == 1);
  CHECK(header_count(busy.headers, "X-Rate-Limit-Limit") == 1);
  CHECK(bench.courier.sent == 0);
  REQUIRE(bench.outbox.records.size() == 1);
  CHECK(bench.outbox.records.front().status == 503);
}

TEST_CASE("send_task: a failed delivery has its issue code by its cause, and 503 says when to come back (SSP-07)",
          "[exchange]") {
  Bench bench;
  bench.courier.answer = [] { return delivery::classify(fault(FaultKind::kOverloaded, "")); };
  const auto busy = bench.send();
  CHECK(says(told(busy), "503 transient"));
  CHECK_FALSE(header_value(busy.headers, "Retry-After").empty());
  bench.courier.answer = [] { return delivery::classify(fault(FaultKind::kTimeout, "")); };
  CHECK(says(told(bench.send()), "504 timeout"));
  bench.courier.answer = [] {
    net::ExchangeResult broken;
    broken.progress = net::Progress::kAllSent;
    broken.fault = fault(FaultKind::kReset, "");
    return delivery::classify(std::move(broken));
  };
  CHECK(says(told(bench.send()), "504 transient"));
}
