// The admin listener's few paths: is it alive, is it ready (OPS-02). Loopback by default; never patient data.
#pragma once

#include "net/handler.hpp"
#include "outbox/outbox.hpp"

namespace gw::app {

namespace asio = boost::asio;

class Admin final : public net::Handler {
 public:
  explicit Admin(const outbox::Outbox& outbox) : outbox_(outbox) {}
  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader& body) override;
  asio::awaitable<Response> protocol_error(net::ProtocolFault fault, std::string_view detail,
                                           const Peer& peer) override;

 private:
  const outbox::Outbox& outbox_;
};

}  // namespace gw::app
