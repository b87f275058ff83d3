#include "rules/primitives.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/time.hpp"

namespace gw::rules {
namespace {

constexpr std::size_t kTextLimitBytes = std::size_t{1024} * 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Zero, or digits that do not begin with zero.
bool is_natural(std::string_view text) {
  return all_digits(text) && (text.size() == 1 || text.front() != '0');
}

/// A whole number of 32 bits from `least` up. Lengths are bounded before the number is read.
bool is_whole(std::string_view text, std::int64_t least) {
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '-') digits.remove_prefix(1);
  if (!is_natural(digits) || digits.size() > 10 || text == "-0") return false;
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number >= least && number <= INT32_MAX;
}

bool is_decimal(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return is_natural(text);
  return is_natural(text.substr(0, dot)) && all_digits(text.substr(dot + 1));
}

/// Something besides white space, no control characters, at most 1 MB.
bool is_text(std::string_view text) {
  if (text.size() > kTextLimitBytes) return false;
  bool visible = false;
  for (const char c : text) {
    if (is_space(c)) continue;
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    visible = true;
  }
  return visible;
}

/// No white space at either end, and never two together.
bool is_code(std::string_view text) {
  if (!is_text(text) || is_space(text.front()) || is_space(text.back())) return false;
  return std::adjacent_find(text.begin(), text.end(), [](char a, char b) { return is_space(a) && is_space(b); }) ==
         text.end();
}

bool is_uri(std::string_view text) {
  return !text.empty() && text.size() <= kTextLimitBytes && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
}

bool is_oid(std::string_view text) {
  constexpr std::string_view kPrefix = "urn:oid:";
  if (!text.starts_with(kPrefix)) return false;
  text.remove_prefix(kPrefix.size());
  if (text.empty() || text.front() > '2') return false;
  std::size_t arcs = 0;
  for (;; ++arcs) {
    const auto dot = text.find('.');
    if (!is_natural(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return arcs > 0;
}

bool is_base64(std::string_view text) {
  std::size_t letters = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (is_space(c)) continue;
    if (c == '=') {
      ++padding;
    } else if (padding == 0 && (is_letter(c) || is_digit(c) || c == '+' || c == '/')) {
      ++letters;
    } else {
      return false;
    }
  }
  return letters > 0 && padding <= 2 && (letters + padding) % 4 == 0;
}

bool is_date(std::string_view text) {
  const auto parsed = parse_fhir_datetime(text);
  return parsed && parsed->precision != DateTime::Precision::kInstant;
}

bool is_instant(std::string_view text) {
  const auto parsed = parse_fhir_datetime(text);
  return parsed && parsed->precision == DateTime::Precision::kInstant;
}

bool is_time(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
  const auto two = [&](std::size_t at) {
    return is_digit(text[at]) && is_digit(text[at + 1]) ? (text[at] - '0') * 10 + (text[at + 1] - '0') : 99;
  };
  if (two(0) > 23 || two(3) > 59 || two(6) > 59) return false;
  return text.size() == 8 || (text[8] == '.' && all_digits(text.substr(9)));
}

/// Parts of letters and digits, each at most eight long, joined by hyphens; the first of letters.
bool is_language_tag(std::string_view text) {
  bool first = true;
  for (;;) {
    const auto hyphen = text.find('-');
    const auto part = text.substr(0, hyphen);
    if (part.empty() || part.size() > 8) return false;
    if (!std::all_of(part.begin(), part.end(), [&](char c) { return is_letter(c) || (!first && is_digit(c)); }))
      return false;
    if (hyphen == std::string_view::npos) return true;
    text.remove_prefix(hyphen + 1);
    first = false;
  }
}

bool is_media_type(std::string_view text) {
  const auto is_name = [](std::string_view name) {
    constexpr std::string_view kMarks = "!#$&-^_.+";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
      return is_letter(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
    });
  };
  const auto bare = text.substr(0, text.find(';'));
  const auto slash = bare.find('/');
  return slash != std::string_view::npos && is_name(bare.substr(0, slash)) && is_name(bare.substr(slash + 1));
}

}  // namespace

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.';
  });
}

bool fits(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::kBoolean:
      return text == "true" || text == "false";
    case Kind::kInteger:
      return is_whole(text, INT32_MIN);
    case Kind::kUnsignedInt:
      return is_whole(text, 0);
    case Kind::kPositiveInt:
      return is_whole(text, 1);
    case Kind::kDecimal:
      return is_decimal(text);
    case Kind::kString:
    case Kind::kMarkdown:
      return is_text(text);
    case Kind::kCode:
      return is_code(text);
    case Kind::kId:
      return is_id(text);
    case Kind::kUri:
      return is_uri(text);
    case Kind::kOid:
      return is_oid(text);
    case Kind::kBase64Binary:
      return is_base64(text);
    case Kind::kInstant:
      return is_instant(text);
    case Kind::kDate:
      return is_date(text);
    case Kind::kDateTime:
      return parse_fhir_datetime(text).has_value();
    case Kind::kTime:
      return is_time(text);
    case Kind::kComplex:
    case Kind::kReference:
    case Kind::kResource:
    case Kind::kXhtml:
      break;
  }
  return false;
}

bool fits(Grammar grammar, std::string_view text) {
  switch (grammar) {
    case Grammar::kLanguageTag:
      return is_language_tag(text);
    case Grammar::kMediaType:
      return is_media_type(text);
    case Grammar::kCodes:
      break;
  }
  return false;
}

std::string_view form_of(Kind kind) {
  switch (kind) {
    case Kind::kBoolean:
      return "it is true or false";
    case Kind::kInteger:
      return "it is a whole number of 32 bits, such as -3 or 12";
    case Kind::kUnsignedInt:
      return "it is a whole number, 0 or more";
    case Kind::kPositiveInt:
      return "it is a whole number, 1 or more";
    case Kind::kDecimal:
      return "it is a decimal number such as 1.50, without an exponent";
    case Kind::kString:
    case Kind::kMarkdown:
      return "it is text of at most 1 MB, with something besides white space and without control characters";
    case Kind::kCode:
      return "it is a code: text without white space around it, and single spaces inside at most";
    case Kind::kId:
      return "it is an id: 1 to 64 letters, digits, hyphens and dots";
    case Kind::kUri:
      return "it is a URI, without white space";
    case Kind::kOid:
      return "it is an OID such as urn:oid:1.2.3";
    case Kind::kBase64Binary:
      return "it is base64, with its padding";
    case Kind::kInstant:
      return "it is a moment with seconds and zone, such as 2026-01-31T09:30:00Z";
    case Kind::kDate:
      return "it is a date that exists: YYYY, YYYY-MM or YYYY-MM-DD";
    case Kind::kDateTime:
      return "it is a date that exists (YYYY, YYYY-MM or YYYY-MM-DD) or a moment with seconds and zone, such as "
             "2026-01-31T09:30:00Z";
    case Kind::kTime:
      return "it is a time of day, hh:mm:ss";
    case Kind::kComplex:
    case Kind::kReference:
    case Kind::kResource:
    case Kind::kXhtml:
      break;
  }
  return {};
}

fhir::ValueKind json_kind_of(Kind kind) {
  switch (kind) {
    case Kind::kBoolean:
      return fhir::ValueKind::kBoolean;
    case Kind::kInteger:
    case Kind::kUnsignedInt:
    case Kind::kPositiveInt:
    case Kind::kDecimal:
      return fhir::ValueKind::kNumber;
    case Kind::kComplex:
    case Kind::kReference:
    case Kind::kResource:
      return fhir::ValueKind::kNone;
    default:
      return fhir::ValueKind::kString;
  }
}

}  // namespace gw::rules
