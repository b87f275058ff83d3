// Header lines and body framing, strictly as RFC 7230 has them, for requests and answers alike (ANS-08). Pure: works on
// bytes that are all here. What Beast accepts beyond the RFC never gets as far as any other parser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "base/result.hpp"

namespace gw::net {

/// Where a head stands in the bytes received so far.
struct HeadScan {
  enum class State : unsigned char { kIncomplete, kComplete, kBareLineFeed };
  State state = State::kIncomplete;
  std::size_t size = 0;     ///< kComplete: bytes of the head, its empty line included
  std::size_t scanned = 0;  ///< where to go on when more has come
};

/// Find the end of the head that starts at `bytes`, looking from `from` (an earlier `scanned`) on.
[[nodiscard]] HeadScan scan_head(std::string_view bytes, std::size_t from);

/// An HTTP token (method, header name).
[[nodiscard]] bool is_token(std::string_view text);
/// Cut the first line, without its CRLF, from `rest`.
[[nodiscard]] std::string_view take_line(std::string_view& rest);

/// Read header lines up to the empty line. `first_line` is the number of the first one, for the words of a fault.
/// Faults: kMalformed (bare CR or LF, folded, control characters, space before the colon), kTooLarge (more than
/// `max_count`).
[[nodiscard]] Result<Headers> read_header_lines(std::string_view lines, std::size_t first_line, std::size_t max_count);

/// How the end of a body is known. Neither: no body (request) or up to the end of the connection (answer).
struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

/// Faults: kMalformed for anything that two readers could read differently.
[[nodiscard]] Result<Framing> read_framing(const Headers& headers, bool http_1_0);

}  // namespace gw::net
