#include "app/no_room.hpp"

#include <string>
#include <utility>

#include "base/log.hpp"
#include "exchange/answer.hpp"
#include "exchange/media.hpp"
#include "net/io_threads.hpp"
#include "net/server.hpp"
#include "net/tls_context.hpp"
#include "outbox/disk.hpp"

namespace gw::app {

namespace {

namespace asio = boost::asio;

/// Refuses whatever comes. Nothing of it can be recorded: there is no room for that either.
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
  explicit Telling(std::string why) : why_(std::move(why)) {}
  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader&) override {
    co_return head.target == "/healthz" ? text(200, "ok") : text(503, "not ready: " + why_);
  }
  asio::awaitable<Response> protocol_error(net::ProtocolFault, std::string_view detail, const Peer&) override {
    auto refused = text(400, std::string{detail});
    refused.close = true;
    co_return refused;
  }

 private:
  static Response text(int status, const std::string& body) {
    return Response{.status = status,
                    .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                    .body = body + "\n"};
  }
  std::string why_;
};

}  // namespace

/// Members in the order they are built; destroyed in reverse.
struct NoRoom::Inside {
  Inside(const Config& config, std::string why) : threads(1), telling(std::move(why)), limits(config.server) {}

  net::IoThreads threads;
  Refusing refusing;
  Telling telling;
  net::ServerLimits limits;
  std::unique_ptr<net::ServerTls> tls;
  std::unique_ptr<net::Server> server, admin_server;
  bool running = false;
};

Status NoRoom::has_room(const Config& config) {
  outbox::Disk disk{std::filesystem::absolute(config.outbox.path).parent_path(), config.outbox.min_free_bytes};
  disk.look(true);
  return disk.may_admit();
}

bool NoRoom::is_why(const Config& config, const Fault& failed) {
  const bool of_disk =
      failed.kind == FaultKind::kStorage || failed.kind == FaultKind::kStorageInDoubt || failed.kind == FaultKind::kIo;
  return of_disk && !has_room(config);
}

Result<std::unique_ptr<NoRoom>> NoRoom::make(const Config& config, const Fault& cause) {
  const auto room = has_room(config);
  const auto why = (room ? std::string{} : room.error().detail + "; ") + "the outbox cannot be opened: " + cause.detail;
  auto inside = std::make_unique<Inside>(config, why);
  auto tls = net::ServerTls::load(config.tls, config.resumption);
  if (!tls) return tls.error();
  inside->tls = std::move(*tls);
  auto bound = net::Server::bind(inside->threads, config.listen, inside->tls.get(), inside->limits, inside->refusing);
  if (!bound) return bound.error();
  inside->server = std::move(*bound);
  bound = net::Server::bind(inside->threads, config.admin, nullptr, inside->limits, inside->telling);
  if (!bound) return bound.error();
  inside->admin_server = std::move(*bound);
  log::error("no room: every request is refused until there is", {{"why", why}});
  return std::unique_ptr<NoRoom>{new NoRoom{std::move(inside)}};
}

NoRoom::NoRoom(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

NoRoom::~NoRoom() {
  if (!inside_->running) return;
  inside_->server->stop();
  inside_->admin_server->stop();
  inside_->threads.stop();
}

void NoRoom::start() {
  inside_->threads.start();
  inside_->server->start();
  inside_->admin_server->start();
  inside_->running = true;
}

std::uint16_t NoRoom::port() const {
  return inside_->server->port();
}
std::uint16_t NoRoom::admin_port() const {
  return inside_->admin_server->port();
}

}  // namespace gw::app
