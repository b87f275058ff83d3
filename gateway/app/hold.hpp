// What `serve` does while its outbox is held (outbox/audit_start.hpp): it takes no request, and says why on /readyz, in
// /metrics and in its log, until an operator has accepted the audit or put the right outbox in place.
//
// Not chosen: to end with an exit code of its own. A service manager would start it again and again, and nobody who
// asks /readyz would be told why. Nor 503 to every sender: to record a refusal would write into what may be the wrong
// audit, and a refusal that is not on record may not be told (AUD-02).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>

#include "app/config.hpp"
#include "app/instance.hpp"

namespace gw::app {

/// Instance::make; where the outbox is held, waits and makes it again, when the witness was written anew (`audit
/// accept`) or on SIGHUP. `signals` has SIGHUP, SIGTERM and SIGINT, and runs on `context`, which is used meanwhile.
/// Errors: those of Instance::make; kClosed: SIGTERM or SIGINT came.
Result<std::unique_ptr<Instance>> make_or_hold(const Config& config, const Clock& clock,
                                               boost::asio::io_context& context, boost::asio::signal_set& signals);

}  // namespace gw::app
