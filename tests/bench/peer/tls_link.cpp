#include "bench/peer/tls_link.hpp"

#include <openssl/err.h>

#include <stdexcept>
#include <utility>

namespace gw::bench {

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

SslContext made(const SSL_METHOD* method, const Certificates& files) {
  SslContext context{SSL_CTX_new(method), &SSL_CTX_free};
  const bool usable = context && SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) == 1 &&
                      SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                      SSL_CTX_load_verify_locations(context.get(), files.trust.c_str(), nullptr) == 1;
  if (!usable) throw std::runtime_error("certificates cannot be used: " + files.certificate.string());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

SslContext client_context(const Certificates& files) {
  auto context = made(TLS_client_method(), files);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

SslContext server_context(const Certificates& files) {
  auto context = made(TLS_server_method(), files);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  constexpr unsigned char id[] = "bench";
  SSL_CTX_set_session_id_context(context.get(), id, sizeof id - 1);
  return context;
}

bool TlsLink::start(SSL_CTX* context) {
  boost::system::error_code error;
  socket_.non_blocking(true, error);
  if (!error) socket_.native_non_blocking(true, error);
  if (!error) socket_.set_option(asio::ip::tcp::no_delay{true}, error);
  ssl_.reset(SSL_new(context));
  return !error && ssl_ && SSL_set_fd(ssl_.get(), socket_.native_handle()) == 1;
}

void TlsLink::connect(SSL_CTX* context, const asio::ip::tcp::endpoint& to, const std::string& host, SSL_SESSION* resume,
                      Done done) {
  done_ = std::move(done);
  socket_.async_connect(to, [this, context, host, resume](const boost::system::error_code& error) {
    if (error || !start(context)) return end(false);
    SSL_set_connect_state(ssl_.get());
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
    SSL_set1_host(ssl_.get(), host.c_str());
    if (resume != nullptr) SSL_set_session(ssl_.get(), resume);
    doing_ = Doing::kHandshake;
    go_on();
  });
}

void TlsLink::accept(SSL_CTX* context, Done done) {
  done_ = std::move(done);
  if (!start(context)) return end(false);
  SSL_set_accept_state(ssl_.get());
  doing_ = Doing::kHandshake;
  go_on();
}

void TlsLink::begin(Doing doing, Done done) {
  done_ = std::move(done);
  doing_ = doing;
  go_on();
}

void TlsLink::write(std::string_view bytes, Done done) {
  out_ = bytes;
  begin(Doing::kWrite, std::move(done));
}

void TlsLink::read(std::string& into, Done done) {
  in_ = &into;
  begin(Doing::kRead, std::move(done));
}

void TlsLink::finish(Done done) {
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  begin(Doing::kFinish, std::move(done));
}

void TlsLink::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

/// One call into OpenSSL: above 0 when what is being done is done.
int TlsLink::attempt() {
  switch (doing_) {
    case Doing::kHandshake:
      return SSL_do_handshake(ssl_.get());
    case Doing::kWrite:
      while (!out_.empty()) {
        const int written = SSL_write(ssl_.get(), out_.data(), static_cast<int>(out_.size()));
        if (written <= 0) return written;
        out_.remove_prefix(static_cast<std::size_t>(written));
      }
      return 1;
    case Doing::kRead: {
      const auto before = in_->size();
      in_->resize(before + kReadBytes);
      const int got = SSL_read(ssl_.get(), in_->data() + before, static_cast<int>(kReadBytes));
      in_->resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
      return got;
    }
    case Doing::kFinish:
      break;
  }
  char dropped[512];
  int got = 1;
  while (got > 0) got = SSL_read(ssl_.get(), dropped, sizeof dropped);
  return got;
}

void TlsLink::go_on() {
  const int result = attempt();
  if (result > 0) return end(true);
  const int why = SSL_get_error(ssl_.get(), result);
  const bool waits = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
  ERR_clear_error();
  if (!waits) return end(doing_ == Doing::kFinish);
  const auto until = why == SSL_ERROR_WANT_READ ? asio::ip::tcp::socket::wait_read : asio::ip::tcp::socket::wait_write;
  socket_.async_wait(until, [this](const boost::system::error_code& error) {
    if (error) return end(false);
    go_on();
  });
}

void TlsLink::end(bool worked) {
  const auto done = std::exchange(done_, {});
  done(worked);
}

}  // namespace gw::bench
