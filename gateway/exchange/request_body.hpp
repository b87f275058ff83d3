// Reads a request's body whole, and takes its gzip off (ANS-06).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/http.hpp"
#include "exchange/parts.hpp"
#include "fhir/issue.hpp"
#include "net/handler.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

struct RequestBody {
  std::string plain;       ///< the resource
  std::string as_it_came;  ///< the gzip bytes, where it came so; else empty
};

/// Errors: 415 for another coding; 400 for a body that is too large, late, broken off or no gzip.
asio::awaitable<fhir::Checked<RequestBody>> read_body(const RequestHead& head, net::BodyReader& body,
                                                      const Settings& settings);

}  // namespace gw::exchange
