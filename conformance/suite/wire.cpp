#include "wire.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace gw::conformance {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr timeval kPatience{.tv_sec = 20, .tv_usec = 0};
constexpr std::uint64_t kMostBodyBytes = 16U << 20U;

template <class Stream>
Result<Answer> send_and_read(Stream& stream, std::string_view bytes) {
  error_code error;
  asio::write(stream, asio::buffer(bytes), error);  // an answer may come before all of it is taken
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostBodyBytes);
  http::read(stream, buffer, parser, error);
  if (!parser.is_done()) {
    const auto kind = error == asio::error::try_again ? FaultKind::kTimeout : FaultKind::kClosed;
    return fault(kind, "no whole HTTP answer came: " + error.message());
  }
  auto message = parser.release();
  Answer answer{static_cast<int>(message.result_int()), {}, std::move(message.body())};
  for (const auto& field : message) {
    answer.headers.push_back({std::string{field.name_string()}, std::string{field.value()}});
  }
  return answer;
}

error_code prepare(asio::ssl::context& context, const std::string& ca, const Certificate* certificate) {
  error_code error;
  context.load_verify_file(ca, error);
  if (certificate != nullptr && !error) context.use_certificate_chain_file(certificate->cert, error);
  if (certificate != nullptr && !error) context.use_private_key_file(certificate->key, asio::ssl::context::pem, error);
  return error;
}

}  // namespace

Result<Answer> exchange(const Destination& to, const Certificate* certificate, bool tls, std::string_view bytes,
                        int newest_tls) {
  asio::io_context context;
  error_code error;
  const auto colon = to.address.rfind(':');
  const auto found = Tcp::resolver{context}.resolve(to.address.substr(0, colon), to.address.substr(colon + 1), error);
  Tcp::socket socket{context};
  if (!error) asio::connect(socket, found, error);
  if (error) return fault(FaultKind::kUnreachable, to.address + ": " + error.message());
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (!tls) return send_and_read(socket, bytes);

  asio::ssl::context settings{asio::ssl::context::tls_client};
  if (const auto wrong = prepare(settings, to.ca, certificate)) return fault(FaultKind::kInvalid, wrong.message());
  if (newest_tls != 0) {
    // A client's own policy may forbid what is to be refused here by the server.
    ::SSL_CTX_set_cipher_list(settings.native_handle(), "ALL:@SECLEVEL=0");
    ::SSL_CTX_ctrl(settings.native_handle(), SSL_CTRL_SET_MIN_PROTO_VERSION, 0, nullptr);
    ::SSL_CTX_ctrl(settings.native_handle(), SSL_CTRL_SET_MAX_PROTO_VERSION, newest_tls, nullptr);
  }
  asio::ssl::stream<Tcp::socket> stream{std::move(socket), settings};
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification{to.host});
  auto name = to.host;  // as the macro SSL_set_tlsext_host_name does, without its cast
  ::SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  stream.handshake(asio::ssl::stream_base::client, error);
  if (error) return fault(FaultKind::kTls, error.message());
  return send_and_read(stream, bytes);
}

}  // namespace gw::conformance
