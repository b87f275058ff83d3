// The way of a Bundle of tasks (TASK-12): each entry goes the way of a single task, or all are stored in one commit.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/trail.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

/// A batch: each entry on its own, one after the other, all inside one sender_wait; 200 with the outcome of each.
/// A transaction: one commit stores the tasks for a mailbox, or the answer is one OperationOutcome and none is stored;
/// of tasks to be relayed it can have one. A Bundle that is taken has an audit row for each entry, with the request's
/// trace id, and none beside them. All references outlive the call.
asio::awaitable<Response> send_bundle(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                      const Caller& caller, Trail& trail);

}  // namespace gw::exchange
