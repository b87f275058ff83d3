// The web console (OPS-05): for staff, operators and auditors, in a browser. One listener of its own, one handler: it
// finds out who asks, lets each role do its own work alone, puts every request on record, and serves pages that were
// made here.
//
// Where to start reading: console.cpp has the way of a request and the table of routes; html.hpp says why nothing can
// be injected, own_sender.hpp how a task is sent, words.hpp what staff are told. It must not know sockets, SQL or how
// the gateway is put together.
#pragma once

#include "console/page.hpp"
#include "console/parts.hpp"
#include "console/passwords.hpp"
#include "console/sessions.hpp"
#include "console/sign_in_limit.hpp"
#include "console/users.hpp"
#include "net/handler.hpp"

namespace gw::console {

/// Thread-safe.
class Console final : public net::Handler {
 public:
  explicit Console(Parts parts);

  /// Who may sign in from now on. Sessions of those who are gone or changed end.
  void replace_users(std::vector<User> users) { users_.replace(std::move(users)); }

  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader& body) override;
  asio::awaitable<Response> protocol_error(net::ProtocolFault fault, std::string_view detail,
                                           const Peer& peer) override;

 private:
  asio::awaitable<Page> serve(Visit& visit, net::BodyReader& body);
  asio::awaitable<Page> recorded(Page page, const Visit& visit);

  Parts parts_;
  Users users_;
  Sessions sessions_;
  SignInLimit limit_;
  Passwords passwords_;
};

}  // namespace gw::console
