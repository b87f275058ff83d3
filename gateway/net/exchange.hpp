// One request and its answer over an open client connection: the only place that says how far an exchange came.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/answer_body.hpp"
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
  asio::awaitable<ExchangeResult> begin(const WireRequest& request, BodySource& body, const ClientTimeouts& timeouts,
                                        const ClientLimits& limits) override;
  BodySource& answer_body() override { return *body_; }
  bool may_be_kept() override;
  bool reusable() override;
  void close() override;

 private:
  [[nodiscard]] bool between_messages() const;
  bool still_trusted();
  bool may_start(Running& run);
  asio::awaitable<void> send(Running& run);
  asio::awaitable<void> send_stream(Running& run, BodySource& body);
  asio::awaitable<bool> send_piece(Running& run, std::string_view piece, bool last);
  bool came_early(Running& run);
  bool look_for_answer(Running& run);
  asio::awaitable<void> receive(Running& run);
  void start_body(Running& run, std::optional<AnswerBody::Pace> pace);
  asio::awaitable<void> receive_body(Running& run);
  ExchangeResult ended(Running& run);

  std::unique_ptr<TlsStream> stream_;
  InputBuffer input_;
  std::string authority_;
  const ClientTls& tls_;
  TlsContextHandle context_;
  SteadyTime verified_at_ = std::chrono::steady_clock::now();
  std::optional<AnswerBody> body_;  ///< of the exchange that runs or ran last
  bool usable_ = true;              ///< no exchange has begun, or the last one's answer lets another follow
};

}  // namespace gw::net
