// The table of classify.hpp. Every branch ends in one of the four verdicts and a sentence that says what to do next.
#include "delivery/classify.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace gw::delivery {

namespace {

constexpr int kBadGateway = 502;
constexpr int kUnavailable = 503;
constexpr int kGatewayTimeout = 504;

constexpr std::string_view kNotDelivered =
    "The task was not delivered and will not be: send it again or use another channel.";
constexpr std::string_view kMayBeDelivered =
    "The task may have been delivered. Ask the recipient before you send it again.";

/// A fault's detail as a part of a sentence: one line, bounded.
std::string reason(const std::optional<Fault>& fault) {
  constexpr std::size_t kMost = 200;
  if (!fault || fault->detail.empty()) return {};
  std::string text = " (";
  for (const char c : std::string_view(fault->detail).substr(0, kMost)) text += c >= ' ' && c != '\x7F' ? c : ' ';
  return text += ')';
}

bool is_timeout(const std::optional<Fault>& fault) {
  return fault && fault->kind == FaultKind::kTimeout;
}

Delivery unanswered(Verdict verdict, int status, std::string_view what, const std::optional<Fault>& fault) {
  auto cause = fmt::format("{}{}", what, reason(fault));
  auto diagnostics = fmt::format("{}. {}", cause, verdict == Verdict::kFailed ? kNotDelivered : kMayBeDelivered);
  return {.verdict = verdict,
          .status = status,
          .timed_out = is_timeout(fault),
          .pass_on = false,
          .answer = std::nullopt,
          .cause = std::move(cause),
          .diagnostics = std::move(diagnostics)};
}

Delivery failed(int status, std::string_view what, const std::optional<Fault>& fault) {
  return unanswered(Verdict::kFailed, status, what, fault);
}

Delivery in_doubt(std::string_view what, const std::optional<Fault>& fault) {
  return unanswered(Verdict::kInDoubt, kGatewayTimeout, what, fault);
}

Delivery passed_on(Verdict verdict, int status, std::string cause, std::string_view consequence) {
  auto diagnostics = fmt::format("{}{}", cause, consequence);
  return {.verdict = verdict,
          .status = status,
          .pass_on = true,
          .answer = std::nullopt,
          .cause = std::move(cause),
          .diagnostics = std::move(diagnostics)};
}

/// A complete answer other than 200 and 201.
Delivery classify_complete(int status) {
  switch (status) {
    case 408:
    case 429:
    case 503:
      return passed_on(Verdict::kFailed, status,
                       fmt::format("The recipient's system did not take the task: it answered {}", status),
                       fmt::format(". {}", kNotDelivered));
    case 500:
      return passed_on(Verdict::kInDoubt, status, "The recipient's system answered 500, an error of its own",
                       fmt::format(". {}", kMayBeDelivered));
    case 501:
      break;
    default:
      if (status < 400 || status > 499) {
        return in_doubt(fmt::format("The recipient's system answered {}, which is neither an acceptance (201 or 200) "
                                    "nor a refusal",
                                    status),
                        std::nullopt);
      }
  }
  return passed_on(Verdict::kRejected, status,
                   fmt::format("The recipient's system refused the task with {}; its answer says why", status), ".");
}

Delivery classify_answer(const net::WireAnswer& answer, bool early, const std::optional<Fault>& fault) {
  const int status = answer.status;
  if (status == 200 || status == 201) {
    if (early) {
      return in_doubt(fmt::format("The recipient's system answered {} before it had been sent all of the task", status),
                      fault);
    }
    if (answer.complete) return passed_on(Verdict::kDelivered, status, "The recipient's system stored the task", ".");
    return {.verdict = Verdict::kDelivered,
            .status = status,
            .pass_on = false,
            .answer = std::nullopt,
            .cause = {},
            .diagnostics = fmt::format(
                "The recipient's system stored the task; its answer broke off after the headers{}.", reason(fault))};
  }
  if (answer.complete) return classify_complete(status);
  return in_doubt(fmt::format("The recipient's system answered {}, but the answer broke off", status), fault);
}

/// All of the request was sent, and no answer head came.
Delivery classify_silence(const std::optional<Fault>& fault) {
  const auto kind = fault ? fault->kind : FaultKind::kInternal;
  switch (kind) {
    case FaultKind::kTimeout:
      return in_doubt("The recipient's system did not answer in time after the task was sent", fault);
    case FaultKind::kMalformed:
    case FaultKind::kTooLarge:
      return in_doubt("The recipient's system answered the task with something that is not valid HTTP or is too large",
                      fault);
    default:
      return in_doubt("The connection broke after the task was sent, before an answer came", fault);
  }
}

}  // namespace

Delivery classify(net::ExchangeResult result) {
  const bool timed_out = result.fault && result.fault->kind == FaultKind::kTimeout;
  if (result.progress == net::Progress::kAnswered && result.answer) {
    auto delivery = classify_answer(*result.answer, result.early, result.fault);
    delivery.answer = std::move(result.answer);
    return delivery;
  }
  if (result.tls_alert) {
    return failed(kBadGateway, "The recipient's system refused the gateway's certificate", result.fault);
  }
  switch (result.progress) {
    case net::Progress::kNothingSent:
      return timed_out
                 ? failed(kGatewayTimeout, "The time for delivery was over before the task was sent", result.fault)
                 : failed(kBadGateway, "The connection broke before the task was sent", result.fault);
    case net::Progress::kPartlySent:
      return timed_out
                 ? failed(kGatewayTimeout, "The recipient's system did not take in the task in time", result.fault)
                 : failed(kBadGateway, "The connection broke before all of the task was sent", result.fault);
    case net::Progress::kAllSent:
    case net::Progress::kAnswered:
      break;
  }
  return classify_silence(result.fault);
}

Delivery classify(const Fault& connect_fault) {
  switch (connect_fault.kind) {
    case FaultKind::kTimeout:
      return failed(kGatewayTimeout, "The recipient's system could not be reached in time", connect_fault);
    case FaultKind::kTls:
      return failed(kBadGateway, "No trusted connection to the recipient's system could be made", connect_fault);
    case FaultKind::kOverloaded:
      return failed(kUnavailable, "Too many tasks are on their way to the recipient's system", connect_fault);
    case FaultKind::kClosed:
      return failed(kUnavailable, "The gateway is stopping", connect_fault);
    case FaultKind::kReset:
      return failed(kBadGateway, "The recipient's system broke off the connection before the task was sent",
                    connect_fault);
    default:
      return failed(kBadGateway, "The recipient's system could not be reached", connect_fault);
  }
}

}  // namespace gw::delivery
