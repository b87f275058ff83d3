// The load generator: sends tasks over kept connections and tells how many were answered 201, and how fast.
//
// Closed loop: each connection sends its next task when it has the last one's answer. Open loop: tasks begin at a set
// rate whatever the other side does, and a latency counts from the moment at which its task should have begun, so that
// a stalled server does not hide the tasks it kept waiting (coordinated omission).
#pragma once

#include <cstdint>
#include <string>

#include "bench/peer/latency.hpp"
#include "bench/peer/message.hpp"
#include "bench/peer/tls_link.hpp"

namespace gw::bench {

struct Target {
  Certificates files;
  std::string host;  ///< name in the server's certificate
  std::uint16_t port = 0;
};

struct LoadPlan {
  Recipient recipient = Recipient::kEndpoint;
  Format format = Format::kJson;
  std::size_t connections = 64;
  double rate_per_s = 0;  ///< 0: closed loop
  std::chrono::duration<double> warm_up{1};
  std::chrono::duration<double> measured{5};
};

struct LoadResult {
  Latencies latencies;  ///< of those answered 201 in the measured time
  std::uint64_t refused = 0;
  int refused_with = 0;          ///< the status of the last of them
  std::uint64_t broken = 0;      ///< connections that ended before their plan did
  std::uint64_t unanswered = 0;  ///< begun in the measured time by the plan, not answered by its end (open loop)
  double seconds = 0;
};

[[nodiscard]] LoadResult run_load(const Target& target, const LoadPlan& plan);

struct HandshakePlan {
  bool resumed = false;
  std::size_t connections = 16;
  std::chrono::duration<double> measured{5};
};

struct HandshakeResult {
  Latencies latencies;  ///< TCP connect to the peer's close after the handshake
  std::uint64_t resumed = 0;
  std::uint64_t broken = 0;
  double seconds = 0;
};

/// Connect, shake hands, close, again and again.
[[nodiscard]] HandshakeResult run_handshakes(const Target& target, const HandshakePlan& plan);

/// Open so many connections, with one task sent over each, write "ready" to standard output, and keep them until
/// standard input ends. False when one could not be opened.
[[nodiscard]] bool hold_connections(const Target& target, Recipient recipient, std::size_t connections);

}  // namespace gw::bench
