// Escaping, with a check of the encoding on the way.
#include "fhir/escape.hpp"

#include <cstdint>

namespace gw::fhir {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// U+FFFE and U+FFFF, which neither FHIR nor XML can carry.
bool is_noncharacter(std::string_view character) {
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

bool in(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
  return byte >= low && byte <= high;
}

void append_json_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<std::uint8_t>(c) < 0x20) {
    out += kReplacement;
  } else {
    out += c;
  }
}

void append_xml_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "&quot;";
      return;
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '\n':
      out += "&#xA;";
      return;
    case '\r':
      out += "&#xD;";
      return;
    case '\t':
      out += "&#x9;";
      return;
    default:
      break;
  }
  if (static_cast<std::uint8_t>(c) < 0x20) {
    out += kReplacement;
  } else {
    out += c;
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Where the next digit of a number may stand: behind at most three separators at `at`.
std::size_t after_separators(std::string_view text, std::size_t at) {
  constexpr std::size_t kMost = 3;
  for (std::size_t count = 0; count < kMost && at < text.size(); ++count) {
    if (text[at] == ' ' || text[at] == '-' || text[at] == '\t') {
      ++at;
    } else if (text.substr(at, 2) == "\xC2\xA0") {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (in(lead, 0xC2, 0xDF)) {
    length = 2;
  } else if (in(lead, 0xE0, 0xEF)) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (in(lead, 0xF0, 0xF4)) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  }
  if (length == 0 || text.size() < length || !in(byte_at(text, 1), low, high)) return 0;
  for (std::size_t at = 2; at < length; ++at) {
    if (!in(byte_at(text, at), 0x80, 0xBF)) return 0;
  }
  return length;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length);
    if (length == 1) {
      append_json_ascii(out, text.front());
    } else {
      out += length == 0 || is_noncharacter(character) ? kReplacement : character;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_xml_attribute(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length);
    if (length == 1) {
      append_xml_ascii(out, text.front());
    } else {
      out += length == 0 || is_noncharacter(character) ? kReplacement : character;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void mask_long_numbers(std::string& text) {
  constexpr std::size_t kMaskedDigits = 10;
  constexpr std::size_t kClearDigits = 3;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t digits = 0;
    std::size_t end = at;
    for (std::size_t next = at; next < text.size() && is_digit(text[next]); next = after_separators(text, end)) {
      ++digits;
      end = next + 1;
    }
    std::size_t clear = digits < kMaskedDigits ? digits : kClearDigits;
    for (; at < end; ++at) {
      if (!is_digit(text[at])) continue;
      if (clear == 0) text[at] = '*';
      if (clear > 0) --clear;
    }
  }
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  // A number that the cut would split is masked first: the text looked at is longer than the text shown.
  std::string out{text.substr(0, 2 * kLongest)};
  mask_long_numbers(out);
  if (text.size() > kLongest) {
    std::size_t cut = kLongest;
    while (cut > 0 && in(byte_at(out, cut), 0x80, 0xBF)) --cut;
    out.resize(cut);
    out += "...";
  }
  return "'" + out + "'";
}

}  // namespace gw::fhir
