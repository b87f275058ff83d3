// A recipient for the benchmarks: answers each Order at once with 201 and the Order as stored, as a system would that
// costs nothing. Keeps nothing, so that it is far faster than what is measured in front of it.
#pragma once

#include <cstdint>

#include "bench/peer/tls_link.hpp"

namespace gw::bench {

/// Serve on 127.0.0.1:`port` until the process gets SIGTERM or SIGINT.
void serve_stub(const Certificates& files, std::uint16_t port);

}  // namespace gw::bench
