// Takes a task to the recipient's endpoint: pooled connections, limits, breaker, and what the recipient's behaviour
// means. Must not know inbound HTTP or the outbox.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "delivery/classify.hpp"
#include "delivery/route.hpp"
#include "net/client.hpp"

namespace gw::net {
class IoThreads;
}

namespace gw::delivery {

namespace asio = boost::asio;

struct Settings {
  net::ClientTimeouts timeouts;
  net::ClientLimits limits;
  std::size_t connections_per_recipient = 64;
  std::size_t waiting_per_recipient = 256;  ///< requests that wait for a connection; beyond it kOverloaded
  milliseconds idle{4'000};                 ///< an idle connection is not used again after this
  std::size_t connect_attempts = 3;         ///< safe to repeat: nothing was sent (SSP-08)
};

/// A connection in hand: nothing was sent on it yet. Movable; gives the connection back to its pool when destroyed.
class Lease {
 public:
  Lease() = default;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  virtual ~Lease() = default;
  /// Send and classify. Use once.
  virtual asio::awaitable<Delivery> send(const net::WireRequest& request,
                                         std::chrono::steady_clock::time_point deadline) = 0;
};

class Courier {
 public:
  static std::unique_ptr<Courier> make(net::IoThreads& threads, net::ClientTls& tls, const Settings& settings);
  Courier() = default;
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  virtual ~Courier() = default;

  /// A live connection to `route`, from the calling io thread's pool or freshly opened, before `deadline`.
  /// Faults: kUnreachable, kTls, kTimeout, kOverloaded, kReset, kClosed. Nothing was sent in any of them.
  virtual asio::awaitable<Result<std::unique_ptr<Lease>>> connect(const Route& route,
                                                                  std::chrono::steady_clock::time_point deadline) = 0;
  /// Close idle connections; later ones fail with kClosed.
  virtual void stop() = 0;
};

}  // namespace gw::delivery
