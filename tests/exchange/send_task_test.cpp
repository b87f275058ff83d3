// What a sender is told, and what becomes of the entry, when a step on the way of a task fails: with an outbox and a
// recipient that do as the test says.
#include <stdexcept>
#include <string>
#include <vector>

#include "exchange/send_bench.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

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
  SECTION("also when the repeat itself cannot be audited") {
    bench.outbox.record_fault = kDiskFull;
    const auto text = told(answer_for(State::kDelivered, 201));
    CHECK(says(text, "504 transient"));
    CHECK(says(text, "may have been delivered"));
  }
}

TEST_CASE("send_task: a repeat of a task that was in doubt is told what was found out since (OUT-04, OUT-02)",
          "[exchange]") {
  Bench bench;
  outbox::StoredTask earlier;
  earlier.task.id = TaskId{77};
  earlier.reply.status = 504;
  earlier.reply.body = "may have been delivered";
  earlier.resolved = true;
  earlier.updated_at = kNow;
  earlier.state = State::kDelivered;
  bench.outbox.admission = outbox::Repeat{earlier};
  const auto delivered = told(bench.send());
  CHECK(says(delivered, "201 informational"));
  CHECK(says(delivered, "the recipient has stored it"));
  earlier.state = State::kFailed;
  bench.outbox.admission = outbox::Repeat{earlier};
  const auto failed = told(bench.send());
  CHECK(says(failed, "502 transient"));
  CHECK(says(failed, "was not delivered and will not be"));
}

TEST_CASE("send_task: a mailbox's task is told as one, whatever the directory says today (OUT-03)", "[exchange]") {
  Bench bench;
  outbox::StoredTask earlier;
  earlier.task.id = TaskId{77};
  earlier.task.content_type = "application/json+fhir";
  earlier.task.body = kOrder;
  earlier.state = State::kDelivered;
  earlier.mailbox = true;
  earlier.reply.status = 201;
  bench.outbox.admission = outbox::Repeat{earlier};
  const auto response = bench.send();
  CHECK(response.status == 201);
  CHECK(says(std::string{header_value(response.headers, "Location")}, "/Order/" + to_text(TaskId{77})));
  CHECK(says(response.body, "Call back"));
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
