#include "console/html.hpp"

#include "fhir/escape.hpp"

namespace gw::console {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// One ASCII character, escaped.
void append(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\'':
      out += "&#39;";
      return;
    default:
      break;
  }
  constexpr char last_control = 0x1F;
  constexpr char del = 0x7F;
  const bool control = (c >= 0 && c <= last_control && c != '\t' && c != '\n') || c == del;
  if (control) {
    out += kReplacement;
  } else {
    out += c;
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const auto length = fhir::utf8_length(text);
    if (length == 1) {
      append(out, text.front());
    } else if (length == 0) {
      out += kReplacement;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace gw::console
