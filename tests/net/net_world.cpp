#include "net/net_world.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace gw::test {

namespace asio = net::asio;

asio::awaitable<void> TestHandler::wait() {
  const auto executor = co_await asio::this_coro::executor;
  const auto gate = std::make_shared<asio::steady_timer>(executor, std::chrono::hours{1});
  {
    const std::lock_guard lock(mutex_);
    gate_ = gate;
  }
  waiting.set_value();
  co_await gate->async_wait(asio::as_tuple(asio::use_awaitable));
}

void TestHandler::release() {
  const std::lock_guard lock(mutex_);
  const auto gate = gate_.lock();
  if (!gate) return;
  asio::post(gate->get_executor(), [weak = gate_] {
    if (const auto open = weak.lock()) open->cancel();
  });
}

asio::awaitable<Response> TestHandler::handle(const RequestHead& head, net::BodyReader& body) {
  ++handled;
  Response response;
  if (head.target == "/echo" || head.target == "/limit") {
    auto text = co_await body.read_all(head.target == "/limit" ? 10 : 30 * 1024 * 1024);
    response.status = text ? 200 : 400;
    response.body = text ? std::move(*text) : std::string{name_of(text.error().kind)} + " " + text.error().detail;
  } else if (head.target == "/pieces") {
    std::size_t total = 0;
    for (;;) {
      const auto piece = co_await body.read_some();
      if (!piece || piece->empty()) break;
      total += piece->size();
    }
    response.body = std::to_string(total);
  } else if (head.target == "/throw") {
    throw std::runtime_error("on purpose");
  } else if (head.target == "/peer") {
    for (const auto& name : head.peer.fqdns) response.body += name + ";";
    response.body += head.peer.subject + ";" + std::to_string(head.peer.fingerprint.size());
  } else if (head.target == "/header") {
    response.headers = {
        {"X-Good", "1"}, {"X-Bad", "a\r\nX-Injected: 1"}, {"transfer-encoding", "chunked"}, {"Content-Length", "7"}};
  } else if (head.target == "/wait") {
    co_await wait();
    response.body = "waited";
  } else {
    response.body = head.target;
  }
  co_return response;
}

asio::awaitable<Response> TestHandler::protocol_error(net::ProtocolFault fault, std::string_view detail,
                                                      const Peer& /*peer*/) {
  Response response;
  switch (fault) {
    case net::ProtocolFault::kNoCertificate:
      response.status = 496;
      break;
    case net::ProtocolFault::kBadCertificate:
      response.status = 495;
      break;
    case net::ProtocolFault::kPlainHttp:
      response.status = 497;
      break;
    case net::ProtocolFault::kTooManyConnections:
      response.status = 503;
      break;
    case net::ProtocolFault::kHeadTimeout:
      late.set_value();
      break;
    case net::ProtocolFault::kMalformed:
    case net::ProtocolFault::kHeadTooLarge:
      response.status = 400;
      break;
  }
  response.body = detail;
  co_return response;
}

TestPki::TestPki() {
  CertificateWish wish;
  wish.common_name = "gateway.example";
  wish.dns_names = {"gateway.example"};
  server = ca.issue(wish);
  wish.common_name = "practice.example";
  wish.dns_names = {"Practice.example", "second.example"};
  client = ca.issue(wish);
}

net::TlsFiles TestPki::files(const std::string& name, const Identity& identity, bool with_crl) const {
  net::TlsFiles files;
  files.certificate = folder.write(name + ".pem", identity.certificate);
  files.key = folder.write(name + ".key", identity.key);
  files.trust = folder.write("trust.pem", ca.certificate());
  if (with_crl) files.crl = folder.write("crl.pem", ca.revocation_list());
  return files;
}

TestServer::TestServer(const TestPki* pki, const net::ServerLimits& limits, bool with_crl)
    : TestServer(pki == nullptr ? nullptr
                                : std::move(net::ServerTls::load(pki->files("server", pki->server, with_crl)).value()),
                 limits) {}

TestServer::TestServer(std::unique_ptr<net::ServerTls> settings, const net::ServerLimits& limits)
    : tls(std::move(settings)) {
  server = std::move(net::Server::bind(threads, {}, tls.get(), limits, handler).value());
  threads.start();
  server->start();
}

BlockingPeer TestServer::connect(const Identity& identity) const {
  auto peer = connect_to_port(server->port());
  if (!peer.start_tls(&identity)) throw std::runtime_error("the handshake failed");
  return peer;
}

}  // namespace gw::test
