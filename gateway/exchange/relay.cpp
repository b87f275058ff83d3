#include "exchange/relay.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "exchange/answer.hpp"
#include "exchange/media.hpp"

namespace gw::exchange {

namespace {

constexpr std::array<std::string_view, 12> kHopByHop{"Connection",
                                                     "Keep-Alive",
                                                     "Proxy-Authenticate",
                                                     "Proxy-Authorization",
                                                     "Proxy-Connection",
                                                     "TE",
                                                     "Trailer",
                                                     "Upgrade",
                                                     "Transfer-Encoding",
                                                     "Content-Length",
                                                     "Host",
                                                     "Expect"};

bool is_hop_by_hop(std::string_view name) {
  return std::any_of(kHopByHop.begin(), kHopByHop.end(), [&](std::string_view known) { return iequals(known, name); });
}

/// What the Connection headers list, as one list.
std::string named_by_connection(const Headers& headers) {
  std::string names;
  for (const auto& header : headers) {
    if (iequals(header.name, "Connection")) names.append(header.value).append(",");
  }
  return names;
}

/// A quoted-string (RFC 7230 section 3.2.6), so that no part of a value can end it.
std::string quoted_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

std::string forwarded(const RequestHead& head) {
  return "for=" + quoted_string(head.peer.address) + ";host=" + quoted_string(header_value(head.headers, "Host")) +
         ";proto=https";
}

/// The recipient's answer on its way to the sender, whose `first` piece was read already, of `length` bytes if that is
/// known. Holds the recipient's connection until all of it was read.
class RelayedBody final : public net::BodySource {
 public:
  RelayedBody(std::unique_ptr<delivery::Lease> lease, std::string_view first, std::optional<std::uint64_t> length)
      : lease_(std::move(lease)), first_(first), length_(length) {}
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  asio::awaitable<Result<std::string_view>> read_some() override {
    if (!first_.empty()) co_return std::exchange(first_, {});
    if (!lease_) co_return std::string_view{};
    auto piece = co_await lease_->answer_body().read_some();
    if (piece && piece->empty()) lease_.reset();
    co_return piece;
  }

 private:
  std::unique_ptr<delivery::Lease> lease_;
  std::string_view first_;
  const std::optional<std::uint64_t> length_;
};

/// A body whose first piece was read already: a request that is broken from its beginning reaches no recipient.
class BegunBody final : public net::BodySource {
 public:
  BegunBody(net::BodySource& rest, std::string_view first) : rest_(rest), first_(first) {}
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return rest_.length(); }
  asio::awaitable<Result<std::string_view>> read_some() override {
    if (!first_.empty()) co_return std::exchange(first_, {});
    auto next = co_await rest_.read_some();
    co_return next;
  }

 private:
  net::BodySource& rest_;
  std::string_view first_;
};

/// No usable answer came. `sent`: bytes of the request left us, so that one which writes may have been carried out.
fhir::Refusal refusal_of_relay(const RequestHead& head, bool sent, const delivery::Delivery& delivery) {
  const std::string_view advice = head.method == "GET" ? "nothing was changed by this read, which can be repeated"
                                  : sent
                                      ? "this request may have been carried out all the same; look before repeating it"
                                      : "this request was not carried out; it can be repeated";
  return refusal_of_recipient(delivery.status, delivery.timed_out,
                              "the recipient's system did not give a usable answer; " + std::string{advice}, "SSP-07");
}

}  // namespace

Headers end_to_end(Headers headers) {
  const auto named = named_by_connection(headers);
  std::erase_if(headers,
                [&](const Header& header) { return is_hop_by_hop(header.name) || list_has(named, header.name); });
  return headers;
}

net::WireRequest relayed_request(const RequestHead& head, const Url& url, const delivery::Route& route,
                                 std::string_view body) {
  net::WireRequest request;
  request.method = head.method;
  // What stands below the base in the sender's target stands below the recipient's base, byte for byte.
  const auto below = head.target.find(url.base) + url.base.size();
  request.target = route.base_path + head.target.substr(below);
  request.headers = end_to_end(head.headers);
  request.headers.push_back({"Forwarded", forwarded(head)});
  request.body = body;
  return request;
}

Response passed_on(net::WireAnswer answer) {
  Response response;
  response.status = answer.status;
  response.headers = end_to_end(std::move(answer.headers));
  response.body = std::move(answer.body);
  return response;
}

Response passed_on_without_body(net::WireAnswer answer) {
  auto response = passed_on(std::move(answer));
  response.body.clear();
  std::erase_if(response.headers, [](const Header& header) {
    return iequals(header.name, "Content-Type") || iequals(header.name, "Content-Encoding");
  });
  return response;
}

Result<delivery::Route> route_of(const Parts& parts, const Caller& caller) {
  auto route = delivery::route_to(caller.recipient->endpoint, parts.settings.hosts);
  if (!route) log::error("a registered endpoint cannot be used", {{"cause", route.error().detail}});
  return route;
}

asio::awaitable<Response> relay(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                const Caller& caller, Trail& trail) {
  const auto deadline = std::chrono::steady_clock::now() + parts.settings.sender_wait;
  const auto format = error_format(head);
  const auto route = route_of(parts, caller);
  if (!route) co_return refused(refusal_of_bug(), trail, format);
  const auto first = co_await body.read_some();
  if (!first) co_return refused(refusal_of_body(first.error()), trail, format);
  BegunBody begun_body{body, *first};
  auto lease = co_await parts.courier.connect(*route, deadline);
  if (!lease) co_return refused(refusal_of_relay(head, false, delivery::classify(lease.error())), trail, format);
  const auto request = relayed_request(head, caller.url, *route, {});
  auto begun = co_await (*lease)->begin(request, begun_body, deadline);
  if (!begun) co_return refused(refusal_of_relay(head, false, delivery::classify(begun.error())), trail, format);
  if (begun->source_failed) co_return refused(refusal_of_body(*begun->fault), trail, format);
  if (!begun->answer) {
    const bool sent = begun->progress != net::Progress::kNothingSent && !begun->tls_alert;
    co_return refused(refusal_of_relay(head, sent, delivery::classify(std::move(*begun))), trail, format);
  }
  const bool whole = begun->answer->complete;
  auto response = passed_on(std::move(*begun->answer));
  if (!whole) {
    // While nothing has gone back yet, an answer that is broken from its beginning can still be told as what it is.
    auto& answered = (*lease)->answer_body();
    const auto length = answered.length();
    const auto piece = co_await answered.read_some();
    if (!piece) co_return refused(refusal_of_relay(head, true, delivery::classify(piece.error())), trail, format);
    response.stream = std::make_shared<RelayedBody>(std::move(*lease), *piece, length);
  }
  trail.record.outcome = "relayed";
  trail.relayed = true;
  co_return response;
}

}  // namespace gw::exchange
