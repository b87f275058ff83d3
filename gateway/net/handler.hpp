// The one callback that net knows: what turns a request into a response. Must not know tasks, FHIR or storage.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "base/result.hpp"
#include "net/body_source.hpp"

namespace gw::net {

namespace asio = boost::asio;

/// The request's body, read only when somebody asks for it, so that a refusal by the head costs nothing and streams
/// need no buffer. Lives as long as the handler call; used from the session's own thread only.
class BodyReader : public BodySource {
 public:
  /// The whole body, at most `limit_bytes`. Answers `100 Continue` first where the client waits for it.
  /// Faults: kTooLarge, kTimeout, kClosed, kReset, kMalformed (chunk framing, trailers, chunk extensions).
  virtual asio::awaitable<Result<std::string>> read_all(std::size_t limit_bytes) = 0;
};

/// What can go wrong before there is a request to handle.
enum class ProtocolFault : unsigned char {
  kMalformed,           ///< 400: the head breaks RFC 7230 or is ambiguous (ANS-08)
  kHeadTooLarge,        ///< 400, too-long
  kNoCertificate,       ///< 496 (TLS-02)
  kBadCertificate,      ///< 495 (TLS-02)
  kPlainHttp,           ///< 497 (TLS-05)
  kHeadTimeout,         ///< the head did not come in time: the connection is closed, nothing is answered
  kTooManyConnections,  ///< 503
};

/// Implemented by exchange/. Must outlive the server; called concurrently from all io threads.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  /// Serve one request. Both references are valid until the returned coroutine ends, so a streamed answer must not
  /// use them. A thrown exception is answered 500.
  virtual asio::awaitable<Response> handle(const RequestHead& head, BodyReader& body) = 0;

  /// The answer to a connection that never became a request. `detail` says which rule it broke, for the diagnostics;
  /// `peer` is what is known of the other end. Audits what must be audited.
  virtual asio::awaitable<Response> protocol_error(ProtocolFault fault, std::string_view detail, const Peer& peer) = 0;
};

}  // namespace gw::net
