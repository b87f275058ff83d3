// Takes a task for deferred delivery, at its sender's wish (OUT-06): on disk as queued, then 202. The delivery itself
// is deferred_carrier.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "exchange/way.hpp"

namespace gw::exchange {

/// The deferral that the sender's wish comes to, or nothing where the task goes the usual way: nobody asked, the
/// recipient's mailbox is here (stored is delivered), or so little time is left that only trying now makes sense.
[[nodiscard]] std::optional<outbox::Deferral> deferral_of(const Way& way, Instant now);

/// `as_it_came` is the body to send where that is not the task's own bytes.
/// 202, or the final answer where it comes within the wish's wait; 503 where too many tasks wait for this recipient.
asio::awaitable<Response> defer_task(Way& way, outbox::NewTask task, std::string as_it_came);

}  // namespace gw::exchange
