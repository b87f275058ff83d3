// What a peer's certificate says and whether it holds: facts for Peer, and verification errors in words (TLS-02).
#pragma once

#include <openssl/types.h>

#include <string>
#include <string_view>

#include "base/http.hpp"
#include "base/time.hpp"

namespace gw::net {

/// A certificate that was checked longer ago than this is checked again before the connection serves another request
/// (TLS-07).
inline constexpr seconds kRecheck{30};

/// An OpenSSL verify callback that lets the handshake go on and keeps the first error with the connection itself.
int record_verify_error(int preverified, X509_STORE_CTX* store);
/// What record_verify_error() kept of `ssl`; X509_V_OK when nothing was wrong.
[[nodiscard]] int first_verify_error(const SSL* ssl);

/// Check the peer's chain anew, dates and revocation too, against what `context` trusts and knows as revoked now;
/// X509_V_OK or the first error. For resumed sessions, and for open connections, as time passes and after a reload
/// (TLS-07). The host name is not checked: it cannot have changed.
[[nodiscard]] int verify_again(SSL* ssl, SSL_CTX* context);

/// Why a certificate is refused, as the end of a sentence that begins "the client certificate": "has expired".
[[nodiscard]] std::string_view words_for_verify_error(int error);

/// Fill fqdns, fingerprint and subject from the peer's certificate; false when it sent none.
bool read_peer_certificate(const SSL* ssl, Peer& peer);

}  // namespace gw::net
