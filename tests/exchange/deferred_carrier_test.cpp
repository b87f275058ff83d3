// A turn of a deferred task when something of our own fails, or the directory has changed since: nothing untrue is
// written, nothing is sent that is not on disk, and another turn follows (OUT-01, OUT-06).
#include "exchange/deferred_carrier.hpp"

#include <string>

#include "exchange/send_bench.hpp"
#include "spine/token.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;
using outbox::Event;

namespace {

const std::string kColumns =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Deferred Limit,Policy "
    "Reason\n"
    "A11111,200000000001,,Sender Surgery,north,,sender.example.test,,\n";
const std::string kRecipient =
    "C33333,200000000003,,Relayed "
    "Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,provider.example.test,";

class Half final : public Random {
 public:
  double fraction() override { return 0.5; }
};

outbox::StoredTask stored(State state = State::kQueued) {
  const auto head = relayed_request_to("/C33333/DSTU2/1/Order");
  auto user = token_claims();
  outbox::StoredTask made;
  made.state = state;
  made.updated_at = kNow;
  auto& task = made.task;
  task.id = TaskId{5};
  task.received_at = kNow;
  task.trace = TraceId{std::string{kTrace}};
  task.from = Asid{std::string{kSenderAsid}};
  task.to = Asid{std::string{kRelayedAsid}};
  task.sender = OdsCode{"A11111"};
  task.recipient = OdsCode{"C33333"};
  task.interaction = kCreate;
  task.body = kOrder;
  task.deferral = outbox::Deferral{.limit = kNow + seconds{290},
                                   .limit_by = "the audit token ends",
                                   .due = kNow,
                                   .target = head.target,
                                   .headers = head.headers,
                                   .peer_address = head.peer.address,
                                   .body = {},
                                   .mandate = spine::make_token(user)};
  return made;
}

struct CarrierBench : Bench {
  explicit CarrierBench(std::string_view organisations) : Bench(organisations) { outbox.stored = stored(); }
  CarrierBench() : CarrierBench(kColumns + kRecipient + ",\n") {}

  std::optional<Instant> turn() {
    DeferredCarrier carrier{Parts{clock, source, outbox, courier, settings}, random};
    return run(carrier.carry(TaskId{5}));
  }
  [[nodiscard]] Instant soon() const { return kNow + settings.deferred.backoff.first; }
  Half random;
};

}  // namespace

TEST_CASE("carrier: a task is sent as its sender sent it, and its end is on record (OUT-06, SSP-06)", "[exchange]") {
  CarrierBench bench;
  CHECK_FALSE(bench.turn());
  REQUIRE(bench.courier.requests.size() == 1);
  CHECK(bench.courier.requests[0].target == "/C33333/DSTU2/1/Order");
  CHECK(header_value(bench.courier.requests[0].headers, "Authorization") ==
        header_value(bench.outbox.stored->task.deferral->headers, "Authorization"));
  CHECK(header_count(bench.courier.requests[0].headers, "Forwarded") == 1);
  CHECK(bench.outbox.events == std::vector{Event::kRecipientStored});
  CHECK(bench.outbox.let_go_ids.empty());
}

TEST_CASE("carrier: what cannot be read, or is still being sent, is looked at again soon (OUT-05)", "[exchange]") {
  CarrierBench bench;
  SECTION("cannot be read") {
    bench.outbox.stored.reset();
  }
  SECTION("an earlier turn's outcome is not settled yet") {
    bench.outbox.stored->state = State::kSending;
  }
  CHECK(bench.turn() == bench.soon());
  CHECK(bench.courier.sent == 0);
  CHECK(bench.outbox.events.empty());
}

TEST_CASE("carrier: what is at its end, or rests, is left alone (OUT-02, OUT-04)", "[exchange]") {
  CarrierBench bench;
  SECTION("at its end") {
    bench.outbox.stored->state = GENERATE(State::kDelivered, State::kExpired, State::kFailed, State::kRejected);
  }
  SECTION("in doubt, at rest") {
    bench.outbox.stored->state = State::kInDoubt;
    bench.outbox.stored->task.deferral->due.reset();
  }
  CHECK_FALSE(bench.turn());
  CHECK(bench.courier.sent == 0);
  CHECK(bench.outbox.events.empty());
  CHECK(bench.outbox.plans.empty());
}

TEST_CASE(
    "carrier: when sending cannot be written nothing is sent; when the outcome cannot be, the entry is let go "
    "(OUT-01)",
    "[exchange]") {
  CarrierBench bench;
  SECTION("sending") {
    bench.outbox.sending_fault = kDiskFull;
    CHECK(bench.turn() == bench.soon());
    CHECK(bench.courier.sent == 0);
    // It waits on disk as before: to settle it could meet a later turn that is sending it.
    CHECK(bench.outbox.let_go_ids.empty());
  }
  SECTION("that it was not sent") {
    bench.outbox.conclude_fault = kDiskFull;
    bench.outbox.stored->task.deferral->limit = kNow;
    CHECK(bench.turn() == bench.soon());
    CHECK(bench.courier.sent == 0);
    CHECK(bench.outbox.let_go_ids.empty());
  }
  SECTION("the outcome") {
    bench.outbox.conclude_fault = kDiskFull;
    CHECK(bench.turn() == bench.soon());
    CHECK(bench.courier.sent == 1);
    CHECK(bench.outbox.let_go_ids == std::vector{TaskId{5}});
  }
}

TEST_CASE("carrier: a try that failed is followed by another, later each time, without a word of never (OUT-06)",
          "[exchange]") {
  CarrierBench bench;
  bench.courier.answer = [] { return delivery::classify(fault(FaultKind::kUnreachable, "connection refused")); };
  bench.outbox.stored->attempts = GENERATE(0, 1, 2);
  const auto next = bench.turn();
  const auto delay = delivery::delay_after(bench.settings.deferred.backoff, bench.outbox.stored->attempts + 1, 0.5);
  CHECK(next == kNow + delay);
  REQUIRE(bench.outbox.conclusions.size() == 1);
  CHECK(bench.outbox.conclusions[0].event == Event::kRetryLater);
  CHECK(bench.outbox.conclusions[0].due == next);
  CHECK(bench.outbox.conclusions[0].reply.status == 0);
  CHECK(says(bench.outbox.conclusions[0].note, "connection refused"));
  CHECK_FALSE(says(bench.outbox.conclusions[0].note, "will not be"));
}

TEST_CASE("carrier: without time for another try it fails now, with the reason; in doubt it rests (OUT-02, OUT-06)",
          "[exchange]") {
  CarrierBench bench;
  bench.courier.answer = [] { return delivery::classify(fault(FaultKind::kUnreachable, "connection refused")); };
  SECTION("after this try") {
    bench.outbox.stored->task.deferral->limit = kNow + seconds{6};
  }
  SECTION("before it") {
    bench.outbox.stored->task.deferral->limit = kNow + seconds{2};
  }
  SECTION("in doubt") {
    bench.outbox.stored->task.deferral->limit = kNow + seconds{2};
    bench.outbox.stored->state = State::kInDoubt;
    CHECK_FALSE(bench.turn());
    CHECK(bench.outbox.events.empty());
    CHECK(bench.outbox.plans == std::vector<std::optional<Instant>>{std::nullopt});
    return;
  }
  CHECK_FALSE(bench.turn());
  REQUIRE(bench.outbox.events == std::vector{Event::kTimeUp});
  CHECK(bench.outbox.conclusions[0].reply.status == 504);
  CHECK(says(bench.outbox.conclusions[0].reply.body, "was not delivered and will not be"));
  CHECK(says(bench.outbox.conclusions[0].reply.body, "the audit token ends"));
}

TEST_CASE("carrier: what the directory forbids since is not sent; what is in doubt stays so (SSP-04, OUT-04)",
          "[exchange]") {
  const auto [row, why] = GENERATE(table<std::string, std::string>(
      {{"", "not registered any more"},
       {"C33333,200000000003,,Relayed Surgery,north,mailbox,,,\n", "no endpoint any more"},
       {"C33333,200000000003,,Relayed Surgery,south,https://provider.example.test:8443/C33333/DSTU2/1,,,\n",
        "no data sharing agreement"}}));
  CAPTURE(why);
  CarrierBench bench{kColumns + row};
  CHECK_FALSE(bench.turn());
  CHECK(bench.courier.sent == 0);
  REQUIRE(bench.outbox.events == std::vector{Event::kCertainFailure});
  CHECK(says(bench.outbox.conclusions[0].reply.body, why));

  CarrierBench doubtful{kColumns + row};
  doubtful.outbox.stored->state = State::kInDoubt;
  CHECK_FALSE(doubtful.turn());
  CHECK(doubtful.outbox.events.empty());
  CHECK(doubtful.outbox.plans == std::vector<std::optional<Instant>>{std::nullopt});
}

TEST_CASE("carrier: a token of the gateway's own is recorded before it is used, and only where it may be (OUT-06)",
          "[exchange]") {
  const bool registered = GENERATE(true, false);
  CarrierBench bench{kColumns + kRecipient + (registered ? "7200,night shift\n" : ",\n")};
  auto& deferral = *bench.outbox.stored->task.deferral;
  deferral.limit = kNow + seconds{7'000};
  auto ended = token_claims();
  ended.issued_at = kNow - seconds{298};
  deferral.mandate = spine::make_token(ended);
  if (!registered) {
    CHECK_FALSE(bench.turn());
    CHECK(bench.courier.sent == 0);
    CHECK(bench.outbox.events == std::vector{Event::kCertainFailure});
    return;
  }
  SECTION("recorded") {
    CHECK_FALSE(bench.turn());
    REQUIRE(bench.outbox.records.size() == 1);
    CHECK(bench.outbox.records[0].outcome == "fresh-token");
    CHECK(bench.outbox.records[0].user_id == ended.user_sds_id);
    REQUIRE(bench.courier.requests.size() == 1);
    CHECK(header_count(bench.courier.requests[0].headers, "Authorization") == 1);
    CHECK(header_value(bench.courier.requests[0].headers, "Authorization") !=
          header_value(deferral.headers, "Authorization"));
  }
  SECTION("it cannot be recorded") {
    bench.outbox.record_fault = kDiskFull;
    CHECK(bench.turn() == bench.soon());
    CHECK(bench.courier.sent == 0);
  }
}
