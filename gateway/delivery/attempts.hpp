// How a connection is opened: one attempt after the other, until the deadline or the breaker ends them.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>

#include "delivery/courier.hpp"
#include "delivery/dialer.hpp"
#include "delivery/recipient.hpp"

namespace gw::delivery {

/// What courier and leases share; outlives the courier while leases are out.
struct Core {
  Core(net::IoThreads& io, Dialer& how, const Settings& given) : threads(io), dialer(how), settings(given) {}

  net::IoThreads& threads;
  Dialer& dialer;
  const Settings settings;
  const std::shared_ptr<std::atomic<bool>> stopped = std::make_shared<std::atomic<bool>>(false);
};

/// What is left until `deadline`, never negative.
[[nodiscard]] milliseconds remaining(TimePoint deadline);

/// Attempts to connect, with back-off, until the deadline or the breaker ends them. Nothing is sent in here, so that a
/// repeat is safe (SSP-08). A refusal by certificate is not repeated: it would be the same again.
/// Faults as Courier::connect, but for kOverloaded. From io thread `thread`.
asio::awaitable<Result<std::unique_ptr<net::ClientConnection>>> open_for(std::shared_ptr<const Core> core,
                                                                         std::shared_ptr<Recipient> recipient,
                                                                         std::size_t thread, TimePoint deadline);

}  // namespace gw::delivery
