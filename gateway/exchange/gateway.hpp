// Serves every request: identifies the caller, picks the use case, records what happened, answers.
// Must not know sockets: it is the Handler that net calls.
#pragma once

#include <optional>

#include "exchange/budget.hpp"
#include "exchange/parts.hpp"
#include "exchange/rate_limiter.hpp"
#include "exchange/send_task.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

/// Thread-safe: holds nothing but references, and counts of what is under way. Every answer it gives is durable in the
/// audit before it is returned (AUD-02).
class Gateway final : public net::Handler {
 public:
  explicit Gateway(Parts parts)
      : parts_(parts), requests_(parts.settings.requests_in_flight), body_bytes_(parts.settings.body_bytes_in_flight) {}

  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader& body) override;
  asio::awaitable<Response> protocol_error(net::ProtocolFault fault, std::string_view detail,
                                           const Peer& peer) override;

 private:
  asio::awaitable<Response> serve(const RequestHead& head, net::BodyReader& body, Trail& trail);
  asio::awaitable<Response> serve_create(const RequestHead& head, net::BodyReader& body, const Caller& caller,
                                         Trail& trail);
  std::optional<fhir::Refusal> over_rate(const Caller& caller, Trail& trail);

  Parts parts_;
  RateLimiter rates_;
  Budget requests_;
  Budget body_bytes_;
};

}  // namespace gw::exchange
