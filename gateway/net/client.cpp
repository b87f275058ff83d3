#include "net/client.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <utility>
#include <vector>

#include "net/exchange.hpp"
#include "net/names.hpp"
#include "net/openssl_error.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"

namespace gw::net {

namespace {

using asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint16_t kHttps = 443;
/// Of a connection to a recipient. The kernel would let it grow to megabytes, which a recipient that reads nothing
/// could have us hold, and which would pass for sent.
constexpr int kSendBufferBytes = 64 << 10;

/// "127.0.0.1:8443", "[::1]:8443" or "name:8443" in two parts; the port is empty when there is none.
std::pair<std::string, std::string> split_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {text, {}};
  auto host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {std::move(host), text.substr(colon + 1)};
}

/// What `rules` leave of the addresses of `target`. `named`: the config has the address itself.
Result<Endpoints> permitted(Endpoints found, const Target& target, const AddressRules& rules, bool named) {
  Endpoints left;
  std::string why;
  for (const auto& endpoint : found) {
    const auto refusal = refusal_of_address(endpoint, rules, named);
    if (!refusal) left.push_back(endpoint);
    if (refusal && why.empty()) why = endpoint.address().to_string() + ", which " + std::string{*refusal};
  }
  if (left.empty() && !why.empty()) {
    return fault(FaultKind::kUnreachable, "nothing is sent to " + target.host + ": its address is " + why);
  }
  return left;
}

asio::awaitable<Result<Endpoints>> find_endpoints(asio::any_io_executor executor, Target target, AddressRules rules,
                                                  milliseconds limit) {
  auto [host, port] = target.connect_to.empty() ? std::pair{target.host, std::to_string(target.port)}
                                                : split_address(target.connect_to);
  if (port.empty()) port = std::to_string(target.port);
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size()) {
    co_return fault(FaultKind::kUnreachable, "\"" + port + "\" is not a port");
  }
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(host, error);
  if (!error) {
    Endpoints one{tcp::endpoint{literal, number}};
    co_return permitted(std::move(one), target, rules, true);
  }
  auto& names = asio::use_service<Names>(asio::query(executor, asio::execution::context));
  const auto addresses = co_await names.find(std::move(host), limit);
  if (!addresses) co_return addresses.error();
  Endpoints found;
  for (const auto& address : *addresses) found.emplace_back(address, number);
  co_return permitted(std::move(found), target, rules, false);
}

/// Try each endpoint inside the stream's deadline.
asio::awaitable<Status> connect(TlsStream& stream, Endpoints endpoints) {
  auto last = fault(FaultKind::kUnreachable, "the name has no address");
  for (const auto& endpoint : endpoints) {
    boost::system::error_code error;
    stream.socket().close(error);
    stream.socket().open(endpoint.protocol(), error);
    if (!error) stream.socket().set_option(asio::socket_base::send_buffer_size{kSendBufferBytes}, error);
    auto [outcome] = co_await stream.socket().async_connect(endpoint, kTuple);
    if (stream.deadline().expired()) co_return fault(FaultKind::kTimeout, "no TCP connection within the time limit");
    if (!outcome) co_return stream.prepare();
    last = fault(FaultKind::kUnreachable, "TCP connect: " + outcome.message());
  }
  co_return last;
}

/// SNI and the check of the name that the peer's certificate must bear (TLS-04).
Status expect_host(SSL* ssl, std::string host) {
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl, host.c_str()) != 1 ||
      SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) != 1) {
    return fault(FaultKind::kTls, "the host name " + host + " cannot be checked: " + take_openssl_error());
  }
  return Done{};
}

asio::awaitable<Status> secure(TlsStream& stream, TlsContextHandle context, std::string host) {
  auto ready = stream.start_tls(context.get(), TlsStream::Role::kClient);
  if (ready) ready = expect_host(stream.ssl(), host);
  if (!ready) co_return ready.error();
  auto done = co_await stream.handshake();
  if (!done && done.error().kind == FaultKind::kTls) {
    co_return fault(FaultKind::kTls, "TLS with " + host + ": " + done.error().detail);
  }
  co_return done;
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<ClientConnection>>> open_connection(asio::any_io_executor executor,
                                                                           const Target& target, ClientTls& tls,
                                                                           const ClientTimeouts& timeouts,
                                                                           AddressRules rules) {
  const auto connect_by = std::chrono::steady_clock::now() + timeouts.connect;
  const auto tls_limit = timeouts.tls;
  const auto host = target.host;
  auto authority = target.port == kHttps ? host : host + ":" + std::to_string(target.port);

  auto endpoints = co_await find_endpoints(executor, target, std::move(rules), timeouts.connect);
  if (!endpoints) co_return endpoints.error();
  auto stream = std::make_unique<TlsStream>(tcp::socket{executor});
  stream->deadline().arm_at(connect_by);
  const auto connected = co_await connect(*stream, std::move(*endpoints));
  if (!connected) co_return connected.error();

  stream->deadline().arm(tls_limit);
  auto context = tls.context();
  const auto secured = co_await secure(*stream, context, host);
  if (!secured) co_return secured.error();
  stream->deadline().disarm();
  co_return std::make_unique<TlsClientConnection>(std::move(stream), std::move(authority), tls, std::move(context));
}

}  // namespace gw::net
