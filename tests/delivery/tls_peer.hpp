// A recipient on the loopback that speaks real TLS and misbehaves as told. Blocking, a thread for each connection.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gw::test {

namespace asio = boost::asio;

/// What the peer does with a request that it has read.
enum class Manner : unsigned char {
  kAnswer,             ///< 201, and the connection stays
  kCloseAfterAnswer,   ///< 201, then closes without having said so
  kCloseAfterRequest,  ///< closes without an answer
  kGarbage,            ///< something that is not HTTP
  kTruncate,           ///< a 201 whose body breaks off
  kHang,               ///< nothing, until the other end closes
};

class TlsPeer {
 public:
  /// `pki` as certs/make-pki.sh makes it; `name` a file in it without extension. `port` 0: any.
  TlsPeer(const std::filesystem::path& pki, const std::string& name, std::uint16_t port = 0)
      : tls_(asio::ssl::context::tls_server), acceptor_(io_) {
    tls_.use_certificate_chain_file((pki / (name + ".pem")).string());
    tls_.use_private_key_file((pki / (name + ".key")).string(), asio::ssl::context::pem);
    tls_.load_verify_file((pki / "trust.pem").string());
    tls_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    acceptor_.open(asio::ip::tcp::v4());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind({asio::ip::address_v4::loopback(), port});
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    accepting_ = std::thread(&TlsPeer::accept, this);
  }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer() {
    stopping_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    accepting_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& stream : streams_) ::shutdown(stream->lowest_layer().native_handle(), SHUT_RDWR);
    }
    for (auto& one : serving_) one.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void behave(Manner manner) { manner_ = manner; }
  [[nodiscard]] int connections() const { return connections_; }  ///< TCP
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] int closed() const { return closed_; }  ///< by the peer itself

 private:
  using Stream = asio::ssl::stream<asio::ip::tcp::socket>;

  void accept() {
    for (;;) {
      auto stream = std::make_shared<Stream>(io_, tls_);
      boost::system::error_code ec;
      acceptor_.accept(stream->lowest_layer(), ec);
      if (ec || stopping_) return;
      ++connections_;
      const std::scoped_lock lock(mutex_);
      streams_.push_back(stream);
      serving_.emplace_back(&TlsPeer::serve, this, stream);
    }
  }

  void serve(const std::shared_ptr<Stream>& stream) {
    boost::system::error_code ec;
    stream->handshake(asio::ssl::stream_base::server, ec);
    std::string buffer;
    while (!ec) {
      // Requests of these tests are "{}" after the head.
      const auto size = asio::read_until(*stream, asio::dynamic_buffer(buffer, 65536), "\r\n\r\n{}", ec);
      if (ec) break;
      buffer.erase(0, size);
      ++requests_;
      if (!answer(*stream, ec)) break;
    }
    // The descriptor stays open until the peer goes, so that shutdown() above never meets another's.
    ::shutdown(stream->lowest_layer().native_handle(), SHUT_RDWR);
    ++closed_;
  }

  /// False when the connection ends here.
  bool answer(Stream& stream, boost::system::error_code& ec) {
    const auto say = [&](const char* text) { asio::write(stream, asio::buffer(std::string(text)), ec); };
    switch (manner_.load()) {
      case Manner::kAnswer:
        say("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nLocation: https://x/Order/1\r\n\r\nok");
        return true;
      case Manner::kCloseAfterAnswer:
        say("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
        return false;
      case Manner::kCloseAfterRequest:
        return false;
      case Manner::kGarbage:
        say("220 mail.example.test ESMTP\r\n\r\n");
        return false;
      case Manner::kTruncate:
        say("HTTP/1.1 201 Created\r\nContent-Length: 2000\r\n\r\nok");
        return false;
      case Manner::kHang:
        break;
    }
    std::string ignored;
    asio::read_until(stream, asio::dynamic_buffer(ignored, 65536), '\0', ec);
    return false;
  }

  asio::io_context io_;
  asio::ssl::context tls_;
  asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::thread accepting_;
  std::atomic<Manner> manner_{Manner::kAnswer};
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> requests_{0};
  std::atomic<int> closed_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Stream>> streams_;
  std::vector<std::thread> serving_;
};

}  // namespace gw::test
