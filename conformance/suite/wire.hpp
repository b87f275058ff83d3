// One blocking exchange of raw bytes over TLS or without it: what is sent may be as malformed as a case wants.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"
#include "base/result.hpp"
#include "topology.hpp"

namespace gw::conformance {

struct Destination {
  std::string address;  ///< "127.0.0.1:8443"
  std::string host;     ///< its certificate's name
  std::string ca;
};

struct Answer {
  int status = 0;
  Headers headers;
  std::string body;
};

inline constexpr int kTls11 = 0x0302;

/// Connect, send `bytes`, read one answer, close. Without `certificate` none is shown; without `tls` the bytes go in
/// plain. `newest_tls` is the protocol's number, 0: as new as there is. Faults: kUnreachable, kTls (in the handshake),
/// kClosed (no whole HTTP answer came), kTimeout (20 s).
[[nodiscard]] Result<Answer> exchange(const Destination& to, const Certificate* certificate, bool tls,
                                      std::string_view bytes, int newest_tls = 0);

}  // namespace gw::conformance
