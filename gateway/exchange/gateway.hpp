// Serves every request: identifies the caller, picks the use case, records what happened, answers.
// Must not know sockets: it is the Handler that net calls.
#pragma once

#include "exchange/parts.hpp"
#include "exchange/send_task.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

/// Thread-safe: holds nothing but references. Every answer it gives is durable in the audit before it is returned
/// (AUD-02).
class Gateway final : public net::Handler {
 public:
  explicit Gateway(Parts parts) : parts_(parts) {}

  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader& body) override;
  asio::awaitable<Response> protocol_error(net::ProtocolFault fault, std::string_view detail,
                                           const Peer& peer) override;

 private:
  asio::awaitable<Response> serve(const RequestHead& head, net::BodyReader& body, Trail& trail);

  Parts parts_;
};

}  // namespace gw::exchange
