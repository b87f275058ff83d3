#include "app/admin.hpp"

#include <string>

namespace gw::app {

namespace {

Response text(int status, std::string body) {
  return Response{.status = status,
                  .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                  .body = std::move(body) + "\n"};
}

}  // namespace

asio::awaitable<Response> Admin::handle(const RequestHead& head, net::BodyReader&) {
  if (head.method != "GET") {
    auto refused = text(405, "only GET is served here");
    refused.headers.push_back({"Allow", "GET"});
    co_return refused;
  }
  if (head.target == "/healthz") co_return text(200, "ok");
  if (head.target == "/readyz") {
    const auto ready = outbox_.ready();
    co_return ready ? text(200, "ready") : text(503, "not ready: " + ready.error().detail);
  }
  co_return text(404, "there is /healthz and /readyz");
}

asio::awaitable<Response> Admin::protocol_error(net::ProtocolFault, std::string_view detail, const Peer&) {
  auto refused = text(400, std::string{detail});
  refused.close = true;
  co_return refused;
}

}  // namespace gw::app
