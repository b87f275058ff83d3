// Reads of stored tasks by the organisations they are between (ANS-09).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/trail.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// GET Order/[id] and GET Order/[id]/_history/[vid]. 404 for an unknown id or version, 403 for whoever may
/// not see it (outbox::may_see), 304 where If-None-Match names the current version.
asio::awaitable<Response> read_task(const Parts& parts, const RequestHead& head, const Caller& caller, Trail& trail,
                                    fhir::Format format);

}  // namespace gw::exchange
