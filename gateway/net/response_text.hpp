// A Response as bytes: status line, headers, framing. Pure but for the date.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"

namespace gw::net {

/// The head of `response` with Date, Content-Length and, when `close`, Connection: close. A header of the response
/// that would break the framing is left out and logged.
[[nodiscard]] std::string response_head(const Response& response, bool close);
/// Whether the body of `response` goes on the wire as the answer to `method`.
[[nodiscard]] bool sends_body(const Response& response, std::string_view method);
/// "OK", "Not Found"; empty when there is no usual phrase.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace gw::net
