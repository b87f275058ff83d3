#include "net/session_body.hpp"

#include <algorithm>
#include <utility>

namespace gw::net {

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// What the handler is told of a connection that failed: BodyReader's faults only.
Fault as_body_fault(Fault why) {
  const bool known = why.kind == FaultKind::kTimeout || why.kind == FaultKind::kClosed;
  if (!known) why.kind = FaultKind::kReset;
  why.detail = "while the request's body was read: " + why.detail;
  return why;
}

Fault too_large(std::size_t limit) {
  return fault(FaultKind::kTooLarge, "the request's body is larger than " + std::to_string(limit) + " bytes");
}

}  // namespace

SessionBody::SessionBody(TlsStream& stream, InputBuffer& input, const Framing& framing, bool expects_continue,
                         SteadyTime complete_by)
    : stream_(stream),
      input_(input),
      length_(framing.chunked ? std::nullopt : std::optional{framing.content_length.value_or(0)}),
      chunked_(framing.chunked),
      left_(framing.content_length.value_or(0)),
      ended_(!chunked_ && left_ == 0),
      awaits_continue_(expects_continue && !ended_),
      complete_by_(complete_by) {}

Fault SessionBody::fail(Fault why) {
  failure_ = why;
  return why;
}

/// Receive at least one byte, after the go-ahead that the client may wait for.
asio::awaitable<Status> SessionBody::receive() {
  stream_.deadline().arm_at(complete_by_);
  Status done = Done{};
  if (std::exchange(awaits_continue_, false)) done = co_await stream_.write_all(kContinue);
  if (done) done = co_await stream_.fill(input_);
  stream_.deadline().disarm();
  if (!done) co_return fail(as_body_fault(done.error()));
  co_return done;
}

asio::awaitable<Result<std::string_view>> SessionBody::read_some() {
  if (failure_) co_return *failure_;
  while (!ended_) {
    if (!input_.empty()) awaits_continue_ = false;  // the client did not wait
    if (!chunked_ && !input_.empty()) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size()));
      const auto piece = input_.view().substr(0, count);
      input_.consume(count);
      left_ -= count;
      ended_ = left_ == 0;
      co_return piece;
    }
    if (chunked_) {
      gathered_.clear();
      take_chunks(gathered_, kPieceBytes);
      if (failure_) co_return *failure_;
      if (!gathered_.empty()) co_return gathered_;
      if (ended_) break;
    }
    const auto received = co_await receive();
    if (!received) co_return received.error();
  }
  input_.release();
  co_return std::string_view{};
}

void SessionBody::take_chunks(std::string& out, std::size_t most) {
  const auto step = decoder_.gather(input_.view(), out, most);
  input_.consume(step.consumed);
  ended_ = step.state == ChunkedDecoder::Step::State::kEnd;
  if (step.state == ChunkedDecoder::Step::State::kMalformed) {
    fail(fault(FaultKind::kMalformed, "the request's body: " + decoder_.detail()));
  }
}

asio::awaitable<Result<std::string>> SessionBody::read_all(std::size_t limit_bytes) {
  std::string body;
  if (!chunked_ && left_ > limit_bytes) co_return too_large(limit_bytes);
  body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(left_, InputBuffer::kUnit)));
  for (;;) {
    if (!input_.empty()) awaits_continue_ = false;
    if (chunked_ && !ended_ && !failure_) take_chunks(body, limit_bytes + 1);
    if (body.size() > limit_bytes) co_return too_large(limit_bytes);
    const auto piece = co_await read_some();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    if (piece->size() > limit_bytes - body.size()) co_return too_large(limit_bytes);
    body.append(*piece);
  }
  co_return body;
}

bool SessionBody::can_be_passed() const {
  if (failure_) return false;
  return ended_ || (!awaits_continue_ && left_ <= kDiscardBytes);
}

asio::awaitable<bool> SessionBody::pass() {
  std::size_t dropped = 0;
  while (!ended_) {
    const auto piece = co_await read_some();
    if (!piece) co_return false;
    dropped += piece->size();
    if (dropped > kDiscardBytes) co_return false;
  }
  co_return true;
}

}  // namespace gw::net
