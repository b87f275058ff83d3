// The body of an answer on an outbound connection, read from it as it is asked for. Must not know requests.
#pragma once

#include <string>

#include "net/answer_head.hpp"
#include "net/body_source.hpp"
#include "net/chunked.hpp"
#include "net/deadlines.hpp"
#include "net/tls_stream.hpp"

namespace gw::net {

class AnswerBody final : public BodySource {
 public:
  /// What bounds the waits for a body that is handed on while it comes.
  struct Pace {
    milliseconds stall;  ///< for each piece
    SteadyTime end;      ///< for all of them
  };

  /// `stream` and `input` must outlive it; `head` is of an answer to `method`. Without a pace the waits are bounded by
  /// the stream's deadline as its owner armed it.
  AnswerBody(TlsStream& stream, InputBuffer& input, const AnswerHead& head, std::string_view method,
             std::optional<Pace> pace);

  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  asio::awaitable<Result<std::string_view>> read_some() override;
  /// All of it was read.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  enum class End : unsigned char { kLength, kLastChunk, kClose };
  asio::awaitable<Status> receive();
  std::string_view take();
  Fault fail(Fault why);

  TlsStream& stream_;
  InputBuffer& input_;
  const std::optional<Pace> pace_;
  End end_ = End::kLength;
  std::optional<std::uint64_t> length_;
  std::uint64_t left_ = 0;
  bool ended_ = false;
  ChunkedDecoder decoder_;
  std::string gathered_;  ///< the piece given last, of a chunked body
  std::optional<Fault> failure_;
};

}  // namespace gw::net
