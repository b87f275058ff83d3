// Session resumption on the inbound side (TLS-07): a cache in the context itself, so that a reload, which makes a new
// context, ends every session. Stateful, never tickets that a client keeps for us, and never early data. That the
// peer's certificate is checked again at each resumption is the session's part (net/session.cpp).
#pragma once

#include <openssl/types.h>

#include <cstddef>

#include "base/time.hpp"

namespace gw::net {

/// The longest that a session may live.
inline constexpr seconds kLongestSession{300};

struct Resumption {
  bool on = false;                ///< off: every connection makes a full handshake
  seconds life{kLongestSession};  ///< of a session and of all that resume it, from the full handshake on
  std::size_t sessions = 20'000;  ///< kept at most
};

/// Set `context`, which serves, to what `how` says.
void use_sessions(SSL_CTX* context, const Resumption& how);

}  // namespace gw::net
