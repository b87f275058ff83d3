// A Response as bytes: status line, headers, framing. Pure but for the date.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"

namespace gw::net {

/// How the other end learns where a body ends.
enum class BodyEnd : unsigned char {
  kLength,   ///< Content-Length
  kChunked,  ///< the last chunk
  kClose,    ///< the end of the connection: for a client of HTTP/1.0, when the length is not known
};
[[nodiscard]] BodyEnd body_end(const Response& response, bool http_1_0);

/// The head of `response` with its framing, Date unless it has one (a relayed answer keeps its own) and, when `close`,
/// Connection: close. A header of the response that would break the framing is left out and logged.
[[nodiscard]] std::string response_head(const Response& response, BodyEnd end, bool close);
/// Whether the body of `response` goes on the wire as the answer to `method`.
[[nodiscard]] bool sends_body(const Response& response, std::string_view method);
/// "OK", "Not Found"; empty when there is no usual phrase.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace gw::net
