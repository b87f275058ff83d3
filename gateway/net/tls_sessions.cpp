#include "net/tls_sessions.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>

namespace gw::net {

namespace {

/// Sessions of other programs with the same cache are not ours; OpenSSL asks for a name where clients are verified.
constexpr std::array<unsigned char, 7> kName{'g', 'a', 't', 'e', 'w', 'a', 'y'};

/// Where a session keeps the time of its full handshake. Sessions that resume it are copies, and have it too.
int began_slot() {
  static const int slot = SSL_SESSION_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

/// TLS 1.3 gives a resumed connection a session of its own with a full life; this one gets what is left.
int keep_life(SSL* ssl, void* life) {
  auto* session = SSL_get_session(ssl);
  const auto now = static_cast<std::intptr_t>(std::time(nullptr));
  auto began = reinterpret_cast<std::intptr_t>(SSL_SESSION_get_ex_data(session, began_slot()));
  if (began == 0) {
    began = now;
    SSL_SESSION_set_ex_data(session, began_slot(), reinterpret_cast<void*>(began));
  }
  const auto left = reinterpret_cast<std::intptr_t>(life) - (now - began);
  SSL_SESSION_set_timeout(session, static_cast<long>(std::max<std::intptr_t>(left, 0)));
  return 1;
}

}  // namespace

void use_sessions(SSL_CTX* context, const Resumption& how) {
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_recv_max_early_data(context, 0);
  if (!how.on) {
    SSL_CTX_set_num_tickets(context, 0);
    return;
  }
  const auto life = std::clamp(how.life, seconds{1}, kLongestSession).count();
  // SSL_OP_NO_TICKET, which every context has, makes TLS 1.3 tickets names of sessions in the cache.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(context, static_cast<long>(how.sessions));
  SSL_CTX_set_session_id_context(context, kName.data(), static_cast<unsigned>(kName.size()));
  SSL_CTX_set_timeout(context, static_cast<long>(life));
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_ticket_cb(context, keep_life, nullptr, reinterpret_cast<void*>(static_cast<std::intptr_t>(life)));
}

}  // namespace gw::net
