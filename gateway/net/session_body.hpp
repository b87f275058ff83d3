// The body of one inbound request, read from the session's connection as it is asked for.
#pragma once

#include <cstdint>
#include <optional>

#include "net/chunked.hpp"
#include "net/deadlines.hpp"
#include "net/handler.hpp"
#include "net/head_syntax.hpp"
#include "net/input_buffer.hpp"
#include "net/tls_stream.hpp"

namespace gw::net {

class SessionBody final : public BodyReader {
 public:
  /// A body that the handler left unread is dropped up to this, so that the connection can stay.
  static constexpr std::size_t kDiscardBytes = 64 * 1024;

  /// `stream` and `input` must outlive it. All of the body must have come by `complete_by`.
  SessionBody(TlsStream& stream, InputBuffer& input, const Framing& framing, bool expects_continue,
              SteadyTime complete_by);

  asio::awaitable<Result<std::string>> read_all(std::size_t limit_bytes) override;
  asio::awaitable<Result<std::string_view>> read_some() override;
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }

  /// Whether the next request can be found behind this body: it was read, or what is left is small enough to drop.
  [[nodiscard]] bool can_be_passed() const;
  /// Drop what is left; false when the connection must be closed instead.
  asio::awaitable<bool> pass();

 private:
  /// Decode what was received already, until `out` has `most` bytes or more.
  void take_chunks(std::string& out, std::size_t most);
  asio::awaitable<Status> receive();
  Fault fail(Fault why);

  TlsStream& stream_;
  InputBuffer& input_;
  std::optional<std::uint64_t> length_;
  bool chunked_;
  std::uint64_t left_;  ///< of a body with a length
  bool ended_;
  bool awaits_continue_;
  SteadyTime complete_by_;
  ChunkedDecoder decoder_;
  std::string gathered_;  ///< the piece given last, of a chunked body
  std::optional<Fault> failure_;
};

}  // namespace gw::net
