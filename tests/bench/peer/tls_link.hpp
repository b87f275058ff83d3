// One TLS connection over Asio, for the load generator and the recipient stub: callbacks and no buffers of its own, so
// that what drives a benchmark costs a small part of what it measures. One operation at a time, on one thread.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gw::bench {

namespace asio = boost::asio;

struct Certificates {
  std::filesystem::path certificate, key, trust;
};

using SslContext = std::shared_ptr<SSL_CTX>;
/// A context that shows its certificate and checks the other side's against `trust`. Throws on files that are not
/// right.
[[nodiscard]] SslContext client_context(const Certificates& files);
[[nodiscard]] SslContext server_context(const Certificates& files);

class TlsLink {
 public:
  /// False: the connection is gone, and everything else with it.
  using Done = std::function<void(bool)>;

  explicit TlsLink(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}
  TlsLink(const TlsLink&) = delete;
  TlsLink& operator=(const TlsLink&) = delete;

  /// TCP, then TLS with `host` as name to ask for and to check. `resume` may be null.
  void connect(SSL_CTX* context, const asio::ip::tcp::endpoint& to, const std::string& host, SSL_SESSION* resume,
               Done done);
  void accept(SSL_CTX* context, Done done);
  /// All of `bytes`, which must stay until then.
  void write(std::string_view bytes, Done done);
  /// Append what comes to `into`, at least a byte. False also at the peer's end.
  void read(std::string& into, Done done);
  /// Say that nothing more comes, and wait until the peer has closed too.
  void finish(Done done);
  void close();

  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }

 private:
  enum class Doing : unsigned char { kHandshake, kWrite, kRead, kFinish };
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  bool start(SSL_CTX* context);
  void begin(Doing doing, Done done);
  void go_on();
  int attempt();
  void end(bool worked);

  asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  Doing doing_ = Doing::kHandshake;
  std::string_view out_;
  std::string* in_ = nullptr;
  Done done_;
};

}  // namespace gw::bench
