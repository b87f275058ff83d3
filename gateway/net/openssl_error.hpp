// OpenSSL's error queue in words.
#pragma once

#include <string>

namespace gw::net {

/// The newest error of this thread's queue as a short sentence; empties the queue.
[[nodiscard]] std::string take_openssl_error();

}  // namespace gw::net
