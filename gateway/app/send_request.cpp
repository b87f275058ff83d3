#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <utility>

#include <rapidjson/document.h>

#include "app/send.hpp"

namespace gw::app {

namespace {

namespace asio = boost::asio;

asio::awaitable<Result<net::WireAnswer>> exchange_once(asio::any_io_executor executor, net::Target target,
                                                       net::ClientTls& tls, const net::WireRequest& request) {
  const net::ClientTimeouts timeouts{.answer = milliseconds{60'000}};
  net::AddressRules rules;
  auto connection = co_await net::open_connection(executor, target, tls, timeouts, std::move(rules));
  if (!connection) co_return connection.error();
  const net::ClientLimits limits{.answer_body_bytes = std::size_t{64} << 20U};
  auto result = co_await (*connection)->exchange(request, timeouts, limits);
  (*connection)->close();
  if (result.answer && result.answer->complete) co_return std::move(*result.answer);
  co_return result.fault.value_or(fault(FaultKind::kClosed, "the connection closed before a whole answer came"));
}

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsString() ? member->value.GetString() : std::string{};
}

}  // namespace

Result<net::WireAnswer> send_request(const net::Target& target, net::ClientTls& tls, const net::WireRequest& request) {
  asio::io_context context{1};
  std::exception_ptr thrown;
  Result<net::WireAnswer> answer = fault(FaultKind::kInternal, "the exchange did not end");
  // The limits' sweeper would keep run() up to kSweep after the answer.
  const auto done = [&](const std::exception_ptr& error, Result<net::WireAnswer> came) {
    thrown = error;
    answer = std::move(came);
    context.stop();
  };
  asio::co_spawn(context, exchange_once(context.get_executor(), target, tls, request), done);
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return answer;
}

namespace {
constexpr std::string_view kDelivered = "delivered";
constexpr std::string_view kNotDelivered = "NOT delivered";
constexpr std::string_view kNotKnown = "NOT KNOWN: it may or may not have been delivered";
}  // namespace

std::string_view verdict_of(int status) {
  if (status == 200 || status == 201) return kDelivered;
  if (status == 202) return "accepted, not delivered yet";
  return status == 500 || status == 504 ? kNotKnown : kNotDelivered;
}

std::string_view verdict_of(FaultKind kind) {
  return kind == FaultKind::kUnreachable || kind == FaultKind::kTls ? kNotDelivered : kNotKnown;
}

std::string outcome_lines(const std::string& body) {
  rapidjson::Document outcome;
  outcome.Parse<rapidjson::kParseIterativeFlag>(body.c_str(), body.size());
  if (outcome.HasParseError() || !outcome.IsObject() || text_of(outcome, "resourceType") != "OperationOutcome")
    return {};
  const auto issues = outcome.FindMember("issue");
  if (issues == outcome.MemberEnd() || !issues->value.IsArray()) return {};
  std::string lines;
  for (const auto& issue : issues->value.GetArray()) {
    if (!issue.IsObject()) continue;
    const auto location = issue.FindMember("location");
    if (!lines.empty()) lines += '\n';
    const auto diagnostics = text_of(issue, "diagnostics");
    if (location != issue.MemberEnd() && location->value.IsArray() && !location->value.Empty() &&
        location->value[0].IsString()) {
      // Most diagnostics begin with the place themselves.
      const std::string place = location->value[0].GetString();
      if (!diagnostics.starts_with(place)) lines += place + ": ";
    }
    lines += diagnostics;
  }
  return lines;
}

}  // namespace gw::app
