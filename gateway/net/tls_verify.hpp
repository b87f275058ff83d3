// What a peer's certificate says and whether it holds: facts for Peer, and verification errors in words (TLS-02).
#pragma once

#include <openssl/types.h>

#include <string>
#include <string_view>

#include "base/http.hpp"

namespace gw::net {

/// Where record_verify_error() writes for `ssl`; `first_error` must outlive the handshake and starts as X509_V_OK.
void keep_verify_error(SSL* ssl, int& first_error);
/// An OpenSSL verify callback that lets the handshake go on and keeps the first error.
int record_verify_error(int preverified, X509_STORE_CTX* store);

/// Check the peer's chain anew, as a client's, against what `context` trusts and knows as revoked now; X509_V_OK or
/// the first error. For open connections after a reload (TLS-07).
[[nodiscard]] int verify_again(SSL* ssl, SSL_CTX* context);

/// Why a certificate is refused, as the end of a sentence that begins "the client certificate": "has expired".
[[nodiscard]] std::string_view words_for_verify_error(int error);

/// Fill fqdns, fingerprint and subject from the peer's certificate; false when it sent none.
bool read_peer_certificate(const SSL* ssl, Peer& peer);

}  // namespace gw::net
