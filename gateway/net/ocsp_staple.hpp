// The server certificate's OCSP response, fetched by others into a file, sent with the handshake to clients that ask
// (RFC 6066 section 8). What is stale, or does not say that this certificate is good, is never sent.
#pragma once

#include <openssl/types.h>

#include <filesystem>

#include "base/result.hpp"

namespace gw::net {

/// Give `context`, which has its certificate, chain and trust, the response in `file` (DER). A fault says why it is not
/// sent; the context can be used all the same. A response that becomes stale later is logged once and sent no more.
Status use_staple(SSL_CTX* context, const std::filesystem::path& file);

}  // namespace gw::net
