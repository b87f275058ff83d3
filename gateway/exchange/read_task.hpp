// Reads of stored tasks by the organisations they are between (ANS-09).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// GET Order/[id] and GET Order/[id]/_history/[vid]. Errors: 404 for an unknown id or version, 403 for organisations
/// that the task is not between, 503. 304 where If-None-Match names the current version.
asio::awaitable<fhir::Checked<Response>> read_task(const Parts& parts, const RequestHead& head, const Caller& caller,
                                                   fhir::Format format);

}  // namespace gw::exchange
