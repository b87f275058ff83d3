#include "net/exchange.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/failpoint.hpp"
#include "net/answer_head.hpp"
#include "net/chunked.hpp"

namespace gw::net {

namespace {

constexpr int kMaxInterim = 8;
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

std::string wire_head(const WireRequest& request, std::string_view authority) {
  std::string out;
  out.reserve(512 + request.body.size());
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ").append(authority);
  out += "\r\n";
  for (const auto& header : request.headers) {
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  out += "\r\n";
  return out;
}

/// A 204 that announces a body: whether one follows is for its sender to know, so nothing may follow on the connection.
bool hides_a_body(const AnswerHead& head) {
  return head.status == 204 && (head.framing.chunked || head.framing.content_length.value_or(0) > 0);
}

/// A request that would break its own framing is a bug of the caller's; it must not reach the wire.
bool is_well_formed(const WireRequest& request) {
  const auto breaks = [](std::string_view text) {
    return text.find_first_of(std::string_view{"\r\n\0", 3}) != text.npos;
  };
  if (!is_token(request.method) || request.target.empty()) return false;
  if (breaks(request.target) || request.target.find(' ') != std::string::npos) return false;
  const auto is_framing = [](std::string_view name) {
    return iequals(name, "Host") || iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding");
  };
  return std::all_of(request.headers.begin(), request.headers.end(), [&](const Header& header) {
    return is_token(header.name) && !is_framing(header.name) && !breaks(header.value);
  });
}

}  // namespace

struct Running {
  const WireRequest& request;
  const ClientTimeouts& timeouts;
  const ClientLimits& limits;
  ExchangeResult result;
  std::optional<AnswerHead> head;
  bool http_byte = false;  ///< a byte of the answer came
  bool stopped = false;    ///< a fault is final, nothing more to read
  int interim = 0;
  std::size_t scanned = 0;

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

/// Take interim answers and, when it is complete, the answer's head from what was received. True when there is nothing
/// left to wait for: the head is there, or the exchange failed.
bool TlsClientConnection::look_for_answer(Running& run) {
  while (!run.head && !run.stopped) {
    run.http_byte = run.http_byte || !input_.empty();
    const auto scan = scan_head(input_.view(), run.scanned);
    const auto held = scan.state == HeadScan::State::kComplete ? scan.size : input_.size();
    if (held > run.limits.answer_head_bytes) {
      run.fail(fault(FaultKind::kTooLarge,
                     "the answer's head is larger than " + std::to_string(run.limits.answer_head_bytes) + " bytes"));
      break;
    }
    if (scan.state == HeadScan::State::kBareLineFeed) {
      run.fail(fault(FaultKind::kMalformed, "the answer's head has a line that does not end with CRLF"));
      break;
    }
    if (scan.state == HeadScan::State::kIncomplete) {
      run.scanned = scan.scanned;
      return false;
    }
    auto head = check_answer_head(input_.view().substr(0, scan.size));
    input_.consume(scan.size);
    run.scanned = 0;
    if (!head) {
      run.fail(head.error());
    } else if (head->status == 101) {
      run.fail(fault(FaultKind::kMalformed, "the answer switches protocols, which nobody asked for"));
    } else if (head->status >= 200) {
      run.head = std::move(*head);
    } else if (++run.interim > kMaxInterim) {
      run.fail(
          fault(FaultKind::kMalformed, "more than " + std::to_string(kMaxInterim) + " interim answers (1xx) came"));
    }
  }
  return true;
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
    const auto early = stream_->try_read(input_.prepare(), count);
    if (early == Attempt::kDone) {
      input_.commit(count);
      if (look_for_answer(run)) co_return false;
    } else if (early == Attempt::kFailed) {
      run.fail(stream_->failure());
      co_return false;
    } else if (early == Attempt::kClosed) {
      run.fail(fault(FaultKind::kClosed, "the peer closed before it had the whole request"));
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<void> TlsClientConnection::send(Running& run) {
  auto wire = wire_head(run.request, authority_);
  const bool joined = run.request.body.size() <= kJoinBytes;
  if (joined) wire.append(run.request.body);
  stream_->deadline().arm(run.timeouts.write);
  const bool goes_on = co_await send_piece(run, wire, joined);
  if (goes_on && !joined) co_await send_piece(run, run.request.body, true);
}

/// Receive more of a body. False at its early end, with the fault set.
asio::awaitable<bool> TlsClientConnection::more(Running& run) {
  const auto filled = co_await stream_->fill(input_);
  if (!filled) run.fail(filled.error());
  co_return filled.has_value();
}

asio::awaitable<void> TlsClientConnection::receive_fixed(Running& run, std::uint64_t length) {
  auto& answer = *run.result.answer;
  if (length > run.limits.answer_body_bytes) {
    run.fail(fault(FaultKind::kTooLarge, "the answer's body has " + std::to_string(length) + " bytes; at most " +
                                             std::to_string(run.limits.answer_body_bytes) + " are read"));
    co_return;
  }
  while (answer.body.size() < length) {
    if (input_.empty()) {
      const bool came = co_await more(run);
      if (!came) co_return;
    }
    const auto count = std::min<std::size_t>(input_.size(), static_cast<std::size_t>(length) - answer.body.size());
    answer.body.append(input_.view().substr(0, count));
    input_.consume(count);
  }
  answer.complete = true;
}

asio::awaitable<void> TlsClientConnection::receive_chunked(Running& run) {
  auto& answer = *run.result.answer;
  ChunkedDecoder decoder;
  for (;;) {
    const auto step = decoder.step(input_.view());
    answer.body.append(step.data);
    input_.consume(step.consumed);
    if (answer.body.size() > run.limits.answer_body_bytes) {
      run.fail(fault(FaultKind::kTooLarge,
                     "the answer's body is larger than " + std::to_string(run.limits.answer_body_bytes) + " bytes"));
      co_return;
    }
    if (step.state == ChunkedDecoder::Step::State::kEnd) break;
    if (step.state == ChunkedDecoder::Step::State::kMalformed) {
      run.fail(fault(FaultKind::kMalformed, "the answer's body: " + decoder.detail()));
      co_return;
    }
    if (step.state == ChunkedDecoder::Step::State::kNeedMore) {
      const bool came = co_await more(run);
      if (!came) co_return;
    }
  }
  answer.complete = true;
}

asio::awaitable<void> TlsClientConnection::receive_until_close(Running& run) {
  auto& answer = *run.result.answer;
  if (run.head->keep_alive) {
    run.fail(fault(FaultKind::kMalformed,
                   "the answer does not say where its body ends (no Content-Length, not chunked, "
                   "no Connection: close)"));
    co_return;
  }
  for (;;) {
    answer.body.append(input_.view());
    input_.consume(input_.size());
    if (answer.body.size() > run.limits.answer_body_bytes) {
      run.fail(fault(FaultKind::kTooLarge,
                     "the answer's body is larger than " + std::to_string(run.limits.answer_body_bytes) + " bytes"));
      co_return;
    }
    std::size_t count = 0;
    const auto verdict = stream_->try_read(input_.prepare(), count);
    if (verdict == Attempt::kClosed) break;  // only a proper end of TLS tells the end from a cut
    if (verdict == Attempt::kFailed) {
      run.fail(stream_->failure());
      co_return;
    }
    input_.commit(count);
    if (verdict == Attempt::kDone) continue;
    const auto ready = co_await stream_->wait(verdict);
    if (!ready) {
      run.fail(ready.error());
      co_return;
    }
  }
  answer.complete = true;
}

asio::awaitable<void> TlsClientConnection::receive_body(Running& run) {
  auto& answer = run.result.answer.emplace();
  answer.status = run.head->status;
  answer.headers = run.head->headers;
  run.result.progress = Progress::kAnswered;
  run.result.fault.reset();
  const auto framing = run.head->framing;
  if (has_no_body(answer.status, run.request.method)) {
    answer.complete = true;
  } else if (framing.chunked) {
    co_await receive_chunked(run);
  } else if (framing.content_length) {
    co_await receive_fixed(run, *framing.content_length);
  } else {
    co_await receive_until_close(run);
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
  if (run.head) co_await receive_body(run);
}

asio::awaitable<ExchangeResult> TlsClientConnection::exchange(const WireRequest& request,
                                                              const ClientTimeouts& timeouts,
                                                              const ClientLimits& limits) {
  Running run{request, timeouts, limits, {}, {}, false, false, 0, 0};
  if (!std::exchange(usable_, false)) {
    run.fail(fault(FaultKind::kInternal, "this connection cannot carry another exchange"));
    co_return std::move(run.result);
  }
  if (!is_well_formed(request)) {
    usable_ = true;
    run.fail(fault(FaultKind::kInternal, "a request that breaks HTTP was handed to the client"));
    co_return std::move(run.result);
  }
  co_await send(run);
  const bool all_sent = run.result.progress == Progress::kAllSent;
  if (!run.stopped) co_await receive(run);
  stream_->deadline().disarm();
  run.result.tls_alert = !run.http_byte && is_certificate_alert(stream_->alert());
  if (run.result.tls_alert && run.result.fault) run.result.fault->detail += " (the recipient refused our certificate)";
  const bool complete = run.result.answer && run.result.answer->complete;
  usable_ = all_sent && complete && run.head->keep_alive && input_.empty() && !hides_a_body(*run.head);
  input_.release();
  co_return std::move(run.result);
}

bool TlsClientConnection::reusable() {
  if (!usable_ || !stream_->socket().is_open() || context_ != tls_.context()) return false;
  char byte = 0;
  const auto got = ::recv(stream_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool quiet = got < 0 && errno == EAGAIN && SSL_pending(stream_->ssl()) == 0;
  if (quiet) return true;
  if (got > 0) {
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
