// Strict on purpose: an endpoint URL comes from a directory file or from LDAP, and decides where patient data goes.
// One spelling for one place: what could be read in two ways is refused, not mended (SSP-05). No I/O in here.
#include "delivery/route.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace gw::delivery {

namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::size_t kUrlBytes = 2048;
constexpr std::size_t kHostBytes = 253;
constexpr std::size_t kLabelBytes = 63;
constexpr std::uint16_t kHttpsPort = 443;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// What could be a secret (user information, a query) is left out of the fault.
Fault refuse(std::string_view endpoint, std::string_view why) {
  std::string text = "endpoint '";
  endpoint = endpoint.substr(0, endpoint.find('?'));
  if (const auto at = endpoint.rfind('@'); at != std::string_view::npos) endpoint.remove_prefix(at);
  for (const char c : endpoint.substr(0, 200)) text += c > ' ' && c < '\x7F' ? c : '?';
  return fault(FaultKind::kInvalid, text.append("': ").append(why));
}

/// What is wrong with one label of a host name; empty when nothing is.
std::string_view label_fault(std::string_view label) {
  if (label.empty()) return "the host name has an empty label";
  if (label.size() > kLabelBytes) return "a label of the host name is longer than 63 characters";
  if (label.front() == '-' || label.back() == '-') return "a label of the host name begins or ends with a hyphen";
  const bool plain = std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  return plain ? std::string_view{} : "the host name may hold letters, digits, hyphens and dots only";
}

/// `host` in lower case. All forms that a resolver takes for an IPv4 address end in a number.
std::string_view host_fault(std::string_view host) {
  if (host.empty()) return "the host is empty";
  if (host.size() > kHostBytes) return "the host name is longer than 253 characters";
  std::string_view label;
  for (std::string_view rest = host;;) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (const auto why = label_fault(label); !why.empty()) return why;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  const bool number = std::ranges::all_of(label, is_digit) || label.starts_with("0x");
  return number ? "the host is an IP address; a host name is needed, which the certificate can be checked against"
                : std::string_view{};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  constexpr unsigned kLast = 65535;
  if (text.empty() || text.size() > 5 || text.front() == '0' || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  unsigned number = 0;
  for (const char c : text) number = number * 10U + static_cast<unsigned>(c - '0');
  if (number > kLast) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

bool is_path_char(char c) {
  return is_letter(to_lower(c)) || is_digit(c) || std::string_view("-._~!$&'()*+,;=:@%/").find(c) != std::string::npos;
}

/// An escape is fine unless some reader could take the decoded byte for structure.
std::string_view escape_fault(std::string_view path) {
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 3)) {
    const auto high = at + 1 < path.size() ? hex_digit(path[at + 1]) : -1;
    const auto low = at + 2 < path.size() ? hex_digit(path[at + 2]) : -1;
    if (high < 0 || low < 0) return "'%' in the path is not followed by two hexadecimal digits";
    const auto byte = static_cast<char>(high * 16 + low);
    if (static_cast<unsigned char>(byte) < 0x20 || byte == '\x7F') return "the path has an encoded control character";
    if (byte == '/' || byte == '\\') return "the path has an encoded slash";
    if (byte == '%') return "the path is encoded twice";
    if (byte == '.') return "the path has an encoded dot";
  }
  return {};
}

/// `path` begins with a slash and does not end with one.
std::string_view path_fault(std::string_view path) {
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    if (segment.empty()) return "the path has an empty segment";
    if (segment == "." || segment == "..") return "the path has a dot segment";
    rest.remove_prefix(segment.size());
  }
  return escape_fault(path);
}

bool is_local_name(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

Result<Route> route_to(std::string_view endpoint, const Hosts& hosts) {
  if (endpoint.size() > kUrlBytes) return refuse(endpoint, "longer than 2048 characters");
  if (!endpoint.starts_with(kScheme)) return refuse(endpoint, "must begin with https:// (in lower case)");
  const auto rest = endpoint.substr(kScheme.size());
  const auto authority = rest.substr(0, rest.find_first_of("/?#\\"));
  auto path = rest.substr(authority.size());
  if (authority.find('@') != std::string_view::npos) return refuse(endpoint, "user information is not allowed");
  if (authority.find('[') != std::string_view::npos) return refuse(endpoint, "the host is an IP address");
  if (path.find('#') != std::string_view::npos) return refuse(endpoint, "a fragment is not allowed");
  if (path.find('?') != std::string_view::npos) return refuse(endpoint, "a query is not allowed");
  if (!std::ranges::all_of(path, is_path_char)) {
    return refuse(endpoint, "the path has a character that a URL's path cannot have");
  }

  Route route;
  const auto colon = authority.find(':');
  route.target.host = authority.substr(0, colon);
  std::ranges::transform(route.target.host, route.target.host.begin(), to_lower);
  if (const auto why = host_fault(route.target.host); !why.empty()) return refuse(endpoint, why);

  route.target.port = kHttpsPort;
  if (colon != std::string_view::npos) {
    const auto port = parse_port(authority.substr(colon + 1));
    if (!port) return refuse(endpoint, "the port must be a number from 1 to 65535");
    route.target.port = *port;
  }

  if (path.ends_with('/')) path.remove_suffix(1);
  if (const auto why = path_fault(path); !why.empty()) return refuse(endpoint, why);
  route.base_path = path;

  const auto own = hosts.find(route.target.host + ":" + std::to_string(route.target.port));
  if (own != hosts.end()) route.target.connect_to = own->second;
  if (route.target.connect_to.empty() && is_local_name(route.target.host)) {
    return refuse(endpoint, "the host is this machine itself, and the config has no address for it");
  }
  return route;
}

}  // namespace gw::delivery
