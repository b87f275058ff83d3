#include "support/blocking_peer.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace gw::test {

namespace {

using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;
using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

Bio bio_of(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

X509* certificate_of(const std::string& pem) {
  return PEM_read_bio_X509(bio_of(pem).get(), nullptr, nullptr, nullptr);
}

void use(SSL_CTX* context, const Identity& identity) {
  X509* certificate = certificate_of(identity.certificate);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio_of(identity.key).get(), nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

Context context_for(const SSL_METHOD* method, int max_version) {
  Context context{SSL_CTX_new(method), &SSL_CTX_free};
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  return context;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

BlockingPeer::BlockingPeer(int descriptor) : descriptor_(descriptor), ssl_(nullptr, &SSL_free) {
  const timeval limit{kWaitMs / 1'000, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

BlockingPeer::BlockingPeer(BlockingPeer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), ssl_(std::move(other.ssl_)), held_(std::move(other.held_)) {}

BlockingPeer::~BlockingPeer() {
  ssl_.reset();
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool BlockingPeer::start_tls(const Identity* identity, int max_version, SSL_SESSION* resume) {
  const auto context = context_for(TLS_client_method(), max_version);
  if (identity != nullptr) use(context.get(), *identity);
  ssl_.reset(SSL_new(context.get()));
  SSL_set_fd(ssl_.get(), descriptor_);
  SSL_set_tlsext_status_type(ssl_.get(), TLSEXT_STATUSTYPE_ocsp);
  if (resume != nullptr) SSL_set_session(ssl_.get(), resume);
  return SSL_connect(ssl_.get()) == 1;
}

std::shared_ptr<SSL_SESSION> BlockingPeer::session() const {
  return {SSL_get1_session(ssl_.get()), &SSL_SESSION_free};
}

bool BlockingPeer::resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

unsigned BlockingPeer::early_data(const SSL_SESSION* session) {
  return SSL_SESSION_get_max_early_data(session);
}

std::string BlockingPeer::staple() const {
  const unsigned char* bytes = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(ssl_.get(), &bytes);
  return size > 0 ? std::string{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)} : std::string{};
}

bool BlockingPeer::accept_tls(const Identity& identity, const TestCa* client_ca, int max_version) {
  const auto context = context_for(TLS_server_method(), max_version);
  use(context.get(), identity);
  if (client_ca != nullptr) {
    X509* anchor = certificate_of(client_ca->certificate());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), anchor);
    X509_free(anchor);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  ssl_.reset(SSL_new(context.get()));
  SSL_set_fd(ssl_.get(), descriptor_);
  return SSL_accept(ssl_.get()) == 1;
}

bool BlockingPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = static_cast<int>(bytes.size());
    const auto put = ssl_ ? SSL_write(ssl_.get(), bytes.data(), size)
                          : static_cast<int>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool BlockingPeer::takes_more() const {
  constexpr int kWhileMs = 500;
  pollfd socket{descriptor_, POLLOUT, 0};
  return ::poll(&socket, 1, kWhileMs) == 1;
}

std::string BlockingPeer::receive() {
  if (!held_.empty()) return std::exchange(held_, {});
  std::array<char, 16 * 1024> bytes{};
  const auto got = ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                        : static_cast<int>(::recv(descriptor_, bytes.data(), bytes.size(), 0));
  ERR_clear_error();
  return got > 0 ? std::string{bytes.data(), static_cast<std::size_t>(got)} : std::string{};
}

std::string BlockingPeer::receive_until(std::string_view mark) {
  std::string all;
  for (;;) {
    if (const auto at = all.find(mark); at != std::string::npos) {
      held_ = all.substr(at + mark.size());
      return all.substr(0, at + mark.size());
    }
    const auto more = receive();
    if (more.empty()) return all;
    all += more;
  }
}

std::string BlockingPeer::receive_to_end() {
  std::string all;
  for (auto more = receive(); !more.empty(); more = receive()) all += more;
  return all;
}

std::string BlockingPeer::receive_answer() {
  auto answer = receive_until("\r\n\r\n");
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const auto at = answer.find(kLength);
  if (at == std::string::npos) return answer;
  const auto length = std::stoul(answer.substr(at + kLength.size()));
  std::string body;
  while (body.size() < length) {
    const auto more = receive();
    if (more.empty()) break;
    body += more;
  }
  if (body.size() > length) held_ = body.substr(length) + held_;
  return answer + body.substr(0, length);
}

bool BlockingPeer::at_end() {
  if (!held_.empty()) return false;
  char byte = 0;
  const auto got = ssl_ ? SSL_read(ssl_.get(), &byte, 1) : static_cast<int>(::recv(descriptor_, &byte, 1, 0));
  const bool waited = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  ERR_clear_error();
  return got <= 0 && !waited;
}

bool BlockingPeer::was_reset() const {
  constexpr int kWhileMs = 500;
  pollfd socket{descriptor_, 0, 0};
  return ::poll(&socket, 1, kWhileMs) == 1 && (socket.revents & POLLERR) != 0;
}

bool BlockingPeer::ended_in_order() const {
  return ssl_ && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void BlockingPeer::end_tls() {
  if (ssl_) SSL_shutdown(ssl_.get());
}

bool BlockingPeer::send_bare(std::string_view bytes) {
  return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

void BlockingPeer::end_sending() {
  end_tls();
  ::shutdown(descriptor_, SHUT_WR);
}

bool BlockingPeer::has_more_within(int milliseconds) const {
  pollfd socket{descriptor_, POLLIN, 0};
  return ::poll(&socket, 1, milliseconds) == 1;
}

int BlockingPeer::release() {
  ssl_.reset();
  return std::exchange(descriptor_, -1);
}

void BlockingPeer::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(descriptor_, -1));
}

BlockingPeer connect_to_port(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  BlockingPeer peer{descriptor};
  const auto address = loopback(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the port");
  }
  return peer;
}

ScriptedServer::ScriptedServer(std::function<void(BlockingPeer&)> script, int count, Width width)
    : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  if (width == Width::kNarrow) {
    // The kernel sizes a sender's buffer by the segments that the receiver wants.
    constexpr int kSegmentBytes = 536;
    constexpr int kReceiveBytes = 4096;
    ::setsockopt(listener_, IPPROTO_TCP, TCP_MAXSEG, &kSegmentBytes, sizeof kSegmentBytes);
    ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &kReceiveBytes, sizeof kReceiveBytes);
  }
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([script = std::move(script), count, listener = listener_] {
    for (int i = 0; i < count; ++i) {
      const int descriptor = ::accept(listener, nullptr, nullptr);
      if (descriptor < 0) return;
      BlockingPeer peer{descriptor};
      script(peer);
    }
  });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

}  // namespace gw::test
