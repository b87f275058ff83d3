// Carries a request to the recipient's own endpoint and its answer back, unchanged (ANS-13, SSP-06).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "base/http.hpp"
#include "base/result.hpp"
#include "delivery/route.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "net/client.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// The end-to-end headers of a message, in order: hop-by-hop ones (RFC 7230 section 6.1), those that Connection names,
/// and framing left out.
[[nodiscard]] Headers end_to_end(const Headers& headers);

/// Where the recipient's own endpoint is. A fault is the directory's, and is logged for the operator.
[[nodiscard]] Result<delivery::Route> route_of(const Parts& parts, const Caller& caller);

/// The request as the recipient gets it: same verb, query, end-to-end headers and body, with Forwarded (RFC 7239)
/// added. Borrows `body`.
[[nodiscard]] net::WireRequest relayed_request(const RequestHead& head, const Url& url, const delivery::Route& route,
                                               std::string_view body);

/// The recipient's answer as ours: status, end-to-end headers and body unchanged.
[[nodiscard]] Response passed_on(net::WireAnswer answer);

/// The same for an answer whose body broke off: what its head says is true, so the head alone is passed on.
[[nodiscard]] Response passed_on_without_body(net::WireAnswer answer);

/// Relay a read: nothing is stored, and it may be repeated.
asio::awaitable<Response> relay_read(const Parts& parts, const RequestHead& head, const Caller& caller);

}  // namespace gw::exchange
