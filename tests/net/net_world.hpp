// A server with a certificate, a handler that does what the target says, and the PKI around them, for the tests of net.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/handler.hpp"
#include "net/io_threads.hpp"
#include "net/server.hpp"
#include "net/tls_context.hpp"
#include "support/blocking_peer.hpp"
#include "support/test_pki.hpp"

namespace gw::test {

/// Serves by target: /echo (the body), /ignore (without reading), /limit (reads at most 10 bytes), /throw, /peer (who
/// asks), /pieces (body read in pieces, their total), /wait (until release()).
class TestHandler final : public net::Handler {
 public:
  net::asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader& body) override;
  net::asio::awaitable<Response> protocol_error(net::ProtocolFault fault, std::string_view detail,
                                                const Peer& peer) override;
  /// Let the request at /wait, which has begun, end.
  void release();

  std::promise<void> waiting;  ///< set when /wait has begun
  std::promise<void> late;     ///< set when a head came too late
  std::atomic<int> handled{0};

 private:
  net::asio::awaitable<void> wait();
  std::mutex mutex_;
  std::weak_ptr<net::asio::steady_timer> gate_;  ///< owned by the waiting request
};

/// The authority, certificates of both sides and their files, made once.
struct TestPki {
  TestPki();
  [[nodiscard]] net::TlsFiles files(const std::string& name, const Identity& identity, bool with_crl = false) const;

  TemporaryFolder folder;
  TestCa ca{"Test Root"};
  TestCa other_ca{"Other Root"};
  Identity server;  ///< gateway.example
  Identity client;  ///< practice.example
};

/// A running server; stops with this object.
class TestServer {
 public:
  /// `pki` null: plain HTTP.
  TestServer(const TestPki* pki, const net::ServerLimits& limits, bool with_crl = false);
  /// With TLS as `settings` has it.
  TestServer(std::unique_ptr<net::ServerTls> settings, const net::ServerLimits& limits = {});
  /// A connection with a finished handshake as `identity`.
  [[nodiscard]] BlockingPeer connect(const Identity& identity) const;
  [[nodiscard]] BlockingPeer connect_plain() const { return connect_to_port(server->port()); }

  TestHandler handler;
  net::IoThreads threads{2};
  std::unique_ptr<net::ServerTls> tls;
  std::unique_ptr<net::Server> server;
};

}  // namespace gw::test
