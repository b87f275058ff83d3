#include "directory/forms.hpp"

#include <algorithm>
#include <charconv>

namespace gw::directory {

namespace {

constexpr std::size_t kAsidDigits = 12;
constexpr std::size_t kOdsLength = 20;
constexpr std::size_t kFqdnLength = 253;
constexpr std::size_t kLabelLength = 63;
constexpr unsigned kLastPort = 65'535;
constexpr std::string_view kScheme = "https://";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && stop == end && port > 0 && port <= kLastPort;
}

}  // namespace

bool is_ods_code(std::string_view text) {
  return !text.empty() && text.size() <= kOdsLength &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

bool is_asid(std::string_view text) {
  return text.size() == kAsidDigits && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_ip_address(std::string_view text) {
  const auto last = text.substr(text.rfind('.') + 1);
  return !last.empty() && (last.starts_with("0x") || std::all_of(last.begin(), last.end(), is_digit));
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > kFqdnLength || is_ip_address(text)) return false;
  char before = '.';
  std::size_t label = 0;
  for (const char c : text) {
    label = c == '.' ? 0 : label + 1;
    if (label > kLabelLength) return false;
    const bool alnum = is_digit(c) || (c >= 'a' && c <= 'z');
    if (!alnum && c != '-' && c != '.') return false;
    if (!alnum && before == '.') return false;
    if (c == '.' && before == '-') return false;
    before = c;
  }
  return before != '.' && before != '-';
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string_view fault_of_endpoint(std::string_view url) {
  if (!url.starts_with(kScheme)) return "must begin with https://";
  if (url.ends_with('/')) return "must not end with a slash";
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= 0x20 || c >= 0x7F || c == '\\' || c == '"'; }))
    return "has a space or a character that URLs cannot hold";
  if (url.find_first_of("?#") != std::string_view::npos) return "must have neither query nor fragment";
  const auto authority = url.substr(kScheme.size(), url.find('/', kScheme.size()) - kScheme.size());
  if (authority.find('@') != std::string_view::npos) return "must not name a user";
  const auto colon = authority.find(':');
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1)))
    return "has no good port after its host";
  if (is_ip_address(lower_case(authority.substr(0, colon))))
    return "names an IP address, to which nothing is ever delivered: the certificate there is checked against a host "
           "name ([hosts] in the configuration gives a host its address)";
  if (!is_host_name(lower_case(authority.substr(0, colon)))) return "has no good host name";
  const auto path = url.substr(kScheme.size() + authority.size());
  if (path.find('%') != std::string_view::npos || path.find("//") != std::string_view::npos ||
      path.find("/.") != std::string_view::npos)
    return "has an encoded character, an empty segment or a dot segment in its path";
  return {};
}

std::string host_of_endpoint(std::string_view url) {
  url.remove_prefix(kScheme.size());
  return lower_case(url.substr(0, url.find_first_of(":/")));
}

}  // namespace gw::directory
