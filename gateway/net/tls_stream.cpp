#include "net/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <limits>
#include <system_error>
#include <tuple>
#include <utility>

#include "net/input_buffer.hpp"
#include "net/openssl_error.hpp"

namespace gw::net {

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
using Socket = asio::ip::tcp::socket;

/// How much of a refused request is dropped while lingering.
constexpr std::size_t kLingerBytes = 4 * 1024 * 1024;

/// OpenSSL 3 gives a received alert as reason SSL_AD_REASON_OFFSET plus the alert's number.
int alert_in(unsigned long code) {
  constexpr int kAlerts = 256;
  const int reason = ERR_GET_REASON(code);
  const bool is_alert =
      ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + kAlerts;
  return is_alert ? reason - SSL_AD_REASON_OFFSET : 0;
}

int clamp_size(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

void TlsStream::FreeSsl::operator()(SSL* ssl) const {
  SSL_free(ssl);
}

TlsStream::TlsStream(Socket socket) : socket_(std::move(socket)), deadline_(socket_) {}

TlsStream::~TlsStream() = default;

Status TlsStream::prepare() {
  boost::system::error_code error;
  socket_.non_blocking(true, error);
  if (!error) socket_.native_non_blocking(true, error);
  if (!error) socket_.set_option(asio::ip::tcp::no_delay{true}, error);
  if (error) return fault(FaultKind::kIo, "socket options: " + error.message());
  return Done{};
}

Status TlsStream::start_tls(SSL_CTX* context, Role role) {
  ERR_clear_error();
  ssl_.reset(SSL_new(context));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1) {
    return fault(FaultKind::kTls, "OpenSSL made no connection: " + take_openssl_error());
  }
  if (role == Role::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
  return Done{};
}

Attempt TlsStream::judge_system_error(int error) {
  if (error == EAGAIN || error == EINTR) return Attempt::kWantRead;
  const bool reset = error == ECONNRESET || error == EPIPE;
  failure_ = fault(reset ? FaultKind::kReset : FaultKind::kIo, std::generic_category().message(error));
  return Attempt::kFailed;
}

Attempt TlsStream::judge(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Attempt::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Attempt::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Attempt::kClosed;
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      ERR_clear_error();
      if (system_error != 0) return judge_system_error(system_error);
      failure_ = fault(FaultKind::kClosed, "the peer closed the connection without ending TLS");
      return Attempt::kFailed;
    default:
      break;
  }
  broken_ = true;
  const auto code = ERR_peek_last_error();
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    failure_ = fault(FaultKind::kClosed, "the peer closed the connection without ending TLS");
    return Attempt::kFailed;
  }
  if (const int alert = alert_in(code); alert != 0) alert_ = alert;
  std::string detail = take_openssl_error();
  if (const long verified = SSL_get_verify_result(ssl_.get());
      verified != X509_V_OK && SSL_is_server(ssl_.get()) == 0) {
    detail += std::string{": "} + X509_verify_cert_error_string(verified);
  }
  failure_ = fault(FaultKind::kTls, std::move(detail));
  return Attempt::kFailed;
}

/// A closed socket's descriptor may be another's by now, which OpenSSL would not notice.
Attempt TlsStream::fail_as_closed() {
  failure_ = fault(FaultKind::kClosed, "we closed the connection");
  return Attempt::kFailed;
}

Attempt TlsStream::try_read(std::span<char> into, std::size_t& count) {
  count = 0;
  errno = 0;
  wrote_last_ = false;
  if (!socket_.is_open()) return fail_as_closed();
  if (!ssl_) {
    const auto got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (got == 0) return Attempt::kClosed;
    if (got < 0) return judge_system_error(errno);
    count = static_cast<std::size_t>(got);
    return Attempt::kDone;
  }
  ERR_clear_error();
  const int got = SSL_read(ssl_.get(), into.data(), clamp_size(into.size()));
  if (got <= 0) return judge(got);
  count = static_cast<std::size_t>(got);
  return Attempt::kDone;
}

Attempt TlsStream::try_write(std::string_view bytes, std::size_t& count) {
  count = 0;
  errno = 0;
  wrote_last_ = true;
  if (!socket_.is_open()) return fail_as_closed();
  if (!ssl_) {
    const auto put = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0) {
      const auto verdict = judge_system_error(errno);
      return verdict == Attempt::kWantRead ? Attempt::kWantWrite : verdict;
    }
    count = static_cast<std::size_t>(put);
    return Attempt::kDone;
  }
  ERR_clear_error();
  const int put = SSL_write(ssl_.get(), bytes.data(), clamp_size(bytes.size()));
  if (put <= 0) return judge(put);
  count = static_cast<std::size_t>(put);
  return Attempt::kDone;
}

Status TlsStream::waited(const boost::system::error_code& error) const {
  if (deadline_.expired()) return fault(FaultKind::kTimeout, "the time limit passed");
  if (error == asio::error::operation_aborted) return fault(FaultKind::kClosed, "we are stopping");
  if (error) return fault(FaultKind::kReset, error.message());
  return Done{};
}

asio::awaitable<Status> TlsStream::wait(Attempt want) {
  if (deadline_.expired()) co_return waited({});
  const auto direction = want == Attempt::kWantWrite ? Socket::wait_write : Socket::wait_read;
  auto [error] = co_await socket_.async_wait(direction, kTuple);
  co_return waited(error);
}

asio::awaitable<Status> TlsStream::wait_either() {
  if (deadline_.expired()) co_return waited({});
  auto group = asio::experimental::make_parallel_group(socket_.async_wait(Socket::wait_read, asio::deferred),
                                                       socket_.async_wait(Socket::wait_write, asio::deferred));
  auto [order, read_error, write_error] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  co_return waited(order[0] == 0 ? read_error : write_error);
}

asio::awaitable<Status> TlsStream::handshake() {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) co_return Done{};
    const auto verdict = judge(result);
    if (verdict == Attempt::kFailed) co_return failure_;
    if (verdict == Attempt::kClosed) co_return fault(FaultKind::kClosed, "the peer closed during the TLS handshake");
    const auto ready = co_await wait(verdict);
    if (!ready) co_return ready.error();
  }
}

/// What we wrote last is to be answered, and nothing that came before it waits in OpenSSL.
bool TlsStream::is_peers_turn() const {
  return wrote_last_ && !broken_ && socket_.is_open() && (!ssl_ || SSL_has_pending(ssl_.get()) == 0);
}

asio::awaitable<Status> TlsStream::fill(InputBuffer& input) {
  auto verdict = Attempt::kWantRead;
  for (bool tries = !is_peers_turn();; tries = true) {
    if (tries) {
      std::size_t count = 0;
      verdict = try_read(input.prepare(), count);
      input.commit(count);
    }
    if (verdict == Attempt::kDone) co_return Done{};
    if (verdict == Attempt::kFailed) co_return failure_;
    if (verdict == Attempt::kClosed) co_return fault(FaultKind::kClosed, "the peer closed the connection");
    input.release();
    const auto ready = co_await wait(verdict);
    if (!ready) co_return ready.error();
  }
}

asio::awaitable<Status> TlsStream::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t count = 0;
    const auto verdict = try_write(bytes, count);
    if (verdict == Attempt::kDone) {
      bytes.remove_prefix(count);
      continue;
    }
    if (verdict == Attempt::kFailed) co_return failure_;
    if (verdict == Attempt::kClosed) co_return fault(FaultKind::kClosed, "the peer closed the connection");
    const auto ready = co_await wait(verdict);
    if (!ready) co_return ready.error();
  }
  co_return Done{};
}

void TlsStream::end_sending() {
  if (ssl_ && !broken_ && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

asio::awaitable<void> TlsStream::linger(milliseconds limit) {
  end_sending();
  deadline_.arm(limit);
  std::array<char, 4096> dropped{};
  std::size_t total = 0;
  while (total < kLingerBytes) {
    const auto got = ::recv(socket_.native_handle(), dropped.data(), dropped.size(), 0);
    if (got > 0) {
      total += static_cast<std::size_t>(got);
      continue;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) break;
    const auto ready = co_await wait(Attempt::kWantRead);
    if (!ready) break;
  }
  deadline_.disarm();
}

void TlsStream::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void TlsStream::close() {
  deadline_.disarm();
  if (!socket_.is_open()) return;
  end_sending();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void TlsStream::break_off() {
  broken_ = true;
  close();
}

}  // namespace gw::net
