// GET Order?...: search over the tasks that a mailbox here holds (ANS-09).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/trail.hpp"
#include "fhir/element.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// The query that a target's parameters ask for, limited to the recipient's tasks that the caller may see. Unknown
/// parameters are ignored. Errors: 422 INVALID_PARAMETER, naming the parameter. Pure.
[[nodiscard]] fhir::Checked<outbox::Query> task_query(const Caller& caller);

/// A searchset Bundle in id order, with a next link when there is more.
asio::awaitable<Response> search_tasks(const Parts& parts, const Caller& caller, Trail& trail, fhir::Format format);

}  // namespace gw::exchange
