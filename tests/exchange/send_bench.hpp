// A way of a task with an outbox and a recipient that do as a test says, and keep what they were asked.
#pragma once

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
#include "support/loop.hpp"

namespace gw::exchange::test {

using delivery::Delivery;
using delivery::Verdict;
using outbox::State;

inline constexpr std::string_view kOrder = R"({
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

inline const Fault kDiskFull = fault(FaultKind::kStorage, "disk full");

/// Does as it is told, and keeps what it was asked.
class FakeOutbox final : public outbox::Outbox {
 public:
  std::optional<Fault> admit_fault, sending_fault, conclude_fault, record_fault, wait_fault, plan_fault;
  outbox::Admission admission = outbox::Admitted{};
  std::optional<outbox::StoredTask> awaited;
  std::optional<outbox::StoredTask> stored;  ///< what find() finds; else it fails

  std::vector<TaskId> let_go_ids;
  std::vector<outbox::Event> events;
  std::vector<outbox::Conclusion> conclusions;
  std::vector<std::optional<Instant>> plans;
  std::optional<bool> guarded;
  std::vector<outbox::AuditRecord> records;
  std::optional<outbox::SteadyTime> wait_deadline;
  TaskId last;

  [[nodiscard]] const outbox::RecoveryReport& recovery() const override { return report_; }
  TaskId next_id() override { return last = TaskId{last.number + 1}; }
  asio::awaitable<Result<outbox::Admission>> admit(outbox::NewTask task, State, outbox::Reply,
                                                   outbox::AuditRecord) override {
    guarded = task.guarded;
    if (admit_fault) co_return *admit_fault;
    co_return admission;
  }
  asio::awaitable<Result<outbox::GroupAdmission>> admit_all(std::vector<outbox::Entrant>) override {
    co_return kDiskFull;
  }
  asio::awaitable<Status> begin_sending(TaskId) override { co_return status(sending_fault); }
  asio::awaitable<Status> conclude(TaskId, outbox::Conclusion conclusion, outbox::AuditRecord) override {
    events.push_back(conclusion.event);
    conclusions.push_back(std::move(conclusion));
    co_return status(conclude_fault);
  }
  asio::awaitable<Status> plan(TaskId, std::optional<Instant> due, outbox::AuditRecord) override {
    plans.push_back(due);
    co_return status(plan_fault);
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
  asio::awaitable<Result<std::size_t>> purge(seconds, outbox::AuditRecord) override { co_return kDiskFull; }
  void let_go(TaskId id) override { let_go_ids.push_back(id); }
  asio::awaitable<Result<std::optional<outbox::StoredTask>>> find(TaskId) override {
    if (!stored) co_return kDiskFull;
    co_return stored;
  }
  asio::awaitable<Result<outbox::Page>> search(outbox::Query) override { co_return kDiskFull; }
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
  std::optional<Fault> connect_fault;
  std::optional<net::WireAnswer> relayed;  ///< the answer to what is no task
  bool kept_connection = false;
  std::size_t sent = 0;
  std::vector<net::WireRequest> requests;  ///< without bodies

  std::unique_ptr<delivery::Lease> take(const delivery::Route&) override {
    return kept_connection ? std::make_unique<FakeLease>(*this) : nullptr;
  }
  asio::awaitable<Result<std::unique_ptr<delivery::Lease>>> connect(const delivery::Route&,
                                                                    std::chrono::steady_clock::time_point) override {
    if (connect_fault) co_return *connect_fault;
    co_return std::unique_ptr<delivery::Lease>{std::make_unique<FakeLease>(*this)};
  }
  void stop() override {}
  [[nodiscard]] std::vector<delivery::RecipientHealth> health() const override { return {}; }

 private:
  class FakeLease final : public delivery::Lease {
   public:
    explicit FakeLease(FakeCourier& courier) : courier_(courier) {}
    asio::awaitable<Delivery> send(const net::WireRequest& request, std::chrono::steady_clock::time_point) override {
      ++courier_.sent;
      courier_.requests.push_back({request.method, request.target, request.headers, {}});
      co_return courier_.answer();
    }
    asio::awaitable<Result<net::ExchangeResult>> begin(const net::WireRequest&, net::BodySource&,
                                                       std::chrono::steady_clock::time_point) override {
      if (!courier_.relayed) throw std::logic_error("a task is never streamed");
      net::ExchangeResult result{.progress = net::Progress::kAnswered, .answer = courier_.relayed};
      co_return result;
    }
    net::BodySource& answer_body() override { throw std::logic_error("a task is never streamed"); }

   private:
    FakeCourier& courier_;
  };
};

inline constexpr std::string_view kOrganisations =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN\n"
    "A11111,200000000001,,Sender Surgery,north,,sender.example.test\n"
    "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
    "provider.example.test\n";

struct Bench {
  explicit Bench(std::string_view organisations = kOrganisations)
      : source{files.write("organisations.csv", organisations)} {
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
    return loop.run(std::move(wanted));
  }

  /// A task from A11111 to C33333, which has an endpoint of its own.
  Response send(std::string_view order = kOrder) {
    const auto head = relayed_request_to("/C33333/DSTU2/1/Order");
    WholeBody body{order};
    Gateway gateway{Parts{clock, source, outbox, courier, settings}};
    return run(gateway.handle(head, body));
  }

  gw::test::Loop loop;
  FixedClock clock;
  gw::test::Files files;
  directory::DirectorySource source;
  FakeOutbox outbox;
  FakeCourier courier;
  Settings settings;
};

/// "504 transient ...": the status, and the first issue's code and text.
inline std::string told(const Response& response) {
  auto document = fhir::read_json(response.body);
  REQUIRE(document.has_value());
  const auto* const issue = document->root()->child("issue");
  REQUIRE(issue != nullptr);
  return std::to_string(response.status) + ' ' + std::string{issue->child_value("code")} + ' ' +
         std::string{issue->child_value("diagnostics")};
}

inline bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace gw::exchange::test
