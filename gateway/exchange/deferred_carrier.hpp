// One turn of a deferred task (OUT-06): a try to deliver it, a look whether a task in doubt is there, or its end when
// its time is up. Start reading at carry() in the source file.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "base/random.hpp"
#include "delivery/deferred_worker.hpp"
#include "exchange/parts.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// Thread-safe. What `parts` and `random` refer to outlives it; its `deferred` is not used.
class DeferredCarrier final : public delivery::Carrier {
 public:
  DeferredCarrier(const Parts& parts, Random& random) : parts_(parts), random_(random) {}

  /// Each turn begins from what is on disk, so that one which was broken off, or failed to write, is simply followed by
  /// another.
  asio::awaitable<std::optional<Instant>> carry(TaskId id) override;

 private:
  const Parts parts_;
  Random& random_;
};

}  // namespace gw::exchange
