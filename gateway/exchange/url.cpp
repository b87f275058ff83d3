#include "exchange/url.hpp"

#include <algorithm>
#include <array>

#include "base/http.hpp"
#include "base/text.hpp"

namespace gw::exchange {

namespace {

using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;

constexpr std::string_view kProxiedPrefix = "/https://";
constexpr std::string_view kFhirVersion = "DSTU2";
constexpr std::string_view kRightForm =
    "a request goes to /[ODS code]/DSTU2/[major version]/Order, for example /B82001/DSTU2/1/Order, or, through a "
    "proxy, "
    "to /https://[provider]/[ODS code]/DSTU2/[major version]/Order";

fhir::Refusal not_found(std::string diagnostics) {
  return fhir::refuse(404, Issue{.type = IssueType::kNotFound,
                                 .code = ErrorCode::kNoRecordFound,
                                 .diagnostics = std::move(diagnostics),
                                 .location = "http.target",
                                 .rule = "SSP-05"});
}

fhir::Refusal malformed(std::string diagnostics) {
  return fhir::refuse(400, Issue{.diagnostics = std::move(diagnostics), .location = "http.target", .rule = "SSP-05"});
}

/// Gives the next path segment and moves past its slash.
std::string_view take_segment(std::string_view& path) {
  const auto slash = path.find('/');
  const auto segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return segment;
}

bool is_logical_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool is_dot_segment(std::string_view segment) {
  return segment == "." || segment == "..";
}

/// What no path here needs: escapes, controls, spaces, bytes beyond ASCII.
bool is_foreign(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '%' || byte <= 0x20 || byte >= 0x7f;
}

/// Empty and dot segments: refused before anything is made of the path, since the recipient might resolve them.
std::optional<fhir::Refusal> check_segments(std::string_view path) {
  if (path.starts_with('/') || path.ends_with('/') || path.find("//") != std::string_view::npos) {
    return malformed("the path has an empty part (a doubled or trailing slash); " + std::string{kRightForm});
  }
  while (!path.empty()) {
    if (is_dot_segment(take_segment(path))) {
      return malformed("the path holds a dot segment; " + std::string{kRightForm});
    }
  }
  return std::nullopt;
}

/// Whether `segment` is a resource of ours but for its case.
bool is_miscased(std::string_view segment) {
  constexpr std::array<std::string_view, 4> names{"Order", "metadata", "Patient", "Organization"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return segment != name && iequals(segment, name); });
}

fhir::Refusal miscased(std::string_view segment) {
  return not_found("'" + std::string{segment} + "' is no resource type: case matters; " + std::string{kRightForm});
}

bool names_a_resource(std::string_view segment) {
  return segment == "metadata" || (!segment.empty() && segment.front() >= 'A' && segment.front() <= 'Z');
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// What stands after the resource type: an id, a version of it, an operation, or a type in the id's compartment.
std::optional<fhir::Refusal> read_below(std::string_view path, Url& url) {
  auto segment = take_segment(path);
  if (!segment.starts_with('$')) {
    url.id = segment;
    if (!url.id.empty() && !is_logical_id(url.id)) {
      return not_found("'" + std::string{url.id.substr(0, 64)} +
                       "' is no logical id (letters, digits, '-' and '.', at most 64)");
    }
    segment = take_segment(path);
  }
  if (segment == "_history") {
    url.version = take_segment(path);
    if (!is_logical_id(url.version) || !path.empty()) return not_found("_history needs one version id after it");
  } else if (segment.empty() || segment.starts_with('$') || names_a_resource(segment)) {
    url.below = segment;
    if (!path.empty()) return not_found("nothing is offered below '" + std::string{segment.substr(0, 64)} + "'");
  } else {
    return not_found("below an id there is only _history/[version], an operation or a resource type");
  }
  return std::nullopt;
}

}  // namespace

fhir::Checked<Url> parse_url(std::string_view target) {
  Url url;
  const auto question = target.find('?');
  auto path = target.substr(0, question);
  if (question != std::string_view::npos) url.query = target.substr(question + 1);
  if (std::any_of(path.begin(), path.end(), is_foreign)) {
    return malformed("the path holds percent-encoded or special characters; none of its parts needs any");
  }
  if (path.empty() || path.front() != '/') return not_found("the target is not a path; " + std::string{kRightForm});

  url.proxied = path.starts_with(kProxiedPrefix);
  const char* const base_begin = path.data() + (url.proxied ? 1 : 0);
  path.remove_prefix(url.proxied ? kProxiedPrefix.size() : 1);
  if (path.starts_with('/') && url.proxied) return malformed("the provider's host is missing after https://");
  if (const auto fault = check_segments(path)) return *fault;
  if (url.proxied) take_segment(path);  // the host: only a registered endpoint will match it
  url.ods = take_segment(path);
  const auto fhir_version = take_segment(path);
  const auto major = take_segment(path);
  if (url.ods.empty() || fhir_version != kFhirVersion || major.empty() ||
      !std::all_of(major.begin(), major.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return not_found("the path names no FHIR service here; " + std::string{kRightForm});
  }
  const char* base_end = major.data() + major.size();
  auto segment = take_segment(path);
  if (!segment.empty() && !names_a_resource(segment)) {
    if (is_miscased(segment)) return miscased(segment);
    base_end = segment.data() + segment.size();
    segment = take_segment(path);
  }
  url.base = std::string_view{base_begin, static_cast<std::size_t>(base_end - base_begin)};
  url.resource = segment;
  if (is_miscased(segment)) return miscased(segment);
  if (!segment.empty() && !names_a_resource(segment)) {
    return not_found("'" + std::string{segment.substr(0, 64)} + "' is no resource type; " + std::string{kRightForm});
  }
  if (auto fault = read_below(path, url)) return std::move(*fault);
  return url;
}

std::string_view service_of(std::string_view base) {
  const auto at = base.rfind("/DSTU2/");
  if (at == std::string_view::npos) return {};
  if (base.ends_with('/')) base.remove_suffix(1);
  return base.substr(at);
}

bool is_service_of(const Url& url, std::string_view endpoint) {
  const auto registered = service_of(endpoint);
  return registered.empty() || registered == service_of(url.base);
}

fhir::Checked<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const auto pair = query.substr(0, ampersand);
    query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals));
    auto value = percent_decode(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    if (!name || !value) return malformed("the query holds a broken percent-encoding");
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

}  // namespace gw::exchange
