// The strict check of a request head, before any other parser sees it (ANS-08). Pure. A head passes only when every
// HTTP implementation on the way must read it alike: that is what keeps smuggled requests out.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/handler.hpp"
#include "net/head_syntax.hpp"

namespace gw::net {

struct HeadLimits {
  std::size_t target_bytes = 4096;
  std::size_t header_count = 64;
};

/// A request head that passed.
struct CheckedHead {
  std::string method;
  std::string target;  ///< origin form, or "*" with OPTIONS; an absolute form is reduced to its origin form
  Headers headers;
  Framing framing;
  bool http_1_0 = false;          ///< the client knows no chunked answers
  bool keep_alive = false;        ///< the client lets the connection stay
  bool expects_continue = false;  ///< the client waits for 100 before it sends the body
};

/// Which rule a head broke, in words for the sender's developers.
struct HeadFault {
  ProtocolFault fault = ProtocolFault::kMalformed;
  std::string detail;
};

/// `head` ends with its empty line. Borrows nothing.
[[nodiscard]] boost::system::result<CheckedHead, HeadFault> check_request_head(std::string_view head,
                                                                               const HeadLimits& limits);

}  // namespace gw::net
