// The inbound side: listener, sessions, limits. Knows one Handler and nothing of what it does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/handler.hpp"
#include "net/tls_verify.hpp"

namespace gw::net {

class IoThreads;  // net/io_threads.hpp
class ServerTls;  // net/tls_context.hpp

struct ServerLimits {
  std::size_t head_bytes = 16 * 1024;
  std::size_t target_bytes = 4096;
  std::size_t header_count = 64;
  std::size_t connections = 10'240;
  std::size_t connections_per_peer = 5'120;  ///< from one address; a national proxy's are all from one
  std::size_t requests_per_connection = 100'000;
  milliseconds handshake{10'000};
  milliseconds head{10'000};        ///< first byte of a request to the end of its head
  milliseconds body{30'000};        ///< end of head to end of body
  milliseconds write{30'000};       ///< of an answer
  milliseconds idle{120'000};       ///< between requests
  milliseconds recheck = kRecheck;  ///< age of a certificate check beyond which a request has it made again (TLS-07)
  milliseconds drain{30'000};       ///< on stop: how long running requests may finish
};

struct ListenAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: the system chooses; see Server::port
};

class Server {
 public:
  /// Binds at once; accepts after start(). With a null `tls` it serves plain HTTP (the admin listener).
  /// `handler`, `threads` and `tls` must outlive it.
  static Result<std::unique_ptr<Server>> bind(IoThreads& threads, const ListenAddress& address, ServerTls* tls,
                                              const ServerLimits& limits, Handler& handler);
  Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server() = default;

  virtual void start() = 0;
  /// Stop accepting, let running requests finish inside limits.drain, close idle connections. Blocks; call from a
  /// thread that is no io thread. (OUT-10)
  virtual void stop() = 0;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::size_t open_connections() const = 0;
};

}  // namespace gw::net
