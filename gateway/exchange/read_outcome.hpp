// Polling: what a task that was taken for deferred delivery has come to (OUT-06).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/trail.hpp"
#include "fhir/element.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// GET Order/[id]/$gpc.gettaskoutcome. 202 while the task is pending (`Prefer: wait=N` waits for its end first); then
/// what the sender of a task that is not deferred would have been answered. 404 for an unknown id; 403 for anybody but
/// the organisation that sent it. All references outlive the call.
asio::awaitable<Response> read_outcome(const Parts& parts, const RequestHead& head, const Caller& caller,
                                       fhir::Format format, Trail& trail);

}  // namespace gw::exchange
