// The lists, sorted, and the checks of addresses and styles.
#include "fhir/xhtml_lists.hpp"

#include <algorithm>
#include <array>

#include "fhir/escape.hpp"

namespace gw::fhir {
namespace {

constexpr auto kElements = std::to_array<std::string_view>({
    "a",   "abbr", "acronym", "b",     "big", "blockquote", "br",  "caption", "cite", "code",  "col",  "colgroup",
    "dd",  "dfn",  "div",     "dl",    "dt",  "em",         "h1",  "h2",      "h3",   "h4",    "h5",   "h6",
    "hr",  "i",    "img",     "li",    "ol",  "p",          "pre", "q",       "samp", "small", "span", "strong",
    "sub", "sup",  "table",   "tbody", "td",  "tfoot",      "th",  "thead",   "tr",   "tt",    "ul",   "var",
});

constexpr auto kAttributes = std::to_array<std::string_view>({
    "abbr",        "accesskey",  "align",  "alt",     "axis",     "bgcolor", "border",   "cellhalign", "cellpadding",
    "cellspacing", "cellvalign", "char",   "charoff", "charset",  "cite",    "class",    "colspan",    "compact",
    "coords",      "dir",        "frame",  "headers", "height",   "href",    "hreflang", "hspace",     "id",
    "lang",        "longdesc",   "name",   "nowrap",  "rel",      "rev",     "rowspan",  "rules",      "scope",
    "shape",       "span",       "src",    "start",   "style",    "summary", "tabindex", "title",      "type",
    "valign",      "value",      "vspace", "width",   "xml:lang",
});

constexpr auto kInline = std::to_array<std::string_view>({
    "a", "abbr", "acronym", "b",    "big",    "cite", "code", "dfn", "em",  "i",
    "q", "samp", "small",   "span", "strong", "sub",  "sup",  "tt",  "var",
});

/// What makes a style load something, run something, or hide from this check.
constexpr auto kUnsafeInStyle = std::to_array<std::string_view>({
    "url(",
    "src(",
    "image(",
    "image-set(",
    "cross-fade(",
    "expression(",
    "@import",
    "behavior",
    "-moz-binding",
    "javascript:",
    "\\",
    "/*",
    "<",
});

static_assert(std::is_sorted(kElements.begin(), kElements.end()));
static_assert(std::is_sorted(kAttributes.begin(), kAttributes.end()));
static_assert(std::is_sorted(kInline.begin(), kInline.end()));

template <std::size_t N>
bool has(const std::array<std::string_view, N>& sorted, std::string_view wanted) {
  return std::binary_search(sorted.begin(), sorted.end(), wanted);
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool safe_link(const std::string& address) {
  return address.starts_with('#') || address.starts_with("http://") || address.starts_with("https://") ||
         address.starts_with("mailto:") || address.starts_with("tel:");
}

bool safe_image(const std::string& address) {
  if (address.size() > 1 && address.starts_with('#')) return true;
  return address.starts_with("data:image/") && !address.starts_with("data:image/svg");
}

}  // namespace

bool narrative_allows_element(std::string_view element) {
  return has(kElements, element);
}

bool narrative_allows_attribute(std::string_view element, std::string_view attribute) {
  if (attribute == "href") return element == "a";
  if (attribute == "src" || attribute == "longdesc") return element == "img";
  return has(kAttributes, attribute);
}

bool is_inline(std::string_view element) {
  return has(kInline, element);
}

std::optional<std::string> unsafe_value(std::string_view attribute, std::string_view value) {
  if (attribute == "href" || attribute == "cite" || attribute == "longdesc") {
    if (safe_link(lower(value))) return std::nullopt;
    return "may only begin with 'http:', 'https:', 'mailto:', 'tel:' or '#', and is " + quoted(value);
  }
  if (attribute == "src") {
    if (safe_image(lower(value))) return std::nullopt;
    return "may only be '#id' of a contained image or 'data:image/...' (not SVG), because no image is loaded from "
           "elsewhere, and is " +
           quoted(value);
  }
  if (attribute == "style") {
    const std::string style = lower(value);
    for (const std::string_view unsafe : kUnsafeInStyle) {
      if (style.find(unsafe) != std::string::npos) return "must not contain " + quoted(unsafe);
    }
  }
  return std::nullopt;
}

}  // namespace gw::fhir
