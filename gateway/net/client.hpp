// One outbound mutual TLS connection and one request/answer over it. Must not know tasks, FHIR or storage; pooling and
// the meaning of what happened belong to delivery/.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/http.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/address_rules.hpp"
#include "net/body_source.hpp"

namespace gw::net {

namespace asio = boost::asio;

class ClientTls;  // net/tls_context.hpp

/// Where to connect and who must answer there.
struct Target {
  std::string host;  ///< FQDN: for SNI, the certificate check and Host
  std::uint16_t port = 443;
  std::string connect_to;  ///< "127.0.0.1:8443" instead of resolving host, from the config; empty: resolve
  auto operator<=>(const Target&) const = default;
};

/// Each stage's limit. A total deadline is the caller's to keep, by passing smaller ones.
struct ClientTimeouts {
  milliseconds connect{2'000};  ///< name resolution and TCP
  milliseconds tls{2'000};
  milliseconds write{5'000};
  milliseconds answer{20'000};   ///< last request byte to last answer byte; of a streamed answer, to its head
  milliseconds stall{20'000};    ///< of a streamed answer's body: between two pieces
  milliseconds stream{600'000};  ///< of a streamed answer's body: all of it
};

struct ClientLimits {
  std::size_t answer_head_bytes = 16 * 1024;
  std::size_t answer_body_bytes = 1024 * 1024;
};

/// A request as it will stand on the wire. Headers go out in order, casing kept; Host, Content-Length and nothing else
/// is added (Content-Length only when there is a body or the method is POST or PUT).
struct WireRequest {
  std::string method;
  std::string target;  ///< origin form
  Headers headers;
  std::string_view body;  ///< borrowed until exchange() ends
};

struct WireAnswer {
  int status = 0;
  Headers headers;        ///< in order, casing kept, framing headers included
  std::string body;       ///< de-chunked; content codings untouched
  bool complete = false;  ///< false: a valid head came, the body broke off
};

/// How far an exchange came: what decides whether the recipient can have acted on it.
enum class Progress : unsigned char {
  kNothingSent,  ///< no byte of the request was handed to TLS
  kPartlySent,   ///< the last byte was not handed to TLS
  kAllSent,      ///< all of it was; no complete answer head came
  kAnswered,     ///< a complete, valid answer head was read
};

struct ExchangeResult {
  Progress progress = Progress::kNothingSent;
  std::optional<WireAnswer> answer;  ///< present when kAnswered
  std::optional<Fault> fault;        ///< why it ended early; also for a body that broke off
  bool early = false;                ///< the answer came before all of the request was sent, and ended the sending
  bool tls_alert = false;            ///< the peer refused our certificate by a fatal alert, no HTTP byte came
  bool source_failed = false;        ///< the body to send broke off; `fault` is its reader's
};

/// Not thread-safe: belongs to the executor it was opened on.
class ClientConnection {
 public:
  ClientConnection() = default;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  virtual ~ClientConnection() = default;

  /// Send one request and read its answer. 1xx answers are skipped (at most 8).
  virtual asio::awaitable<ExchangeResult> exchange(const WireRequest& request, const ClientTimeouts& timeouts,
                                                   const ClientLimits& limits) = 0;
  /// The same for bodies of any size: the request's is what `body` gives (`request.body` is not used), framed as its
  /// length() allows, and the answer has no body yet: answer_body() gives it. An answer that comes before the request
  /// was sent ends the sending.
  virtual asio::awaitable<ExchangeResult> begin(const WireRequest& request, BodySource& body,
                                                const ClientTimeouts& timeouts, const ClientLimits& limits) = 0;
  /// After a begin() that was answered; lives until the next exchange or the connection's end.
  [[nodiscard]] virtual BodySource& answer_body() = 0;
  /// True when another exchange may follow as far as the last one tells: keep-alive, and nothing of it unread.
  [[nodiscard]] virtual bool may_be_kept() = 0;
  /// True when another exchange may begin now: the peer has not closed or sent anything since, either. A system call.
  [[nodiscard]] virtual bool reusable() = 0;
  /// Close without waiting; from the owning executor.
  virtual void close() = 0;
};

/// Resolve once, drop the addresses that `rules` refuses, connect to one that is left, TLS handshake with our
/// certificate; the peer's chain, dates, CRL and host name are checked before this returns.
/// Faults: kUnreachable (also when no address is left), kTimeout, kTls, kReset, kClosed.
asio::awaitable<Result<std::unique_ptr<ClientConnection>>> open_connection(asio::any_io_executor executor,
                                                                           const Target& target, ClientTls& tls,
                                                                           const ClientTimeouts& timeouts,
                                                                           AddressRules rules);

}  // namespace gw::net
