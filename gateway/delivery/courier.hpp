// Takes a task to the recipient's endpoint: pooled connections, limits, breaker, and what the recipient's behaviour
// means. Must not know inbound HTTP or the outbox.
//
// Start reading at Courier::connect in courier.cpp; recipient.hpp holds what is shared about one recipient,
// classify.hpp says what an ended exchange means, breaker.hpp when a recipient is left alone for a while.
//
// Threads: take(), connect() and everything done with a Lease belong to one io thread, the one that called. Each thread
// keeps its own idle connections, so that the way of a task over a kept connection takes no lock; what threads share of
// a recipient are counters, and a breaker that is asked only when a new connection is opened.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "delivery/breaker.hpp"
#include "delivery/classify.hpp"
#include "delivery/route.hpp"
#include "net/client.hpp"

namespace gw::net {
class IoThreads;
}

namespace gw::delivery {

namespace asio = boost::asio;

class Dialer;  // delivery/dialer.hpp

struct Settings {
  net::ClientTimeouts timeouts;
  net::ClientLimits limits;
  net::AddressRules addresses;
  std::size_t connections_per_recipient = 64;  ///< of all threads together, idle ones included
  /// Of these, so many are connecting at a time, pauses between attempts included: a recipient that has just come back,
  /// or a burst after a quiet hour, must not meet with handshakes for all of them at once.
  std::size_t connects_per_recipient = 8;
  std::size_t waiting_per_recipient = 256;  ///< requests that wait for a connection; beyond it kOverloaded
  milliseconds idle{4'000};                 ///< an idle connection is not used again after this
  std::size_t connect_attempts = 3;         ///< safe to repeat: nothing was sent (SSP-08)
  milliseconds connect_backoff{100};        ///< before the second attempt; doubles; half of it is jitter
  std::size_t breaker_failures = 5;         ///< failed attempts in a row that open a recipient's breaker; 0: never
  milliseconds breaker_window{30'000};      ///< failures further apart are not in a row
  milliseconds breaker_cooldown{5'000};     ///< then one request may try again
};

/// A connection in hand: nothing of this request was sent on it yet. Gives the connection back to its pool when
/// destroyed. To be used and destroyed on the io thread that it was given out on; may be held across a commit.
class Lease {
 public:
  Lease() = default;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  virtual ~Lease() = default;
  /// Send and classify. Use once. `request` must live until it ends. A kept connection that turns out to be closed
  /// before a byte of the request was sent is replaced by a fresh one, once; after that nothing is repeated (OUT-04).
  virtual asio::awaitable<Delivery> send(const net::WireRequest& request,
                                         std::chrono::steady_clock::time_point deadline) = 0;
  /// For requests that are no tasks: send with a body that comes in pieces, and read the answer's head by `deadline`;
  /// answer_body() gives the rest. Use once, in place of send(); `request` and `body` must live until it ends. Repeats
  /// nothing but as send() does. Faults (no byte was sent): as Courier::connect.
  virtual asio::awaitable<Result<net::ExchangeResult>> begin(const net::WireRequest& request, net::BodySource& body,
                                                             std::chrono::steady_clock::time_point deadline) = 0;
  /// After a begin() that was answered; lives as long as the lease. When all of it was read the connection can be used
  /// again, else it is closed with the lease.
  [[nodiscard]] virtual net::BodySource& answer_body() = 0;
};

/// What is known of one recipient, for metrics and the console (OPS-02, OPS-05).
struct RecipientHealth {
  std::string host;
  std::uint16_t port = 0;
  Breaker::State breaker = Breaker::State::kClosed;
  std::size_t failures = 0;                   ///< failed attempts to connect in a row
  std::optional<milliseconds> since_success;  ///< age of the last connection made or answer read
  std::optional<milliseconds> since_failure;  ///< age of the last failed attempt to connect
  std::string last_fault;                     ///< of that attempt; for operators
  std::size_t open = 0;                       ///< connections, those being opened and idle ones included
  std::size_t connecting = 0;                 ///< of them, being opened
  std::size_t idle = 0;
  std::size_t waiting = 0;  ///< requests that wait for a connection
};

class Courier {
 public:
  /// `threads` and `tls` must outlive it. Destroy it when the threads have stopped, before `threads`.
  static std::unique_ptr<Courier> make(net::IoThreads& threads, net::ClientTls& tls, const Settings& settings);
  /// The same with another way to open connections.
  static std::unique_ptr<Courier> make(net::IoThreads& threads, Dialer& dialer, const Settings& settings);
  Courier() = default;
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  virtual ~Courier() = default;

  /// An idle, live connection to `route` from the calling io thread's pool; null when there is none. Never waits.
  [[nodiscard]] virtual std::unique_ptr<Lease> take(const Route& route) = 0;
  /// A live connection to `route`, from the calling io thread's pool or freshly opened, before `deadline`. `route` must
  /// live until it ends.
  /// Faults: kUnreachable (also at once, while the breaker is open), kTls, kTimeout, kOverloaded, kReset, kClosed
  /// (stopping). Nothing was sent in any of them.
  virtual asio::awaitable<Result<std::unique_ptr<Lease>>> connect(const Route& route,
                                                                  std::chrono::steady_clock::time_point deadline) = 0;
  /// Close idle connections, end all waiting with kClosed; later requests get kClosed at once. Leases in use go on.
  /// From any thread; call it before the threads stop.
  virtual void stop() = 0;
  /// From any thread.
  [[nodiscard]] virtual std::vector<RecipientHealth> health() const = 0;
};

}  // namespace gw::delivery
