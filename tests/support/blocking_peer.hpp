// The other end of a connection in tests: plain blocking sockets and OpenSSL, nothing of the gateway's own code, so
// that a mistake there cannot hide here. Every wait ends after a few seconds and then fails the test.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "support/test_pki.hpp"

namespace gw::test {

/// One connection, TLS or plain.
class BlockingPeer {
 public:
  static constexpr int kWaitMs = 5'000;

  /// Takes the descriptor.
  explicit BlockingPeer(int descriptor);
  BlockingPeer(BlockingPeer&& other) noexcept;
  BlockingPeer& operator=(BlockingPeer&&) = delete;
  ~BlockingPeer();

  /// TLS as a client; `identity` may be null. False when the handshake fails.
  bool start_tls(const Identity* identity, int max_version = 0, SSL_SESSION* resume = nullptr);
  /// The session to resume later; with TLS 1.3 only after an answer was read.
  [[nodiscard]] std::shared_ptr<SSL_SESSION> session() const;
  [[nodiscard]] bool resumed() const;
  /// How many bytes of early data the session, or its server, would take.
  [[nodiscard]] static unsigned early_data(const SSL_SESSION* session);
  /// The OCSP response that came with the handshake; empty when none did.
  [[nodiscard]] std::string staple() const;
  /// TLS as a server that wants a client certificate of `ca` (null: wants none).
  bool accept_tls(const Identity& identity, const TestCa* client_ca, int max_version = 0);

  bool send(std::string_view bytes);
  /// Whether the socket takes more bytes now, or begins to within a while.
  [[nodiscard]] bool takes_more() const;
  /// Some bytes; empty at the end, after an error and after the time limit.
  std::string receive();
  std::string receive_until(std::string_view mark);
  std::string receive_to_end();
  /// A head and the body of its Content-Length; what came after it stays for the next call.
  std::string receive_answer();
  /// Whether the peer has closed: nothing but the end is left to read.
  bool at_end();
  /// Whether the peer breaks off what we may still send by a TCP reset, now or within a while.
  [[nodiscard]] bool was_reset() const;
  /// After the end was read: whether the peer ended TLS first, so that nobody can have cut the connection.
  [[nodiscard]] bool ended_in_order() const;
  void end_tls();
  /// Bytes on the connection as they are, past TLS.
  bool send_bare(std::string_view bytes);
  /// Nothing more will be sent; what comes can still be read. TLS is ended first.
  void end_sending();
  /// Wait until something can be read, without reading it. False after the time limit.
  [[nodiscard]] bool has_more() const { return has_more_within(kWaitMs); }
  [[nodiscard]] bool has_more_within(int milliseconds) const;
  /// The socket alone, open; its TLS is forgotten. The caller closes it.
  [[nodiscard]] int release();
  /// Close with a TCP reset.
  void reset();

 private:
  int descriptor_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  std::string held_;
};

/// Connect to a port of this machine.
[[nodiscard]] BlockingPeer connect_to_port(std::uint16_t port);

/// Listens on a port of its own and runs `script` on each connection that comes, one after the other, `count` times.
class ScriptedServer {
 public:
  /// What the connections take in before anybody reads: kNarrow: some tens of KiB, on both sides of the loopback.
  enum class Width : unsigned char { kUsual, kNarrow };

  explicit ScriptedServer(std::function<void(BlockingPeer&)> script, int count = 1, Width width = Width::kUsual);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace gw::test
