#include "net/exchange.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/failpoint.hpp"
#include "net/answer_search.hpp"
#include "net/chunked.hpp"
#include "net/request_text.hpp"
#include "net/tls_verify.hpp"

namespace gw::net {

namespace {

/// A body up to this is joined with the head, so that a usual request is one write.
constexpr std::size_t kJoinBytes = 64 * 1024;
/// After a failed write: how long to look for the answer or the alert that explains it.
constexpr milliseconds kExplanation{1'000};

/// Fatal alerts about a certificate: bad_certificate to access_denied, and TLS 1.3's certificate_required.
bool is_certificate_alert(int alert) {
  constexpr int kFirst = 42;
  constexpr int kLast = 49;
  constexpr int kRequired = 116;
  return (alert >= kFirst && alert <= kLast) || alert == kRequired;
}

/// A 204 that announces a body: whether one follows is for its sender to know, so nothing may follow on the connection.
bool hides_a_body(const AnswerHead& head) {
  return head.status == 204 && (head.framing.chunked || head.framing.content_length.value_or(0) > 0);
}

}  // namespace

struct Running {
  const WireRequest& request;
  const ClientTimeouts& timeouts;
  const ClientLimits& limits;
  ExchangeResult result{};
  AnswerSearch search{};
  bool stopped = false;  ///< a fault is final, nothing more to read

  void fail(Fault why) {
    result.fault = std::move(why);
    stopped = true;
  }
};

TlsClientConnection::TlsClientConnection(std::unique_ptr<TlsStream> stream, std::string authority, const ClientTls& tls,
                                         TlsContextHandle context)
    : stream_(std::move(stream)), authority_(std::move(authority)), tls_(tls), context_(std::move(context)) {}

TlsClientConnection::~TlsClientConnection() {
  stream_->close();
}

void TlsClientConnection::close() {
  usable_ = false;
  stream_->close();
}

/// Look for the answer in what was received. True when there is nothing left to wait for.
bool TlsClientConnection::look_for_answer(Running& run) {
  if (run.search.look(input_, run.limits.answer_head_bytes)) return true;
  if (run.search.failure()) run.fail(*run.search.failure());
  return run.stopped;
}

/// Look, without waiting, whether the peer answers or ends while the request is being sent. True when sending must
/// stop.
bool TlsClientConnection::came_early(Running& run) {
  std::size_t count = 0;
  const auto early = stream_->try_read(input_.prepare(), count);
  if (early == Attempt::kDone) {
    input_.commit(count);
    return look_for_answer(run);
  }
  if (early == Attempt::kFailed) {
    run.fail(stream_->failure());
  } else if (early == Attempt::kClosed) {
    run.fail(fault(FaultKind::kClosed, "the peer closed before it had the whole request"));
  }
  return run.stopped;
}

/// Write one piece of the request. False when writing must stop: the answer came early, or the connection failed.
asio::awaitable<bool> TlsClientConnection::send_piece(Running& run, std::string_view piece, bool last) {
  while (!piece.empty()) {
    std::size_t count = 0;
    const auto verdict = stream_->try_write(piece, count);
    run.result.progress = Progress::kPartlySent;  // TLS was given bytes, even where it took none for good
    if (verdict == Attempt::kDone) {
      piece.remove_prefix(count);
      if (last && piece.empty()) {
        run.result.progress = Progress::kAllSent;
        failpoint("delivery.after_write");
      }
      continue;
    }
    if (verdict == Attempt::kFailed || verdict == Attempt::kClosed) {
      run.result.fault = stream_->failure();
      co_return false;
    }
    // Not with ?: - GCC 12 destroys a co_await's result twice there.
    Status ready = Done{};
    if (verdict == Attempt::kWantWrite) {
      ready = co_await stream_->wait_either();
    } else {
      ready = co_await stream_->wait(verdict);
    }
    if (!ready) {
      run.fail(ready.error());
      co_return false;
    }
    if (came_early(run)) co_return false;
  }
  co_return true;
}

asio::awaitable<void> TlsClientConnection::send(Running& run) {
  auto wire = request_head(run.request, authority_, run.request.body.size());
  const bool joined = run.request.body.size() <= kJoinBytes;
  if (joined) wire.append(run.request.body);
  stream_->deadline().arm(run.timeouts.write);
  const bool goes_on = co_await send_piece(run, wire, joined);
  if (goes_on && !joined) co_await send_piece(run, run.request.body, true);
}

/// As send(), each piece when the one before it is written. The wait for a piece is bounded by its source.
asio::awaitable<void> TlsClientConnection::send_stream(Running& run, BodySource& body) {
  const auto length = body.length();
  auto wire = request_head(run.request, authority_, length);
  auto left = length.value_or(1);
  stream_->deadline().arm(run.timeouts.write);
  bool goes_on = co_await send_piece(run, wire, left == 0);
  while (goes_on && left > 0) {
    stream_->deadline().disarm();
    const auto piece = co_await body.read_some();
    const bool cut = piece && piece->empty() && length;
    if (!piece || cut) {
      run.result.source_failed = true;
      run.fail(cut ? fault(FaultKind::kClosed, "the body is shorter than its length") : piece.error());
      co_return;
    }
    wire.clear();
    if (length) {
      wire.append(*piece);
      left -= std::min<std::uint64_t>(left, piece->size());
    } else {
      append_chunk(wire, *piece);
      if (piece->empty()) left = 0;
    }
    if (came_early(run)) co_return;
    stream_->deadline().arm(run.timeouts.write);
    goes_on = co_await send_piece(run, wire, left == 0);
  }
}

asio::awaitable<void> TlsClientConnection::receive(Running& run) {
  const bool write_failed = run.result.fault.has_value();
  stream_->deadline().arm(write_failed ? std::min(kExplanation, run.timeouts.answer) : run.timeouts.answer);
  while (!look_for_answer(run)) {
    const auto filled = co_await stream_->fill(input_);
    if (filled) continue;
    // A failed write stays the reason unless TLS tells a better one: the alert that refused us.
    if (!write_failed || stream_->alert() != 0) run.result.fault = filled.error();
    run.stopped = true;
  }
}

void TlsClientConnection::start_body(Running& run, std::optional<AnswerBody::Pace> pace) {
  auto head = run.search.take_head();
  body_.emplace(*stream_, input_, head, run.request.method, pace);
  auto& answer = run.result.answer.emplace();
  answer.status = head.status;
  answer.headers = std::move(head.headers);
  answer.complete = body_->ended();
  run.result.early = run.result.progress != Progress::kAllSent;
  run.result.progress = Progress::kAnswered;
  run.result.fault.reset();
  usable_ = !run.result.early && head.keep_alive && !hides_a_body(head);
}

/// All of the answer's body, within the limits of the exchange.
asio::awaitable<void> TlsClientConnection::receive_body(Running& run) {
  auto& answer = *run.result.answer;
  const auto limit = run.limits.answer_body_bytes;
  if (const auto length = body_->length(); length && *length > limit) {
    run.fail(fault(FaultKind::kTooLarge, "the answer's body has " + std::to_string(*length) + " bytes; at most " +
                                             std::to_string(limit) + " are read"));
    co_return;
  }
  while (!answer.complete) {
    const auto piece = co_await body_->read_some();
    if (!piece) {
      run.fail(piece.error());
      co_return;
    }
    answer.complete = piece->empty();
    answer.body.append(*piece);
    if (answer.body.size() > limit) {
      run.fail(fault(FaultKind::kTooLarge, "the answer's body is larger than " + std::to_string(limit) + " bytes"));
      co_return;
    }
  }
}

/// Whether the connection can carry the request; it carries no other until that one's answer has ended.
bool TlsClientConnection::may_start(Running& run) {
  if (!between_messages()) {
    run.fail(fault(FaultKind::kInternal, "this connection cannot carry another exchange"));
    return false;
  }
  if (!is_well_formed(run.request)) {
    run.fail(fault(FaultKind::kInternal, "a request that breaks HTTP was handed to the client"));
    return false;
  }
  body_.reset();
  usable_ = false;
  return true;
}

ExchangeResult TlsClientConnection::ended(Running& run) {
  stream_->deadline().disarm();
  run.result.tls_alert = !run.search.began() && is_certificate_alert(stream_->alert());
  if (run.result.tls_alert && run.result.fault) run.result.fault->detail += " (the recipient refused our certificate)";
  return std::move(run.result);
}

asio::awaitable<ExchangeResult> TlsClientConnection::exchange(const WireRequest& request,
                                                              const ClientTimeouts& timeouts,
                                                              const ClientLimits& limits) {
  Running run{.request = request, .timeouts = timeouts, .limits = limits};
  if (!may_start(run)) co_return std::move(run.result);
  co_await send(run);
  if (!run.stopped) co_await receive(run);
  if (run.search.found()) {
    start_body(run, std::nullopt);
    co_await receive_body(run);
  }
  input_.release();
  co_return ended(run);
}

asio::awaitable<ExchangeResult> TlsClientConnection::begin(const WireRequest& request, BodySource& body,
                                                           const ClientTimeouts& timeouts, const ClientLimits& limits) {
  Running run{.request = request, .timeouts = timeouts, .limits = limits};
  if (!may_start(run)) co_return std::move(run.result);
  co_await send_stream(run, body);
  if (!run.stopped) co_await receive(run);
  if (run.search.found()) {
    start_body(run, AnswerBody::Pace{timeouts.stall, std::chrono::steady_clock::now() + timeouts.stream});
  }
  co_return ended(run);
}

/// No exchange has begun, or all of the last one's answer was read and nothing came after it.
bool TlsClientConnection::between_messages() const {
  return usable_ && (!body_ || (body_->ended() && input_.empty()));
}

/// The peer's certificate was checked lately, or holds now too. After a reload the connection serves no more.
bool TlsClientConnection::still_trusted() {
  if (context_ != tls_.context()) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - verified_at_ < kRecheck) return true;
  verified_at_ = now;
  return verify_again(stream_->ssl(), context_.get()) == X509_V_OK;
}

bool TlsClientConnection::may_be_kept() {
  return between_messages() && stream_->socket().is_open() && still_trusted();
}

bool TlsClientConnection::reusable() {
  if (!may_be_kept()) return false;
  char byte = 0;
  const auto got = ::recv(stream_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool nothing_came = got < 0 && errno == EAGAIN;
  // What came together with the answer may have been read already, and wait in OpenSSL.
  const bool holds_more = SSL_has_pending(stream_->ssl()) == 1;
  if (nothing_came && !holds_more) return true;
  if (got > 0 || (nothing_came && holds_more)) {
    // A TLS 1.3 server may have sent session tickets, which are no answer: OpenSSL takes them in while peeking.
    ERR_clear_error();
    const int seen = SSL_peek(stream_->ssl(), &byte, 1);
    if (seen <= 0 && SSL_get_error(stream_->ssl(), seen) == SSL_ERROR_WANT_READ) return true;
    ERR_clear_error();
  }
  usable_ = false;
  return false;
}

}  // namespace gw::net
