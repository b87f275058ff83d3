// A body that is read piece by piece, so that a message of any size passes through in bounded memory (SSP-06).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "net/input_buffer.hpp"

namespace gw::net {

namespace asio = boost::asio;

/// What one side of a relayed message holds at most, but for the bytes of a single receive: one TLS record.
inline constexpr std::size_t kPieceBytes = InputBuffer::kUnit;

/// Belongs to the thread of the connection that it is read from.
class BodySource {
 public:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource() = default;

  /// In bytes; null when only its end tells.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
  /// The next piece, empty at the end; valid until the next call. Nothing is received before it is asked for, which is
  /// what holds back a sender that is faster than the receiver. Faults: kTimeout, kClosed, kReset, kTls, kMalformed;
  /// after one the body will never be whole.
  virtual asio::awaitable<Result<std::string_view>> read_some() = 0;
};

}  // namespace gw::net
