#include "app/admin.hpp"

#include <optional>
#include <string>
#include <utility>

#include "app/metrics.hpp"

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
    const auto ready = view_.outbox.ready();
    if (!ready) co_return text(503, "not ready: " + ready.error().detail);
    // Whom the service named lately is served without it, so this does not take the gateway out of use.
    const bool away = view_.service != nullptr && view_.service->health().away;
    co_return text(200, away ? "ready, but the directory service is away: what it said last is used" : "ready");
  }
  if (head.target == "/metrics") co_return co_await metrics();
  co_return text(404, "there is /healthz, /readyz and /metrics");
}

asio::awaitable<Response> Admin::metrics() {
  // Without an answer from the outbox the rest is worth telling all the more.
  auto backlog = co_await view_.outbox.backlog();
  std::array<bool, kReloads.size()> reloaded{};
  for (std::size_t i = 0; i < reloaded.size(); ++i) reloaded.at(i) = reloaded_.at(i).load();
  const Measured measured{.meters = view_.meters,
                          .ready = view_.outbox.ready().has_value(),
                          .depth = view_.outbox.depth(),
                          .stats = view_.outbox.stats(),
                          .backlog = backlog ? std::move(*backlog) : std::vector<outbox::Backlog>{},
                          .recipients = view_.courier.health(),
                          .connections = view_.server.open_connections(),
                          .certificate_until = certificate_until_.load(),
                          .crl_until = crl_until_.load(),
                          .reloaded = reloaded,
                          .directory = view_.service == nullptr ? std::nullopt : std::optional{view_.service->health()},
                          .started = started_,
                          .now = view_.clock.now()};
  Response page;
  page.status = 200;
  page.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}, {"Cache-Control", "no-store"}};
  page.body = metrics_page(measured);
  co_return page;
}

asio::awaitable<Response> Admin::protocol_error(net::ProtocolFault, std::string_view detail, const Peer&) {
  auto refused = text(400, std::string{detail});
  refused.close = true;
  co_return refused;
}

}  // namespace gw::app
