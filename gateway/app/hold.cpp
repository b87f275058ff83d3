#include "app/hold.hpp"

#include <systemd/sd-daemon.h>

#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "app/exposition.hpp"
#include "base/log.hpp"
#include "net/handler.hpp"
#include "net/io_threads.hpp"
#include "net/server.hpp"

namespace gw::app {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr milliseconds kBetweenLooks{500};

Response text(int status, std::string body) {
  return Response{.status = status,
                  .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                  .body = std::move(body)};
}

/// The admin listener's paths while nothing else is served.
class HeldAdmin final : public net::Handler {
 public:
  explicit HeldAdmin(std::string why) : why_(std::move(why)) {}

  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader&) override {
    if (head.method != "GET") co_return text(405, "only GET is served here\n");
    if (head.target == "/healthz") co_return text(200, "ok\n");
    if (head.target == "/readyz") co_return text(503, "held: " + why_ + "\n");
    if (head.target == "/metrics") co_return text(200, metrics());
    co_return text(404, "there is /healthz, /readyz and /metrics\n");
  }

  asio::awaitable<Response> protocol_error(net::ProtocolFault, std::string_view detail, const Peer&) override {
    auto refused = text(400, std::string{detail} + "\n");
    refused.close = true;
    co_return refused;
  }

 private:
  static std::string metrics() {
    Exposition page;
    page.family("ready", "gauge", "1 when new tasks are taken, as /readyz says.");
    page.sample({}, 0);
    page.family("held", "gauge", "1 while nothing is served, since the audit is not as the gateway left it.");
    page.sample({}, 1);
    return page.take();
  }

  const std::string why_;
};

/// When the witness was written last; nothing where there is none.
std::optional<fs::file_time_type> written_at(const fs::path& witness) {
  std::error_code none;
  const auto at = fs::last_write_time(witness, none);
  return none ? std::nullopt : std::optional{at};
}

/// One wait. Its parts wake each other on the one context.
struct Wait {
  asio::io_context& context;
  asio::signal_set& signals;
  asio::steady_timer timer;
  const fs::path& witness;
  const std::optional<fs::file_time_type> seen;
  const bool look_once;
  bool stopped = false;

  void end(bool stop) {
    stopped = stop;
    timer.cancel();
    signals.cancel();
  }
  void look_later() {
    timer.expires_after(kBetweenLooks);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      if (look_once || written_at(witness) != seen) return end(false);
      look_later();
    });
  }
  void listen() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (!error) end(signal != SIGHUP);
    });
  }
};

/// Whether to try again; false: told to stop. `look_once`: try again soon, whatever `seen` (the witness when it was
/// last tried) has become.
bool wait(const Config& config, std::string why, std::optional<fs::file_time_type> seen, bool look_once,
          asio::io_context& context, asio::signal_set& signals) {
  net::IoThreads threads{1};
  HeldAdmin admin{std::move(why)};
  auto server = net::Server::bind(threads, config.admin, nullptr, config.server, admin);
  if (!server) log::error("the admin listener is not there", {{"cause", server.error().detail}});
  threads.start();
  if (server) (*server)->start();
  Wait one{context, signals, asio::steady_timer{context}, config.outbox.audit.witness, seen, look_once};
  // It is there, as far as a service manager is concerned, which would end it for being late otherwise.
  ::sd_notify(0, "READY=1\nSTATUS=held: /readyz and the log say why");
  one.listen();
  one.look_later();
  context.restart();
  context.run();
  context.restart();
  if (server) (*server)->stop();
  threads.stop();
  return !one.stopped;
}

}  // namespace

Result<std::unique_ptr<Instance>> make_or_hold(const Config& config, const Clock& clock, asio::io_context& context,
                                               asio::signal_set& signals) {
  auto seen = written_at(config.outbox.audit.witness);
  auto instance = Instance::make(config, clock);
  const bool held = !instance && instance.error().kind == FaultKind::kHeld;
  std::string told;
  while (held && !instance) {
    const auto cause = instance.error();
    if (told != cause.detail) log::error("held: nothing is served", {{"cause", cause.detail}});
    told = cause.detail;
    // Another fault may pass by itself: `audit accept` has the outbox open for a moment yet.
    if (!wait(config, cause.detail, seen, cause.kind != FaultKind::kHeld, context, signals)) {
      return fault(FaultKind::kClosed, "stopped while it was held");
    }
    seen = written_at(config.outbox.audit.witness);
    instance = Instance::make(config, clock);
  }
  return instance;
}

}  // namespace gw::app
