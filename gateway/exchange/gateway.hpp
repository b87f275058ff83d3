// Serves every request: identifies the caller, picks the use case, records what happened, answers.
// Must not know sockets: it is the Handler that net calls.
#pragma once

#include "exchange/parts.hpp"
#include "exchange/send_task.hpp"
#include "exchange/throttle.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

/// Thread-safe: holds references, and the counts of the throttle. Every answer it gives is durable in the audit before
/// it is returned (AUD-02).
class Gateway final : public net::Handler {
 public:
  explicit Gateway(Parts parts) : parts_(parts), throttle_(parts.settings.throttle) {}

  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader& body) override;
  asio::awaitable<Response> protocol_error(net::ProtocolFault fault, std::string_view detail,
                                           const Peer& peer) override;

 private:
  asio::awaitable<Response> serve(const RequestHead& head, net::BodyReader& body, Trail& trail);
  /// A request that was identified and has its place.
  asio::awaitable<Response> serve_caller(const RequestHead& head, net::BodyReader& body, const Caller& caller,
                                         Trail& trail);
  /// One that is no task.
  asio::awaitable<fhir::Checked<Response>> serve_other(const RequestHead& head, net::BodyReader& body,
                                                       const Caller& caller, Trail& trail);

  Parts parts_;
  Throttle throttle_;
};

}  // namespace gw::exchange
