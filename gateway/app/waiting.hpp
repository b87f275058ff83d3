// What `serve` does while it cannot begin and the cause may pass without a new start: the process is up, says why on
// /readyz, in /metrics and in its log, and begins as soon as it can. Must not touch the outbox: what is on disk stays
// as it is. Two causes:
//
// - The outbox is held (outbox/audit_start.hpp). No sender gets a connection: to record a refusal would write into what
//   may be the wrong audit, and a refusal that is not on record may not be told (AUD-02).
// - There is no room on the disk to open it (OUT-09). Every request is refused with 503, on record nowhere: there is no
//   room for that either.
//
// Not chosen: to end with an exit code of its own. A service manager would start it again and again, and nobody who
// asks /readyz would be told why. Nor space put aside in a file, which whoever filled the disk may take as well once it
// is given up.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "app/config.hpp"
#include "app/instance.hpp"

namespace gw::app {

/// Instance::make, made again for as long as one of the two causes stands in its way: when there is room; when the
/// witness was written anew (`audit accept`); on SIGHUP. `signals` has SIGHUP, SIGTERM and SIGINT, and runs on
/// `context`, which is used meanwhile. `up` is called, with what holds it up, at the beginning of each wait.
/// Errors: those of Instance::make, and of listeners that cannot be bound; kClosed: SIGTERM or SIGINT came.
Result<std::unique_ptr<Instance>> make_or_wait(const Config& config, const Clock& clock,
                                               boost::asio::io_context& context, boost::asio::signal_set& signals,
                                               const std::function<void(std::string_view)>& up);

}  // namespace gw::app
