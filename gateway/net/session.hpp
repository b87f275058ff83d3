// One inbound connection from its first byte to its last: handshake, requests in order, answers, limits for each stage.
// It knows one Handler and nothing of what that does.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "net/handler.hpp"
#include "net/head_check.hpp"
#include "net/input_buffer.hpp"
#include "net/server.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"

namespace gw::net {

class SessionBody;

/// What all sessions of a server share; outlives them.
struct SessionSetting {
  ServerLimits limits;
  Handler& handler;
  ServerTls* tls;  ///< null: plain HTTP
  std::atomic<bool> draining{false};
};

/// Belongs to the thread of its socket's io_context.
class Session {
 public:
  /// `surplus`: why the server takes no further connection; the peer is told so (503) and closed. Empty: it does.
  Session(SessionSetting& setting, asio::ip::tcp::socket socket, std::string_view surplus);

  /// Serve until the connection ends; closes it.
  asio::awaitable<void> run();
  /// The server is stopping: end now when no request is under way.
  void drain();
  /// The server stops waiting: no further read or write succeeds.
  void abort();

 private:
  asio::awaitable<bool> secure();
  asio::awaitable<bool> is_tls();
  asio::awaitable<bool> accept_certificate();
  asio::awaitable<bool> serve_one();
  asio::awaitable<Status> await_request();
  asio::awaitable<Result<std::size_t>> receive_head();
  asio::awaitable<Response> call_handler(const RequestHead& head, SessionBody& body);
  asio::awaitable<bool> answer(const Response& response, std::string_view method, bool http_1_0, bool close);
  asio::awaitable<void> refuse(ProtocolFault fault, std::string detail);
  asio::awaitable<void> refuse_in_answer(ProtocolFault fault, std::string detail);
  [[nodiscard]] int trust_verdict();

  SessionSetting& setting_;
  TlsStream stream_;
  InputBuffer input_;
  Peer peer_;
  TlsContextHandle context_;  ///< what the peer's certificate was checked against
  SteadyTime verified_at_{};  ///< when
  std::size_t requests_ = 0;
  std::string_view surplus_;  ///< of static text
  bool idle_ = false;         ///< waiting for a request or in the handshake: may be ended at once
};

}  // namespace gw::net
