// Carries a request to the recipient's own endpoint and its answer back, unchanged (ANS-13, SSP-06).
//
// Unchanged means: verb, query, body bytes, and the end-to-end headers with their order and casing. What RFC 7230 6.1
// makes hop-by-hop ends here, and the framing is that of each connection. Forwarded is added to the request, as GP
// Connect's proxies do; Via is not, and loops are kept out by net/address_rules.hpp instead. ANS-07 and ANS-13 meet in
// one place: the recipient's own Cache-Control and Strict-Transport-Security go through as they are, and ours are added
// after them only where theirs do not say as much (add_common_headers in answer.hpp).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "base/http.hpp"
#include "base/result.hpp"
#include "delivery/route.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/trail.hpp"
#include "net/client.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// The end-to-end headers of a message, in order: hop-by-hop ones (RFC 7230 section 6.1), those that Connection names,
/// and framing left out.
[[nodiscard]] Headers end_to_end(Headers headers);

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

/// Relay a request that is no task: nothing is stored, both bodies pass through piece by piece in bounded memory
/// (net::kPieceBytes a side). An answer that breaks off reaches the sender as a broken message, never as a whole one.
asio::awaitable<Response> relay(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                const Caller& caller, Trail& trail);

}  // namespace gw::exchange
