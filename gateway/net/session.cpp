#include "net/session.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "net/response_text.hpp"
#include "net/session_body.hpp"
#include "net/stream_answer.hpp"
#include "net/tls_verify.hpp"

namespace gw::net {

namespace {

/// The first byte of a TLS record that carries a handshake.
constexpr char kHandshakeRecord = 0x16;
/// How long the client may take to read our last answer.
constexpr milliseconds kLinger{2'000};
/// A refusal that follows the handshake waits this long for the request, which it answers.
constexpr milliseconds kRefusedRequest{1'000};
/// A body up to this is joined with its head, so that a usual answer is one write.
constexpr std::size_t kJoinBytes = 64 * 1024;

std::string text_of(const asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const auto address = endpoint.address().to_string();
  const auto port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

int usual_status(ProtocolFault fault) {
  switch (fault) {
    case ProtocolFault::kNoCertificate:
      return 496;
    case ProtocolFault::kBadCertificate:
      return 495;
    case ProtocolFault::kPlainHttp:
      return 497;
    case ProtocolFault::kTooManyConnections:
      return 503;
    case ProtocolFault::kMalformed:
    case ProtocolFault::kHeadTooLarge:
    case ProtocolFault::kHeadTimeout:
      return 400;
  }
  return 400;
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

Session::Session(SessionSetting& setting, asio::ip::tcp::socket socket, std::string_view surplus)
    : setting_(setting), stream_(std::move(socket)), surplus_(surplus) {
  peer_.address = text_of(stream_.socket());
}

void Session::drain() {
  if (idle_) stream_.cancel();
}

void Session::abort() {
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.cancel();
}

asio::awaitable<void> Session::run() {
  bool usable = stream_.prepare().has_value();
  if (usable && setting_.tls != nullptr) usable = co_await secure();
  if (usable && !surplus_.empty()) {
    co_await refuse_in_answer(ProtocolFault::kTooManyConnections, std::string{surplus_});
    usable = false;
  }
  while (usable) usable = co_await serve_one();
  stream_.close();
}

/// Look at the first byte without taking it: a peer that speaks plain HTTP is told so (TLS-05).
asio::awaitable<bool> Session::is_tls() {
  for (;;) {
    char first = 0;
    const auto got = ::recv(stream_.socket().native_handle(), &first, 1, MSG_PEEK);
    if (got == 1 && first == kHandshakeRecord) co_return true;
    if (got == 1 && is_letter(first)) {
      co_await refuse(ProtocolFault::kPlainHttp,
                      "a plain HTTP request came to a port that speaks HTTPS only; use an https URL");
    }
    if (got >= 0 || (errno != EAGAIN && errno != EINTR)) co_return false;
    const auto ready = co_await stream_.wait(Attempt::kWantRead);
    if (!ready) co_return false;
  }
}

/// TLS handshake, then the client's certificate. False when the connection is to be closed.
asio::awaitable<bool> Session::secure() {
  idle_ = true;
  stream_.deadline().arm(setting_.limits.handshake);
  const bool speaks_tls = co_await is_tls();
  if (!speaks_tls) co_return false;
  context_ = setting_.tls->context();
  auto done = stream_.start_tls(context_.get(), TlsStream::Role::kServer);
  if (done) done = co_await stream_.handshake();
  stream_.deadline().disarm();
  idle_ = false;
  if (!done) {
    log::info("tls_handshake_failed",
              {{"peer", std::string_view{peer_.address}}, {"why", std::string_view{done.error().detail}}});
    co_return false;
  }
  co_return co_await accept_certificate();
}

/// TLS-02: the handshake ended; a certificate that is missing or bad is answered in HTTP.
asio::awaitable<bool> Session::accept_certificate() {
  if (!read_peer_certificate(stream_.ssl(), peer_)) {
    if (setting_.tls->client_certificate() != ClientCertificate::kRequired) co_return true;
    co_await refuse_in_answer(ProtocolFault::kNoCertificate,
                              "the client sent no certificate; this service speaks mutual TLS only");
    co_return false;
  }
  // A resumed session brings the certificate of its first handshake along, which nobody has looked at since (TLS-07).
  const bool resumed = SSL_session_reused(stream_.ssl()) == 1;
  const int verify_error = resumed ? verify_again(stream_.ssl(), context_.get()) : first_verify_error(stream_.ssl());
  verified_at_ = std::chrono::steady_clock::now();
  if (verify_error != X509_V_OK) {
    co_await refuse_in_answer(ProtocolFault::kBadCertificate,
                              "the client certificate " + std::string{words_for_verify_error(verify_error)});
    co_return false;
  }
  co_return true;
}

/// Wait for the first byte of a request, or end because the server stops.
asio::awaitable<Status> Session::await_request() {
  if (!input_.empty()) co_return Done{};
  if (setting_.draining) co_return fault(FaultKind::kClosed, "we are stopping");
  stream_.deadline().arm(setting_.limits.idle);
  idle_ = true;
  const auto came = co_await stream_.fill(input_);
  idle_ = false;
  co_return came;
}

/// The size of the complete head at the front of the input. Refuses by itself what is no head.
asio::awaitable<Result<std::size_t>> Session::receive_head() {
  stream_.deadline().arm(setting_.limits.head);
  const auto limit = setting_.limits.head_bytes;
  std::size_t scanned = 0;
  std::size_t size = 0;
  for (bool first = true;; first = false) {
    // RFC 7230 3.5: an empty line before a request is passed over.
    if (first && input_.view().starts_with("\r\n")) input_.consume(2);
    const auto scan = scan_head(input_.view(), scanned);
    if (scan.state == HeadScan::State::kBareLineFeed) {
      co_await refuse(ProtocolFault::kMalformed, "a line of the request head does not end with CRLF");
      co_return fault(FaultKind::kMalformed, {});
    }
    const auto held = scan.state == HeadScan::State::kComplete ? scan.size : input_.size();
    if (held > limit) {
      co_await refuse(ProtocolFault::kHeadTooLarge,
                      "the request head has more than " + std::to_string(limit) + " bytes");
      co_return fault(FaultKind::kTooLarge, {});
    }
    if (scan.state == HeadScan::State::kComplete) {
      size = scan.size;
      break;
    }
    scanned = scan.scanned;
    const auto more = co_await stream_.fill(input_);
    if (!more) {
      const bool late = more.error().kind == FaultKind::kTimeout;
      // Nothing is answered; the handler is told so that it can keep account of it.
      if (late) co_await setting_.handler.protocol_error(ProtocolFault::kHeadTimeout, more.error().detail, peer_);
      co_return more.error();
    }
  }
  stream_.deadline().disarm();
  co_return size;
}

/// X509_V_OK when the certificate was checked lately against the trust of now, or holds against it (TLS-06, TLS-07).
int Session::trust_verdict() {
  const bool nothing_to_judge = setting_.tls == nullptr || peer_.fingerprint.empty();
  if (nothing_to_judge) return X509_V_OK;
  auto trust = setting_.tls->context();
  const auto now = std::chrono::steady_clock::now();
  if (trust == context_ && now - verified_at_ < setting_.limits.recheck) return X509_V_OK;
  const int error = verify_again(stream_.ssl(), trust.get());
  if (error != X509_V_OK) return error;
  context_ = std::move(trust);
  verified_at_ = now;
  return X509_V_OK;
}

/// One request and its answer. False when the connection is to be closed.
asio::awaitable<bool> Session::serve_one() {
  const auto awaited = co_await await_request();
  if (!awaited) co_return false;
  const auto head_size = co_await receive_head();
  if (!head_size) co_return false;
  const auto complete_by = std::chrono::steady_clock::now() + setting_.limits.body;
  auto checked = check_request_head(input_.view().substr(0, *head_size),
                                    HeadLimits{setting_.limits.target_bytes, setting_.limits.header_count});
  input_.consume(*head_size);
  if (!checked) {
    co_await refuse(checked.error().fault, checked.error().detail);
    co_return false;
  }
  if (const int error = trust_verdict(); error != X509_V_OK) {
    co_await refuse(ProtocolFault::kBadCertificate,
                    "the client certificate " + std::string{words_for_verify_error(error)});
    co_return false;
  }
  ++requests_;
  const RequestHead head{std::move(checked->method), std::move(checked->target), std::move(checked->headers), peer_,
                         SystemClock{}.now()};
  SessionBody body{stream_, input_, checked->framing, checked->expects_continue, complete_by};
  const auto response = co_await call_handler(head, body);

  const bool close = !checked->keep_alive || response.close || setting_.draining ||
                     requests_ >= setting_.limits.requests_per_connection || !body.can_be_passed();
  const bool written = co_await answer(response, head.method, checked->http_1_0, close);
  failpoint("net.after_answer");
  if (!written) co_return false;
  if (!close) {
    const bool passed = co_await body.pass();
    if (passed) co_return true;
  }
  co_await stream_.linger(kLinger);
  co_return false;
}

asio::awaitable<Response> Session::call_handler(const RequestHead& head, SessionBody& body) {
  std::string what;
  try {
    co_return co_await setting_.handler.handle(head, body);
  } catch (const std::exception& error) {
    what = error.what();
  }
  log::error("handler_exception", {{"what", std::string_view{what}}});
  Response response;
  response.status = 500;
  response.close = true;
  co_return response;
}

asio::awaitable<bool> Session::answer(const Response& response, std::string_view method, bool http_1_0, bool close) {
  const auto end = body_end(response, http_1_0);
  auto text = response_head(response, end, close);
  const bool streams = response.stream && sends_body(response, method);
  if (streams) {
    auto goes_on = [this] { return trust_verdict() == X509_V_OK; };
    co_return co_await stream_answer(stream_, std::move(text), *response.stream, end, setting_.limits.write,
                                     std::move(goes_on));
  }
  const bool with_body = sends_body(response, method) && !response.body.empty();
  const bool joined = with_body && response.body.size() <= kJoinBytes;
  if (joined) text += response.body;
  stream_.deadline().arm(setting_.limits.write);
  auto written = co_await stream_.write_all(text);
  if (written && with_body && !joined) written = co_await stream_.write_all(response.body);
  stream_.deadline().disarm();
  co_return written.has_value();
}

/// Answer a connection that never became a request. The caller closes it.
asio::awaitable<void> Session::refuse(ProtocolFault fault, std::string detail) {
  idle_ = false;
  stream_.deadline().disarm();
  Response response;
  try {
    response = co_await setting_.handler.protocol_error(fault, detail, peer_);
  } catch (const std::exception& error) {
    log::error("handler_exception", {{"what", std::string_view{error.what()}}});
    response.status = usual_status(fault);
  }
  const bool written = co_await answer(response, {}, false, true);
  if (written) co_await stream_.linger(kLinger);
}

/// As refuse(), after the client had the time to ask: not every client reads an answer that comes before its request.
asio::awaitable<void> Session::refuse_in_answer(ProtocolFault fault, std::string detail) {
  stream_.deadline().arm(kRefusedRequest);
  co_await stream_.fill(input_);
  co_await refuse(fault, std::move(detail));
}

}  // namespace gw::net
