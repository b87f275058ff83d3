#include "net/head_check.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace gw::net {

namespace {

using Checked = boost::system::result<CheckedHead, HeadFault>;

HeadFault malformed(std::string detail) {
  return HeadFault{ProtocolFault::kMalformed, std::move(detail)};
}

HeadFault from_fault(const Fault& why) {
  return HeadFault{why.kind == FaultKind::kTooLarge ? ProtocolFault::kHeadTooLarge : ProtocolFault::kMalformed,
                   why.detail};
}

bool is_target_char(char c) {
  return c > 0x20 && c < 0x7F && c != '#';
}

bool is_host_char(char c) {
  const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alnum || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']' || c == '~' || c == '%';
}

struct RequestLine {
  std::string_view method;
  std::string_view target;
  bool http_1_0 = false;
};

boost::system::result<RequestLine, HeadFault> read_request_line(std::string_view line, std::size_t target_limit) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return malformed("the request line must be: method, one space, target, one space, HTTP/1.1");
  }
  RequestLine out{line.substr(0, first), line.substr(first + 1, last - first - 1), false};
  const auto version = line.substr(last + 1);
  if (!is_token(out.method)) return malformed("the method of the request line is not an HTTP token");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return malformed("the request line must end with HTTP/1.1 (or HTTP/1.0), in capitals");
  }
  out.http_1_0 = version == "HTTP/1.0";
  if (out.target.size() > target_limit) {
    return HeadFault{ProtocolFault::kHeadTooLarge, "the request target has " + std::to_string(out.target.size()) +
                                                       " bytes; at most " + std::to_string(target_limit) +
                                                       " are accepted"};
  }
  if (out.target.empty() || !std::all_of(out.target.begin(), out.target.end(), is_target_char)) {
    return malformed(
        "the request target has a character that must be percent-encoded (space, control, non-ASCII or '#'), or is "
        "empty");
  }
  return out;
}

/// Exactly one Host, and its form. Returns what is wrong, or nothing.
std::optional<std::string> wrong_host(const Headers& headers, bool http_1_0) {
  const auto count = header_count(headers, "Host");
  if (count == 0 && http_1_0) return std::nullopt;
  if (count == 0) return "the Host header is missing";
  if (count > 1) return "there is more than one Host header";
  const auto host = header_value(headers, "Host");
  if (host.empty()) return "the Host header is empty";
  if (!std::all_of(host.begin(), host.end(), is_host_char)) return "the Host header is not a host name with a port";
  return std::nullopt;
}

/// The origin form of `target`. An absolute form must name the same authority as Host, or two readers could route it
/// differently.
Result<std::string> origin_form(const RequestLine& line, std::string_view host) {
  const auto target = line.target;
  if (target.front() == '/') return std::string{target};
  if (target == "*" && line.method == "OPTIONS") return std::string{target};
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (target.size() < scheme.size() || !iequals(target.substr(0, scheme.size()), scheme)) continue;
    const auto rest = target.substr(scheme.size());
    const auto end = rest.find_first_of("/?");
    if (!iequals(rest.substr(0, end), host)) {
      return fault(FaultKind::kMalformed, "the authority in the request target is not the one in the Host header");
    }
    if (end == std::string_view::npos) return std::string{"/"};
    return rest[end] == '?' ? "/" + std::string{rest.substr(end)} : std::string{rest.substr(end)};
  }
  return fault(FaultKind::kMalformed, "the request target must be a path that begins with a slash");
}

/// A Connection header that names one of these would have it taken off on the way to the recipient, after we checked
/// it.
constexpr auto kEndToEnd = std::to_array<std::string_view>({"Accept", "Authorization", "Content-Encoding",
                                                            "Content-Type", "Host", "If-None-Exist", "Prefer",
                                                            "Ssp-From", "Ssp-InteractionID", "Ssp-To", "Ssp-TraceID"});

/// Headers that would change what the connection is, or that announce what is not accepted.
std::optional<std::string> refused_header(const Headers& headers) {
  if (header_count(headers, "Upgrade") > 0) return "the Upgrade header is not accepted; this server speaks HTTP/1.1";
  if (header_count(headers, "TE") > 0) return "the TE header is not accepted, as trailers are not";
  for (const auto& header : headers) {
    if (!iequals(header.name, "Connection")) continue;
    for (const std::string_view name : kEndToEnd) {
      if (list_has(header.value, name)) {
        return "the Connection header names " + std::string{name} + ", which is for the recipient too (RFC 7230 6.1)";
      }
    }
  }
  return std::nullopt;
}

/// Whether any Connection header lists `option`.
bool connection_has(const Headers& headers, std::string_view option) {
  return std::any_of(headers.begin(), headers.end(), [option](const Header& header) {
    return iequals(header.name, "Connection") && list_has(header.value, option);
  });
}

}  // namespace

Checked check_request_head(std::string_view head, const HeadLimits& limits) {
  auto rest = head;
  const auto line = read_request_line(take_line(rest), limits.target_bytes);
  if (!line) return line.error();
  if (line->method == "CONNECT") return malformed("the method CONNECT is not accepted");

  CheckedHead out;
  auto headers = read_header_lines(rest, 2, limits.header_count);
  if (!headers) return from_fault(headers.error());
  out.headers = std::move(*headers);
  if (auto wrong = wrong_host(out.headers, line->http_1_0)) return malformed(std::move(*wrong));
  if (auto refused = refused_header(out.headers)) return malformed(std::move(*refused));
  auto target = origin_form(*line, header_value(out.headers, "Host"));
  if (!target) return from_fault(target.error());
  const auto framing = read_framing(out.headers, line->http_1_0);
  if (!framing) return from_fault(framing.error());
  if (line->http_1_0 && framing->content_length.value_or(0) > 0) {
    return malformed("a body is accepted in HTTP/1.1 requests only");
  }
  if (const auto expectations = header_count(out.headers, "Expect"); expectations > 0 && !line->http_1_0) {
    if (expectations > 1 || !iequals(header_value(out.headers, "Expect"), "100-continue")) {
      return malformed("the only expectation that can be met is \"Expect: 100-continue\"");
    }
    out.expects_continue = true;
  }
  out.method = line->method;
  out.target = std::move(*target);
  out.framing = *framing;
  out.http_1_0 = line->http_1_0;
  out.keep_alive = !line->http_1_0 && !connection_has(out.headers, "close");
  return out;
}

}  // namespace gw::net
