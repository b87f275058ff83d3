// Writes an answer whose body comes piece by piece. Must not know where the body comes from.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "net/body_source.hpp"
#include "net/response_text.hpp"
#include "net/tls_stream.hpp"

namespace gw::net {

/// Write `head`, then `body` framed as `end` says; each piece is asked for when the one before it is written, and may
/// take `limit` to write. False when the answer broke off: then the connection is closed in a way that tells the client
/// so, whatever the framing. `goes_on` is asked before each piece. References must outlive the call.
asio::awaitable<bool> stream_answer(TlsStream& stream, std::string head, BodySource& body, BodyEnd end,
                                    milliseconds limit, std::function<bool()> goes_on);

}  // namespace gw::net
