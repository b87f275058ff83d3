#include "net/request_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/head_syntax.hpp"

namespace gw::net {

bool is_well_formed(const WireRequest& request) {
  const auto breaks = [](std::string_view text) { return has_any_of(text, std::string_view{"\r\n\0", 3}); };
  if (!is_token(request.method) || request.target.empty()) return false;
  if (breaks(request.target) || request.target.find(' ') != std::string::npos) return false;
  const auto is_framing = [](std::string_view name) {
    return iequals(name, "Host") || iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding");
  };
  return std::all_of(request.headers.begin(), request.headers.end(), [&](const Header& header) {
    return is_token(header.name) && !is_framing(header.name) && !breaks(header.value);
  });
}

std::string request_head(const WireRequest& request, std::string_view authority, std::optional<std::uint64_t> length) {
  std::string out;
  out.reserve(512 + request.body.size());
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ").append(authority);
  out += "\r\n";
  for (const auto& header : request.headers) {
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!length) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (*length > 0 || request.method == "POST" || request.method == "PUT") {
    out.append("Content-Length: ").append(std::to_string(*length)).append("\r\n");
  }
  out += "\r\n";
  return out;
}

}  // namespace gw::net
