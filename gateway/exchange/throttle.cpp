#include "exchange/throttle.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <system_error>

#include "exchange/answer.hpp"

namespace gw::exchange {

namespace {

using fhir::Issue;
using fhir::IssueType;

constexpr std::string_view kLimit = "X-Rate-Limit-Limit";
constexpr std::string_view kRemaining = "X-Rate-Limit-Remaining";
constexpr std::string_view kReset = "X-Rate-Limit-Reset";

Headers headers_of(const spine::RateVerdict& verdict) {
  return {{std::string{kLimit}, std::to_string(verdict.limit)},
          {std::string{kRemaining}, std::to_string(verdict.remaining)},
          {std::string{kReset}, std::to_string(verdict.reset.count())}};
}

fhir::Refusal over_rate(const spine::Rate& rate, const spine::RateVerdict& verdict) {
  const auto wait = std::to_string(verdict.retry_after.count());
  auto refusal = fhir::refuse(
      429, Issue{.type = IssueType::kThrottled,
                 .code = fhir::ErrorCode::kTooManyRequests,
                 .diagnostics = "this sender's requests come faster than its limit of " +
                                std::to_string(rate.per_second) + " a second (" + std::to_string(verdict.limit) +
                                " at once after a pause). This request was not stored or delivered: send it again in " +
                                wait + " s. " + std::string{kEarlierStands},
                 .location = "Ssp-From",
                 .rule = "SSP-07"});
  refusal.headers.push_back({"Retry-After", wait});
  return refusal;
}

fhir::Refusal too_busy(std::string_view what) {
  return refusal_of_recipient(503, false,
                              "the gateway has " + std::string{what} +
                                  " in work as it can take. This request was not stored or delivered: send it again "
                                  "later, or use another channel. " +
                                  std::string{kEarlierStands},
                              "SSP-07");
}

fhir::Refusal with(fhir::Refusal refusal, Headers rate) {
  std::move(rate.begin(), rate.end(), std::back_inserter(refusal.headers));
  return refusal;
}

}  // namespace

std::optional<Budget::Hold> Budget::take(std::size_t amount) {
  auto used = used_.load(std::memory_order_relaxed);
  do {
    if (amount > limit_ - used) return std::nullopt;
  } while (!used_.compare_exchange_weak(used, used + amount, std::memory_order_relaxed));
  return Hold{*this, amount};
}

Throttle::Throttle(const ThrottleSettings& settings)
    : default_rate_(settings.sender_rate),
      requests_(settings.requests_at_once),
      bodies_(settings.bodies_at_once_bytes) {}

fhir::Checked<Place> Throttle::admit(const directory::Organisation& sender, std::size_t body_bytes,
                                     spine::RateLimiter::Time now) {
  auto rate = default_rate_;
  if (sender.policy.requests_per_second) rate.per_second = *sender.policy.requests_per_second;
  const auto verdict = rates_.take(sender.asid.text(), rate, now);
  auto headers = headers_of(verdict);
  if (!verdict.allowed) return with(over_rate(rate, verdict), std::move(headers));
  auto request = requests_.take(1);
  if (!request) return with(too_busy("as many requests"), std::move(headers));
  auto body = bodies_.take(body_bytes);
  if (!body) return with(too_busy("as many bytes of requests"), std::move(headers));
  return Place{std::move(headers), std::move(*request), std::move(*body)};
}

std::size_t body_bytes_of(const RequestHead& head, std::size_t body_limit, std::size_t inflated_limit) {
  std::size_t bytes = header_count(head.headers, "Transfer-Encoding") == 0 ? 0 : body_limit;
  if (header_count(head.headers, "Content-Length") != 0) {
    const auto text = header_value(head.headers, "Content-Length");
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (error != std::errc{} || stop != text.data() + text.size()) bytes = body_limit;
  }
  bytes = std::min(bytes, body_limit);
  return header_count(head.headers, "Content-Encoding") == 0 ? bytes : bytes + inflated_limit;
}

void add_rate_headers(const Headers& rate, Response& response) {
  const bool has_one = std::any_of(
      rate.begin(), rate.end(), [&](const Header& header) { return header_count(response.headers, header.name) != 0; });
  if (!has_one) response.headers.insert(response.headers.end(), rate.begin(), rate.end());
}

}  // namespace gw::exchange
