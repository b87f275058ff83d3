#include "net/answer_body.hpp"

#include <algorithm>
#include <utility>

namespace gw::net {

AnswerBody::AnswerBody(TlsStream& stream, InputBuffer& input, const AnswerHead& head, std::string_view method,
                       std::optional<Pace> pace)
    : stream_(stream), input_(input), pace_(pace) {
  const auto& framing = head.framing;
  if (has_no_body(head.status, method) || framing.content_length) {
    length_ = has_no_body(head.status, method) ? 0 : *framing.content_length;
    left_ = *length_;
    ended_ = left_ == 0;
  } else if (framing.chunked) {
    end_ = End::kLastChunk;
  } else {
    end_ = End::kClose;
    if (head.keep_alive) {
      fail(fault(FaultKind::kMalformed,
                 "the answer does not say where its body ends (no Content-Length, not chunked, "
                 "no Connection: close)"));
    }
  }
}

Fault AnswerBody::fail(Fault why) {
  failure_ = why;
  return why;
}

/// Receive at least one byte, or the end of TLS where that is the body's end: only a proper one tells it from a cut.
asio::awaitable<Status> AnswerBody::receive() {
  Status done = Done{};
  if (pace_) {
    // A peer that always has something ready never lets us wait, so that no deadline would be noticed.
    const auto now = std::chrono::steady_clock::now();
    if (now >= pace_->end) co_return fail(fault(FaultKind::kTimeout, "the time limit of a whole answer passed"));
    stream_.deadline().arm_at(std::min(now + pace_->stall, pace_->end));
  }
  for (;;) {
    std::size_t count = 0;
    const auto verdict = stream_.try_read(input_.prepare(), count);
    input_.commit(count);
    if (verdict == Attempt::kDone) break;
    if (verdict == Attempt::kClosed) {
      ended_ = end_ == End::kClose;
      if (!ended_) done = fault(FaultKind::kClosed, "the peer closed the connection before the end of its answer");
      break;
    }
    if (verdict == Attempt::kFailed) {
      done = stream_.failure();
      break;
    }
    input_.release();
    done = co_await stream_.wait(verdict);
    if (!done) break;
  }
  if (pace_) stream_.deadline().disarm();
  if (!done) fail(done.error());
  co_return done;
}

/// What can be given of what was received, also before what is broken; empty when more is needed, at the end, and at a
/// failure.
std::string_view AnswerBody::take() {
  if (end_ == End::kLastChunk) {
    gathered_.clear();
    const auto step = decoder_.gather(input_.view(), gathered_, kPieceBytes);
    input_.consume(step.consumed);
    ended_ = step.state == ChunkedDecoder::Step::State::kEnd;
    if (step.state == ChunkedDecoder::Step::State::kMalformed) {
      fail(fault(FaultKind::kMalformed, "the answer's body: " + decoder_.detail()));
    }
    return gathered_;
  }
  auto piece = input_.view();
  if (end_ == End::kLength) {
    piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
    left_ -= piece.size();
    ended_ = left_ == 0;
  }
  input_.consume(piece.size());
  return piece;
}

asio::awaitable<Result<std::string_view>> AnswerBody::read_some() {
  while (!ended_ && !failure_) {
    const auto piece = take();
    if (!piece.empty()) co_return piece;
    if (ended_ || failure_) break;
    const auto received = co_await receive();
    if (!received) co_return received.error();
  }
  if (failure_) co_return *failure_;
  input_.release();
  co_return std::string_view{};
}

}  // namespace gw::net
