// Requests and responses as plain values: what net makes of bytes, and what the use cases answer with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace gw {

namespace net {
class BodySource;  // net/body_source.hpp; only named here
}

struct Header {
  std::string name;   ///< casing as received
  std::string value;  ///< without surrounding white space
};

using Headers = std::vector<Header>;

/// ASCII case-insensitive equality, as header names compare.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);

/// The first value of `name`, or an empty view. Borrows from `headers`.
[[nodiscard]] std::string_view header_value(const Headers& headers, std::string_view name);
/// How many times `name` occurs.
[[nodiscard]] std::size_t header_count(const Headers& headers, std::string_view name);

/// Who is on the other end of an inbound connection, as the TLS layer proved it.
struct Peer {
  std::string address;             ///< "127.0.0.1:54321"
  std::vector<std::string> fqdns;  ///< SAN dNSNames, else the CN; lower case
  std::string fingerprint;         ///< SHA-256 of the certificate, lower-case hex
  std::string subject;             ///< RFC 2253 subject, for logs and the audit
};

/// A request line and its headers, checked for form; the body is read later, by who needs it.
struct RequestHead {
  std::string method;
  std::string target;  ///< as on the wire, path and query undecoded
  Headers headers;     ///< in order
  Peer peer;
  Instant received_at{};
};

struct Response {
  int status = 200;
  Headers headers;  ///< without framing headers (Content-Length, Connection): net writes those, and Date if it lacks
  std::string body;
  std::shared_ptr<net::BodySource> stream = nullptr;  ///< in place of `body`: read piece by piece while it is written
  bool close = false;                                 ///< close the connection after this answer
};

}  // namespace gw
