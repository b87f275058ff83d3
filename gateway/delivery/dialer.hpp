// How a new connection comes to be. The courier's only way to the network, so that its pools, limits and breakers are
// tested with scripted connections.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/result.hpp"
#include "net/client.hpp"

namespace gw::delivery {

namespace asio = boost::asio;

/// Must outlive the courier that uses it. Called concurrently from all io threads.
class Dialer {
 public:
  Dialer() = default;
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  virtual ~Dialer() = default;

  /// As net::open_connection, whose faults these are. `target` lives until the returned coroutine ends.
  virtual asio::awaitable<Result<std::unique_ptr<net::ClientConnection>>> dial(asio::any_io_executor executor,
                                                                               const net::Target& target,
                                                                               net::ClientTimeouts timeouts) = 0;
};

}  // namespace gw::delivery
