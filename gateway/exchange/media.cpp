#include "exchange/media.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "exchange/header_values.hpp"
#include "exchange/url.hpp"

namespace gw::exchange {

namespace {

using fhir::Format;
using fhir::Issue;
using fhir::IssueType;

constexpr std::array<std::pair<std::string_view, Format>, 10> kMediaTypes{{
    {"application/json+fhir", Format::kJson},
    {"application/fhir+json", Format::kJson},
    {"application/json", Format::kJson},
    {"text/json", Format::kJson},
    {"json", Format::kJson},
    {"application/xml+fhir", Format::kXml},
    {"application/fhir+xml", Format::kXml},
    {"application/xml", Format::kXml},
    {"text/xml", Format::kXml},
    {"xml", Format::kXml},
}};

constexpr std::string_view kOffered =
    "this service speaks application/json+fhir and application/xml+fhir (also application/json, application/fhir+json, "
    "application/xml, text/xml and application/fhir+xml), in UTF-8";

fhir::Refusal unsupported(std::string diagnostics, std::string location) {
  return fhir::refuse(415, Issue{.type = IssueType::kNotSupported,
                                 .diagnostics = std::move(diagnostics) + "; " + std::string{kOffered},
                                 .location = std::move(location),
                                 .rule = "ANS-05"});
}

/// What a media range stands for; `*/*` and `application/*` give `any`.
std::optional<Format> range_format(std::string_view range, Format any) {
  const auto type = trimmed(range.substr(0, range.find(';')));
  if (type == "*/*" || iequals(type, "application/*")) return any;
  return format_of(type);
}

struct Accepted {
  bool asked = false;  ///< an Accept header is there and says something
  std::optional<Format> format;
};

Accepted best_of_accept(const RequestHead& head, Format any) {
  Accepted best;
  int best_quality = 0;
  for (const auto& header : head.headers) {
    if (!iequals(header.name, "Accept")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto range = take_until(rest, ',');
      if (range.empty()) continue;
      best.asked = true;
      const auto format = range_format(range, any);
      const int quality = quality_of(range);
      if (format && quality > best_quality) {
        best.format = format;
        best_quality = quality;
      }
    }
  }
  return best;
}

Format content_type_or_json(const RequestHead& head) {
  return format_of(header_value(head.headers, "Content-Type")).value_or(Format::kJson);
}

}  // namespace

std::optional<Format> format_of(std::string_view media_type) {
  const auto type = trimmed(media_type.substr(0, media_type.find(';')));
  const auto* const found = std::find_if(kMediaTypes.begin(), kMediaTypes.end(),
                                         [&](const auto& known) { return iequals(known.first, type); });
  if (found == kMediaTypes.end()) return std::nullopt;
  return found->second;
}

fhir::Checked<Format> body_format(const RequestHead& head, bool any_charset) {
  const auto type = header_value(head.headers, "Content-Type");
  if (header_count(head.headers, "Content-Type") != 1) {
    return unsupported("Content-Type must be present exactly once", "Content-Type");
  }
  const auto format = format_of(type);
  if (!format || type.find('/') == std::string_view::npos) {
    return unsupported("the body's Content-Type '" + std::string{type.substr(0, 64)} + "' is not supported",
                       "Content-Type");
  }
  const auto charset = parameter(type, "charset");
  if (!any_charset && !charset.empty() && !iequals(charset, "utf-8") && !iequals(charset, "utf8")) {
    return unsupported("the charset '" + std::string{charset.substr(0, 32)} + "' is not supported", "Content-Type");
  }
  return *format;
}

fhir::Checked<Format> answer_format(const RequestHead& head, std::string_view query) {
  if (query.find("_format") != std::string_view::npos) {
    auto parameters = parse_query(query);
    if (!parameters) return parameters.error();
    for (const auto& [name, value] : *parameters) {
      if (name != "_format") continue;
      // A '+' in a query is a space once decoded: application/json+fhir arrives as "application/json fhir".
      std::string wanted = value;
      std::replace(wanted.begin(), wanted.end(), ' ', '+');
      if (const auto format = format_of(wanted)) return *format;
      return unsupported("_format is '" + wanted.substr(0, 64) + "'", "_format");
    }
  }
  const auto fallback = content_type_or_json(head);
  const auto accepted = best_of_accept(head, fallback);
  if (accepted.format) return *accepted.format;
  if (accepted.asked) return unsupported("no media type in Accept is offered here", "Accept");
  return fallback;
}

Format error_format(const RequestHead& head) {
  const auto question = head.target.find('?');
  const auto format = answer_format(
      head, question == std::string::npos ? std::string_view{} : std::string_view{head.target}.substr(question + 1));
  return format ? *format : content_type_or_json(head);
}

bool prefers_minimal(const RequestHead& head) {
  for (const auto& header : head.headers) {
    if (!iequals(header.name, "Prefer")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      auto preference = take_until(rest, ',');
      const auto wanted = take_until(preference, ';');
      // Of a preference named twice the first counts (RFC 7240 section 2).
      if (iequals(wanted.substr(0, wanted.find('=')), "return")) return iequals(wanted, "return=minimal");
    }
  }
  return false;
}

}  // namespace gw::exchange
