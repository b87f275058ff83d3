#include "net/head_syntax.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.hpp"

namespace gw::net {

namespace {

/// One entry for each byte: most of a head's bytes pass through these two.
using CharSet = std::array<bool, 256>;

constexpr CharSet kTokenChars = [] {
  CharSet set{};
  for (const char c :
       std::string_view{"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}) {
    set[static_cast<unsigned char>(c)] = true;
  }
  return set;
}();

/// Of a header's value: anything but control characters, of which the tab may stand.
constexpr CharSet kValueChars = [] {
  CharSet set{};
  for (std::size_t byte = 0; byte < set.size(); ++byte) set[byte] = byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  return set;
}();

bool all_in(const CharSet& set, std::string_view text) {
  return std::all_of(text.begin(), text.end(), [&set](char c) { return set[static_cast<unsigned char>(c)]; });
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

Fault malformed(std::string detail) {
  return fault(FaultKind::kMalformed, std::move(detail));
}

std::string line_name(std::size_t number) {
  return "line " + std::to_string(number) + " of the head";
}

Result<Header> read_header_line(std::string_view line, std::size_t number) {
  if (is_blank(line.front())) {
    return malformed(line_name(number) + " begins with white space; folded headers are not accepted");
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed(line_name(number) + " has no colon");
  const auto name = line.substr(0, colon);
  if (name.empty()) return malformed(line_name(number) + " has no header name before its colon");
  if (is_blank(name.back())) return malformed(line_name(number) + " has white space before its colon");
  if (!is_token(name))
    return malformed(line_name(number) + " has a character in its header name that no name may have");
  const auto value = trimmed(line.substr(colon + 1));
  if (!all_in(kValueChars, value)) {
    return malformed(line_name(number) + " has a control character in its value (only horizontal tab is allowed)");
  }
  return Header{std::string{name}, std::string{value}};
}

Result<std::uint64_t> read_length(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return malformed("Content-Length must be one number in decimal digits");
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
      return malformed("Content-Length is larger than any body can be");
    }
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t from) {
  for (auto at = bytes.find('\n', from); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return {HeadScan::State::kBareLineFeed, 0, at};
    if (at >= 3 && bytes[at - 2] == '\n') return {HeadScan::State::kComplete, at + 1, at + 1};
  }
  return {HeadScan::State::kIncomplete, 0, bytes.size()};
}

bool is_token(std::string_view text) {
  return !text.empty() && all_in(kTokenChars, text);
}

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  return line;
}

Result<Headers> read_header_lines(std::string_view lines, std::size_t first_line, std::size_t max_count) {
  constexpr std::size_t kUsualCount = 16;
  Headers headers;
  headers.reserve(kUsualCount);
  for (auto number = first_line; !lines.empty(); ++number) {
    const auto line = take_line(lines);
    if (line.empty()) break;
    if (headers.size() == max_count) {
      return fault(FaultKind::kTooLarge, "the head has more than " + std::to_string(max_count) + " headers");
    }
    auto header = read_header_line(line, number);
    if (!header) return header.error();
    headers.push_back(std::move(*header));
  }
  return headers;
}

Result<Framing> read_framing(const Headers& headers, bool http_1_0) {
  const auto lengths = header_count(headers, "Content-Length");
  const auto codings = header_count(headers, "Transfer-Encoding");
  if (lengths > 0 && codings > 0) {
    return malformed(
        "the head has both Content-Length and Transfer-Encoding; exactly one may say how long the body is");
  }
  if (lengths > 1) return malformed("the head has more than one Content-Length");
  if (codings > 1) return malformed("the head has more than one Transfer-Encoding");
  Framing framing;
  if (codings == 1) {
    if (http_1_0) return malformed("Transfer-Encoding is not known in HTTP/1.0");
    if (!iequals(header_value(headers, "Transfer-Encoding"), "chunked")) {
      return malformed("Transfer-Encoding must be exactly \"chunked\"; no other transfer coding is accepted");
    }
    framing.chunked = true;
  }
  if (lengths == 1) {
    const auto length = read_length(header_value(headers, "Content-Length"));
    if (!length) return length.error();
    framing.content_length = *length;
  }
  if (header_count(headers, "Trailer") > 0) return malformed("the head announces trailers, which are not accepted");
  return framing;
}

}  // namespace gw::net
