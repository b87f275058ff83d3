#include "app/waiting.hpp"

#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "app/exposition.hpp"
#include "base/log.hpp"
#include "exchange/answer.hpp"
#include "exchange/media.hpp"
#include "net/handler.hpp"
#include "net/io_threads.hpp"
#include "net/server.hpp"
#include "net/tls_context.hpp"
#include "outbox/disk.hpp"

namespace gw::app {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr milliseconds kBetweenLooks{500};

/// What stands in the way, and until when.
struct Cause {
  std::string why;
  bool held = false;
  std::function<bool()> over;  ///< looked at again and again
};

/// For senders, while there is no room.
class Refusing final : public net::Handler {
 public:
  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader&) override {
    auto refused =
        exchange::answer(exchange::refusal_of_storage(fault(FaultKind::kStorage, {})), exchange::error_format(head));
    exchange::add_common_headers(refused);
    co_return refused;
  }
  asio::awaitable<Response> protocol_error(net::ProtocolFault what, std::string_view detail, const Peer&) override {
    auto refused = exchange::answer(exchange::refusal_of_protocol(what, detail), fhir::Format::kJson);
    exchange::add_common_headers(refused);
    co_return refused;
  }
};

/// The admin listener: alive, and not ready.
class Telling final : public net::Handler {
 public:
  explicit Telling(const Cause& cause) : cause_(cause) {}

  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader&) override {
    if (head.method != "GET") co_return text(405, "only GET is served here\n");
    if (head.target == "/healthz") co_return text(200, "ok\n");
    if (head.target == "/readyz") co_return text(503, (cause_.held ? "held: " : "not ready: ") + cause_.why + "\n");
    if (head.target == "/metrics") co_return text(200, metrics());
    co_return text(404, "there is /healthz, /readyz and /metrics\n");
  }
  asio::awaitable<Response> protocol_error(net::ProtocolFault, std::string_view detail, const Peer&) override {
    auto refused = text(400, std::string{detail} + "\n");
    refused.close = true;
    co_return refused;
  }

 private:
  static Response text(int status, std::string body) {
    return Response{.status = status,
                    .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                    .body = std::move(body)};
  }
  [[nodiscard]] std::string metrics() const {
    Exposition page;
    page.family("ready", "gauge", "1 when new tasks are taken, as /readyz says.");
    page.sample({}, 0);
    page.family("held", "gauge", "1 while nothing is served, since the audit is not as the gateway left it.");
    page.sample({}, cause_.held ? 1 : 0);
    return page.take();
  }

  const Cause& cause_;
};

/// When the witness was written last; nothing where there is none.
std::optional<fs::file_time_type> written_at(const fs::path& witness) {
  std::error_code none;
  const auto at = fs::last_write_time(witness, none);
  return none ? std::nullopt : std::optional{at};
}

/// As much as [outbox] min_free_bytes wants; else kStorage with the figures.
Status has_room(const Config& config) {
  const auto unopened = [] { return std::int64_t{0}; };
  outbox::Disk disk{fs::absolute(config.outbox.path).parent_path(), config.outbox.min_free_bytes, unopened};
  disk.look(true);
  return disk.may_admit();
}

bool is_of_disk(const Fault& fault) {
  return fault.kind == FaultKind::kStorage || fault.kind == FaultKind::kStorageInDoubt || fault.kind == FaultKind::kIo;
}

/// What of `fault` is worth a wait. `seen`: the witness when it was last tried. `was_held`: before this fault.
std::optional<Cause> cause_of(const Config& config, const Fault& fault, std::optional<fs::file_time_type> seen,
                              bool was_held) {
  if (fault.kind == FaultKind::kHeld) {
    return Cause{fault.detail, true, [&config, seen] { return written_at(config.outbox.audit.witness) != seen; }};
  }
  // Another fault may pass by itself: `audit accept` has the outbox open for a moment yet.
  if (was_held) return Cause{fault.detail, true, [] { return true; }};
  const auto room = has_room(config);
  if (room || !is_of_disk(fault)) return std::nullopt;
  return Cause{room.error().detail + "; the outbox cannot be opened: " + fault.detail, false,
               [&config] { return has_room(config).has_value(); }};
}

/// The listeners of one wait.
class Listeners {
 public:
  explicit Listeners(const Cause& cause) : telling_(cause) {}
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  ~Listeners() {
    if (!started_) return;
    if (server_) server_->stop();
    admin_->stop();
    threads_.stop();
  }

  Status open(const Config& config, bool for_senders) {
    if (for_senders) {
      auto tls = net::ServerTls::load(config.tls, config.resumption);
      if (!tls) return tls.error();
      tls_ = std::move(*tls);
      auto bound = net::Server::bind(threads_, config.listen, tls_.get(), config.server, refusing_);
      if (!bound) return bound.error();
      server_ = std::move(*bound);
    }
    auto bound = net::Server::bind(threads_, config.admin, nullptr, config.server, telling_);
    if (!bound) return bound.error();
    admin_ = std::move(*bound);
    threads_.start();
    if (server_) server_->start();
    admin_->start();
    started_ = true;
    return Done{};
  }

 private:
  net::IoThreads threads_{1};
  Refusing refusing_;
  Telling telling_;
  std::unique_ptr<net::ServerTls> tls_;
  std::unique_ptr<net::Server> server_, admin_;
  bool started_ = false;
};

/// One wait. Its parts wake each other on the one context.
struct Wait {
  asio::io_context& context;
  asio::signal_set& signals;
  asio::steady_timer timer;
  const Cause& cause;
  bool stopped = false;

  /// Whether to try again; false: told to stop.
  bool run() {
    listen();
    look_later();
    context.restart();
    context.run();
    context.restart();
    return !stopped;
  }
  void end(bool stop) {
    stopped = stop;
    timer.cancel();
    signals.cancel();
  }
  void look_later() {
    timer.expires_after(kBetweenLooks);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      if (cause.over()) return end(false);
      look_later();
    });
  }
  void listen() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (!error) end(signal != SIGHUP);
    });
  }
};

}  // namespace

Result<std::unique_ptr<Instance>> make_or_wait(const Config& config, const Clock& clock, asio::io_context& context,
                                               asio::signal_set& signals,
                                               const std::function<void(std::string_view)>& up) {
  bool was_held = false;
  std::string told;
  for (;;) {
    const auto seen = written_at(config.outbox.audit.witness);
    auto instance = Instance::make(config, clock);
    if (instance) return instance;
    const auto cause = cause_of(config, instance.error(), seen, was_held);
    if (!cause) return instance;
    was_held = cause->held;
    if (told != cause->why) {
      log::error(cause->held ? "held: nothing is served" : "no room: every request is refused",
                 {{"cause", cause->why}});
    }
    told = cause->why;
    Listeners listeners{*cause};
    if (auto opened = listeners.open(config, !cause->held); !opened) return opened.error();
    up(cause->held ? "held: /readyz and the log say why" : "no room on the disk: /readyz and the log say more");
    Wait wait{context, signals, asio::steady_timer{context}, *cause};
    if (!wait.run()) return fault(FaultKind::kClosed, "stopped while it was waiting");
  }
}

}  // namespace gw::app
