// The screen "Sign in": a user name and a password, or a client certificate that belongs to a user.
#pragma once

#include "console/page.hpp"
#include "console/passwords.hpp"
#include "console/sessions.hpp"
#include "console/sign_in_limit.hpp"
#include "console/users.hpp"

namespace gw::console {

/// The name begins with __Host-, which makes browsers insist on Secure, on this host alone, and on the whole path.
inline constexpr std::string_view kSessionCookie = "__Host-gpconnect-session";

/// What signing in changes.
struct Desk {
  Sessions& sessions;
  SignInLimit& limit;
  Passwords& passwords;
  const Users& users;
};

/// GET /sign-in
[[nodiscard]] Page sign_in_page(const Visit& visit, const Users& users);
/// POST /sign-in. Whoever fails is told the same, whether the name or the password was wrong.
asio::awaitable<Page> sign_in(const Visit& visit, Desk desk);
/// POST /sign-out
[[nodiscard]] Page sign_out(const Visit& visit, Sessions& sessions);

/// The first screen of a role.
[[nodiscard]] std::string_view home_of(Role role);

}  // namespace gw::console
