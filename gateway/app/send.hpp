// One request from the command line or the demo to a gateway, over mutual TLS.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/client.hpp"
#include "net/tls_context.hpp"

namespace gw::app {

/// Open a connection, send `request`, wait for the whole answer. Blocks; runs an io_context of its own.
/// Faults: as open_connection; or what broke the exchange.
[[nodiscard]] Result<net::WireAnswer> send_request(const net::Target& target, net::ClientTls& tls,
                                                   const net::WireRequest& request);

/// What an answer to a task means for it, in words for people (OUT-02).
[[nodiscard]] std::string_view verdict_of(int status);
/// The same where no whole answer came. Only what can happen before a request is sent counts as not delivered.
[[nodiscard]] std::string_view verdict_of(FaultKind kind);

/// The diagnostics of an OperationOutcome in JSON, one line an issue ("Order.target: ..."); empty for other bodies.
[[nodiscard]] std::string outcome_lines(const std::string& body);

}  // namespace gw::app
