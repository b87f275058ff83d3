// A TCP connection that becomes a TLS connection: OpenSSL on the socket itself, so that no byte is copied through BIOs
// and an idle connection holds no buffers. Each operation first tries, and only waits when there is nothing to do; but
// a read that follows a write waits first, as an answer takes its time. Not asio::ssl::stream: that keeps 34 KB of BIO
// and read buffers for every connection. Must not know HTTP.
#pragma once

#include <openssl/types.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/deadlines.hpp"

namespace gw::net {

class InputBuffer;

/// What one non-blocking attempt gave.
enum class Attempt : unsigned char {
  kDone,       ///< some bytes went
  kWantRead,   ///< wait until the socket can be read
  kWantWrite,  ///< wait until the socket can be written
  kClosed,     ///< the peer ended the stream in good order (TLS: close_notify)
  kFailed,     ///< see TlsStream::failure()
};

/// Reads and writes are plain until start_tls(). Belongs to the thread of its socket's io_context.
/// Only one coroutine may wait at a time. Every wait is bounded by deadline().
class TlsStream {
 public:
  /// Makes the socket non-blocking and switches Nagle's algorithm off once it is connected: see prepare().
  explicit TlsStream(asio::ip::tcp::socket socket);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream();

  [[nodiscard]] asio::ip::tcp::socket& socket() { return socket_; }
  [[nodiscard]] Deadline& deadline() { return deadline_; }
  /// Null before start_tls().
  [[nodiscard]] SSL* ssl() { return ssl_.get(); }
  /// Why the last attempt failed. Kinds: kReset, kClosed, kTls.
  [[nodiscard]] const Fault& failure() const { return failure_; }
  /// The number of the fatal alert that the peer sent, 0 when it sent none.
  [[nodiscard]] int alert() const { return alert_; }

  /// Set the connected socket's options.
  Status prepare();
  enum class Role : unsigned char { kServer, kClient };
  /// Make the TLS object; handshake() does the rest.
  Status start_tls(SSL_CTX* context, Role role);
  asio::awaitable<Status> handshake();

  Attempt try_read(std::span<char> into, std::size_t& count);
  Attempt try_write(std::string_view bytes, std::size_t& count);
  /// Wait for what an attempt wants (kWantRead or kWantWrite). Faults: kTimeout, kClosed (cancelled by us), kReset.
  asio::awaitable<Status> wait(Attempt want);
  /// Wait until the socket can be read or written, whichever comes first.
  asio::awaitable<Status> wait_either();

  /// Receive at least one byte into `input`. Gives its memory back while waiting with nothing held.
  /// Faults: kClosed at the end of the stream, kTimeout, kReset, kTls.
  asio::awaitable<Status> fill(InputBuffer& input);
  /// Write all of `bytes`, which must stay until this ends.
  asio::awaitable<Status> write_all(std::string_view bytes);

  /// End our direction, then drop what still comes until the peer closes, a bound or `limit`: the peer can read our
  /// last answer instead of losing it to a reset.
  asio::awaitable<void> linger(milliseconds limit);
  /// Wake the waiting coroutine; its wait gives kClosed.
  void cancel();
  /// Close at once, with a close_notify when that is possible without waiting. Idempotent.
  void close();
  /// Close at once and without ending TLS: the peer must not take what it has for complete.
  void break_off();

 private:
  Attempt judge(int result);
  Attempt judge_system_error(int error);
  Attempt fail_as_closed();
  [[nodiscard]] bool is_peers_turn() const;
  void end_sending();
  [[nodiscard]] Status waited(const boost::system::error_code& error) const;

  struct FreeSsl {
    void operator()(SSL* ssl) const;
  };
  asio::ip::tcp::socket socket_;
  Deadline deadline_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  Fault failure_;
  int alert_ = 0;
  bool wrote_last_ = false;  ///< the last attempt was one to write
  bool broken_ = false;      ///< a fatal error came: TLS must not be used again, not even to close
};

}  // namespace gw::net
