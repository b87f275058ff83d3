// Every way in which an exchange can end, against the table of SPEC section 7 and RELIABILITY section 2.
#include "delivery/classify.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using gw::Fault;
using gw::FaultKind;
using gw::delivery::classify;
using gw::delivery::Delivery;
using gw::delivery::Verdict;
using gw::net::ExchangeResult;
using gw::net::Progress;
using gw::net::WireAnswer;

namespace {

ExchangeResult answered(int status, bool complete) {
  ExchangeResult result;
  result.progress = Progress::kAnswered;
  result.answer =
      WireAnswer{.status = status, .headers = {{"ETag", "W/\"1\""}}, .body = "the body", .complete = complete};
  if (!complete) result.fault = gw::fault(FaultKind::kReset, "connection reset by peer");
  return result;
}

ExchangeResult ended(Progress progress, FaultKind kind, bool tls_alert = false) {
  ExchangeResult result;
  result.progress = progress;
  result.fault = gw::fault(kind, "the detail");
  result.tls_alert = tls_alert;
  return result;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr FaultKind kAllKinds[] = {FaultKind::kInternal,    FaultKind::kIo,
                                   FaultKind::kNotFound,    FaultKind::kInvalid,
                                   FaultKind::kTimeout,     FaultKind::kClosed,
                                   FaultKind::kReset,       FaultKind::kTooLarge,
                                   FaultKind::kMalformed,   FaultKind::kTls,
                                   FaultKind::kUnreachable, FaultKind::kOverloaded,
                                   FaultKind::kStorage,     FaultKind::kStorageInDoubt};

}  // namespace

TEST_CASE("classify: every complete answer has the verdict that the specification gives it (SSP-07, OUT-04)",
          "[delivery]") {
  for (int status = 100; status <= 999; ++status) {
    CAPTURE(status);
    const Delivery delivery = classify(answered(status, true));
    Verdict expected = Verdict::kInDoubt;
    bool pass_on = false;
    if (status == 200 || status == 201) {
      expected = Verdict::kDelivered;
      pass_on = true;
    } else if (status == 408 || status == 429 || status == 503) {
      expected = Verdict::kFailed;
      pass_on = true;
    } else if ((status >= 400 && status <= 499) || status == 501) {
      expected = Verdict::kRejected;
      pass_on = true;
    } else if (status == 500) {
      pass_on = true;
    }
    CHECK(delivery.verdict == expected);
    CHECK(delivery.pass_on == pass_on);
    CHECK(delivery.status == (pass_on ? status : 504));
    REQUIRE(delivery.answer);
    CHECK(delivery.answer->status == status);
    CHECK(delivery.answer->body == "the body");
    CHECK(delivery.answer->headers.size() == 1);
  }
}

TEST_CASE("classify: an answer that broke off says no more than its head's 200 or 201 (OUT-02)", "[delivery]") {
  for (int status = 100; status <= 999; ++status) {
    CAPTURE(status);
    const Delivery delivery = classify(answered(status, false));
    const bool stored = status == 200 || status == 201;
    CHECK(delivery.verdict == (stored ? Verdict::kDelivered : Verdict::kInDoubt));
    CHECK(delivery.status == (stored ? status : 504));
    CHECK_FALSE(delivery.pass_on);
    REQUIRE(delivery.answer);
    CHECK_FALSE(delivery.answer->complete);
    CHECK(contains(delivery.diagnostics, "broke off"));
  }
}

TEST_CASE("classify: what ended before the last byte was sent certainly failed (SSP-07, SSP-08)", "[delivery]") {
  for (const auto progress : {Progress::kNothingSent, Progress::kPartlySent}) {
    for (const auto kind : kAllKinds) {
      for (const bool alert : {false, true}) {
        CAPTURE(static_cast<int>(progress), static_cast<int>(kind), alert);
        const Delivery delivery = classify(ended(progress, kind, alert));
        CHECK(delivery.verdict == Verdict::kFailed);
        CHECK(delivery.status == (kind == FaultKind::kTimeout && !alert ? 504 : 502));
        CHECK_FALSE(delivery.pass_on);
        CHECK_FALSE(delivery.answer);
        CHECK(contains(delivery.diagnostics, "was not delivered and will not be"));
        CHECK(contains(delivery.diagnostics, "(the detail)"));
      }
    }
  }
}

TEST_CASE("classify: silence after the last byte is in doubt, whatever its cause (OUT-04)", "[delivery]") {
  for (const auto kind : kAllKinds) {
    CAPTURE(static_cast<int>(kind));
    const Delivery delivery = classify(ended(Progress::kAllSent, kind));
    CHECK(delivery.verdict == Verdict::kInDoubt);
    CHECK(delivery.status == 504);
    CHECK_FALSE(delivery.pass_on);
    CHECK(contains(delivery.diagnostics, "may have been delivered"));
  }
}

TEST_CASE("classify: silence is in doubt also when nothing says why", "[delivery]") {
  ExchangeResult result;
  result.progress = GENERATE(Progress::kAllSent, Progress::kAnswered);
  const Delivery delivery = classify(result);
  CHECK(delivery.verdict == Verdict::kInDoubt);
  CHECK(delivery.status == 504);
  CHECK_FALSE(delivery.pass_on);
}

TEST_CASE("classify: our certificate refused by alert after TLS 1.3 sent all is a certain failure", "[delivery]") {
  const Delivery delivery = classify(ended(Progress::kAllSent, FaultKind::kTls, true));
  CHECK(delivery.verdict == Verdict::kFailed);
  CHECK(delivery.status == 502);
  CHECK(contains(delivery.diagnostics, "refused the gateway's certificate"));
}

TEST_CASE("classify: an answer counts for more than an alert that came after it", "[delivery]") {
  auto result = answered(201, true);
  result.tls_alert = true;
  CHECK(classify(std::move(result)).verdict == Verdict::kDelivered);
}

TEST_CASE("classify: a connection that never came to be is a certain failure with its own status (SSP-07)",
          "[delivery]") {
  for (const auto kind : kAllKinds) {
    CAPTURE(static_cast<int>(kind));
    const Delivery delivery = classify(gw::fault(kind, "the detail"));
    int expected = 502;
    if (kind == FaultKind::kTimeout) expected = 504;
    if (kind == FaultKind::kOverloaded || kind == FaultKind::kClosed) expected = 503;
    CHECK(delivery.verdict == Verdict::kFailed);
    CHECK(delivery.status == expected);
    CHECK_FALSE(delivery.pass_on);
    CHECK_FALSE(delivery.answer);
    CHECK(contains(delivery.diagnostics, "(the detail)"));
    CHECK(contains(delivery.diagnostics, "was not delivered and will not be"));
  }
}

TEST_CASE("classify: the sentence names the refusal that is meant", "[delivery]") {
  const Delivery refused = classify(gw::fault(FaultKind::kUnreachable, "connection refused"));
  CHECK(refused.diagnostics ==
        "The recipient's system could not be reached (connection refused). The task was not delivered and will not "
        "be: send it again or use another channel.");
}

TEST_CASE("classify: a fault's detail stays one bounded line in the diagnostics", "[delivery]") {
  const Delivery delivery = classify(gw::fault(FaultKind::kReset, std::string("a\r\nb\x7F") + std::string(5000, 'x')));
  CHECK(delivery.diagnostics.size() < 500);
  CHECK(delivery.diagnostics.find_first_of("\r\n\x7F") == std::string::npos);
}

TEST_CASE("classify: only what the clock ended counts as timed out (SSP-07)", "[delivery]") {
  for (const auto kind : kAllKinds) {
    CAPTURE(static_cast<int>(kind));
    const bool clock = kind == FaultKind::kTimeout;
    CHECK(classify(gw::fault(kind, "the detail")).timed_out == clock);
    for (const auto progress : {Progress::kNothingSent, Progress::kPartlySent, Progress::kAllSent}) {
      CHECK(classify(ended(progress, kind)).timed_out == clock);
    }
  }
  CHECK_FALSE(classify(answered(302, true)).timed_out);
}

TEST_CASE("classify: an acceptance before all of the task was sent proves nothing (OUT-02)", "[delivery]") {
  for (const int status : {200, 201}) {
    auto result = answered(status, true);
    result.early = true;
    const auto delivery = classify(std::move(result));
    CHECK(delivery.verdict == Verdict::kInDoubt);
    CHECK(delivery.status == 504);
    CHECK_FALSE(delivery.pass_on);
    CHECK(contains(delivery.diagnostics, "before it had been sent all of the task"));
  }
  auto refusal = answered(422, true);
  refusal.early = true;
  CHECK(classify(std::move(refusal)).verdict == Verdict::kRejected);
}
