// GET Order?...: search over the tasks that a mailbox here holds (ANS-09).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "fhir/element.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// The query that a target's parameters ask for, limited to tasks between the caller and the recipient. Unknown
/// parameters are ignored. Errors: 422 INVALID_PARAMETER, naming the parameter. Pure.
[[nodiscard]] fhir::Checked<outbox::Query> task_query(const Caller& caller);

/// A searchset Bundle in id order, with a next link when there is more. Errors: as task_query; 503.
asio::awaitable<fhir::Checked<Response>> search_tasks(const Parts& parts, const Caller& caller, fhir::Format format);

}  // namespace gw::exchange
