#include "bench/peer/stub.hpp"

#include <boost/asio/signal_set.hpp>
#include <string>
#include <utility>

#include "bench/peer/message.hpp"

namespace gw::bench {

namespace {

using asio::ip::tcp;

/// The Order as stored: what came, with an id in front of its other members.
std::string stored(std::string_view order, std::string_view id) {
  const std::string_view opening = order.starts_with('<') ? "http://hl7.org/fhir\">" : "\"Order\",";
  const auto at = order.find(opening);
  if (at == std::string_view::npos) return std::string{order};
  std::string text{order.substr(0, at + opening.size())};
  text += order.starts_with('<') ? "<id value=\"" : "\n  \"id\": \"";
  text += id;
  text += order.starts_with('<') ? "\"/>" : "\",";
  return text += order.substr(at + opening.size());
}

/// One connection; deletes itself at its end.
class Served {
 public:
  Served(tcp::socket socket, SSL_CTX* context, std::uint64_t& stored_orders)
      : link_(std::move(socket)), stored_orders_(stored_orders) {
    link_.accept(context, [this](bool worked) { worked ? receive() : end(); });
  }

 private:
  void receive() {
    if (const auto message = framed(in_)) return answer(*message);
    link_.read(in_, [this](bool worked) { worked ? receive() : end(); });
  }

  void answer(const Framed& message) {
    const std::string_view request{in_};
    const auto body = request.substr(message.body, message.size - message.body);
    const auto id = std::to_string(++stored_orders_);
    const auto order = stored(body, id);
    out_ = "HTTP/1.1 201 Created\r\nServer: stub\r\nLocation: https://recipient.bench.test/B20003/DSTU2/1/Order/" + id +
           "/_history/1\r\nETag: W/\"1\"\r\nCache-Control: no-store\r\nContent-Type: " +
           (body.starts_with('<') ? "application/xml+fhir" : "application/json+fhir") +
           ";charset=UTF-8\r\nContent-Length: " + std::to_string(order.size()) + "\r\n\r\n" + order;
    in_.erase(0, message.size);
    link_.write(out_, [this](bool worked) { worked ? receive() : end(); });
  }

  void end() { delete this; }

  TlsLink link_;
  std::uint64_t& stored_orders_;
  std::string in_, out_;
};

/// Accepts for ever; each connection lives by its own callbacks.
class Listener {
 public:
  Listener(asio::io_context& context, const Certificates& files, std::uint16_t port)
      : tls_(server_context(files)), acceptor_(context, {asio::ip::address_v4::loopback(), port}) {
    acceptor_.listen(4096);
    accept();
  }
  void close() { acceptor_.close(); }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) new Served{std::move(socket), tls_.get(), stored_orders_};
      accept();
    });
  }

  SslContext tls_;
  tcp::acceptor acceptor_;
  std::uint64_t stored_orders_ = 0;
};

}  // namespace

void serve_stub(const Certificates& files, std::uint16_t port) {
  asio::io_context context{1};
  Listener listener{context, files, port};
  asio::signal_set signals{context, SIGTERM, SIGINT};
  signals.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
  context.run();
}

}  // namespace gw::bench
