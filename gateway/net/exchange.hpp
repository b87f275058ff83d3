// One request and its answer over an open client connection: the only place that says how far an exchange came.
#pragma once

#include <memory>
#include <string>

#include "net/client.hpp"
#include "net/input_buffer.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"

namespace gw::net {

/// The state of one exchange while it runs.
struct Running;

class TlsClientConnection final : public ClientConnection {
 public:
  /// `stream` has ended its handshake under `context`; `tls` must outlive the connection. `authority` is the Host.
  TlsClientConnection(std::unique_ptr<TlsStream> stream, std::string authority, const ClientTls& tls,
                      TlsContextHandle context);
  ~TlsClientConnection() override;

  asio::awaitable<ExchangeResult> exchange(const WireRequest& request, const ClientTimeouts& timeouts,
                                           const ClientLimits& limits) override;
  bool reusable() override;
  void close() override;

 private:
  asio::awaitable<void> send(Running& run);
  asio::awaitable<void> receive(Running& run);
  asio::awaitable<bool> send_piece(Running& run, std::string_view piece, bool last);
  bool look_for_answer(Running& run);
  asio::awaitable<void> receive_body(Running& run);
  asio::awaitable<void> receive_fixed(Running& run, std::uint64_t length);
  asio::awaitable<void> receive_chunked(Running& run);
  asio::awaitable<void> receive_until_close(Running& run);
  asio::awaitable<bool> more(Running& run);

  std::unique_ptr<TlsStream> stream_;
  InputBuffer input_;
  std::string authority_;
  const ClientTls& tls_;
  TlsContextHandle context_;
  bool usable_ = true;  ///< the last exchange left the connection between two messages
};

}  // namespace gw::net
