// The way of a task: the main job, one step a line. Start reading at send_task in the source file.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "exchange/trail.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// Receive a task and keep it (mailbox), deliver it (relay), or take it for deferred delivery. Always gives an answer,
/// and the answer is the truth (OUT-02): 201 only when the recipient has stored the task. All references outlive the
/// call.
asio::awaitable<Response> send_task(const Parts& parts, const RequestHead& head, net::BodyReader& body,
                                    const Caller& caller, Trail& trail);

/// The same for a task whose body is at hand (an entry of a Bundle, TASK-12), until `deadline`. It is never deferred: a
/// Bundle's answer has the outcome of each entry.
asio::awaitable<Response> send_read_task(const Parts& parts, const RequestHead& head, std::string body,
                                         const Caller& caller, Trail& trail,
                                         std::chrono::steady_clock::time_point deadline);

}  // namespace gw::exchange
