#include "console/narrative.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "fhir/expat_parser.hpp"
#include "fhir/html_entities.hpp"

namespace gw::console {

namespace {

using Tags = std::pair<Markup, Markup>;

/// The elements that are kept; their tags are ours. Headings are only made bold, so that they do not break the page's
/// own outline; of all other elements the content alone is shown.
constexpr auto kKept = std::to_array<std::pair<std::string_view, Tags>>({
    {"b", {"<strong>"_m, "</strong>"_m}},
    {"blockquote", {"<blockquote>"_m, "</blockquote>"_m}},
    {"br", {"<br>"_m, ""_m}},
    {"dd", {"<dd>"_m, "</dd>"_m}},
    {"div", {"<div>"_m, "</div>"_m}},
    {"dl", {"<dl>"_m, "</dl>"_m}},
    {"dt", {"<dt>"_m, "</dt>"_m}},
    {"em", {"<em>"_m, "</em>"_m}},
    {"h1", {"<p><strong>"_m, "</strong></p>"_m}},
    {"h2", {"<p><strong>"_m, "</strong></p>"_m}},
    {"h3", {"<p><strong>"_m, "</strong></p>"_m}},
    {"h4", {"<p><strong>"_m, "</strong></p>"_m}},
    {"h5", {"<p><strong>"_m, "</strong></p>"_m}},
    {"h6", {"<p><strong>"_m, "</strong></p>"_m}},
    {"i", {"<em>"_m, "</em>"_m}},
    {"li", {"<li>"_m, "</li>"_m}},
    {"ol", {"<ol>"_m, "</ol>"_m}},
    {"p", {"<p>"_m, "</p>"_m}},
    {"pre", {"<pre>"_m, "</pre>"_m}},
    {"strong", {"<strong>"_m, "</strong>"_m}},
    {"sub", {"<sub>"_m, "</sub>"_m}},
    {"sup", {"<sup>"_m, "</sup>"_m}},
    {"table", {"<table>"_m, "</table>"_m}},
    {"tbody", {"<tbody>"_m, "</tbody>"_m}},
    {"td", {"<td>"_m, "</td>"_m}},
    {"th", {"<th>"_m, "</th>"_m}},
    {"thead", {"<thead>"_m, "</thead>"_m}},
    {"tr", {"<tr>"_m, "</tr>"_m}},
    {"ul", {"<ul>"_m, "</ul>"_m}},
});

const Tags* kept(std::string_view name) {
  const auto* const found =
      std::find_if(kKept.begin(), kKept.end(), [&](const auto& each) { return each.first == name; });
  return found == kKept.end() ? nullptr : &found->second;
}

bool ends_line(std::string_view element) {
  constexpr auto lines = std::to_array<std::string_view>(
      {"br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre", "tr"});
  return std::find(lines.begin(), lines.end(), element) != lines.end();
}

class Reader {
 public:
  Reader() : parser_(this) {
    XML_SetElementHandler(parser_.get(), &on_start, &on_end);
    XML_SetCharacterDataHandler(parser_.get(), &on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &on_doctype);
  }

  Narrative read(std::string_view div) {
    // XHTML's own entities are told to the parser by nothing but a DOCTYPE, which is never read: resolved before.
    const auto markup = fhir::without_html_entities(div);
    if (!fhir::unbounded_namespaces(markup)) parser_.parse(markup);
    for (; !open_.empty(); open_.pop_back()) shown_.html << open_.back()->second;
    return std::move(shown_);
  }

 private:
  static Reader& self(void* user) { return *static_cast<Reader*>(user); }
  static void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
    const auto element = fhir::split_name(name).local;
    if (element == "img") self(user).image(attributes);
    const auto* const tags = kept(element);
    if (tags == nullptr) return;
    self(user).shown_.html << tags->first;
    self(user).open_.push_back(tags);
  }
  static void on_end(void* user, const XML_Char* name) {
    const auto element = fhir::split_name(name).local;
    if (ends_line(element)) self(user).shown_.text += '\n';
    const auto* const tags = kept(element);
    if (tags == nullptr || self(user).open_.empty()) return;
    self(user).shown_.html << tags->second;
    self(user).open_.pop_back();
  }
  static void on_text(void* user, const XML_Char* text, int length) {
    self(user).words({text, static_cast<std::size_t>(length)});
  }
  static void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    XML_StopParser(self(user).parser_.get(), XML_FALSE);
  }

  /// The reader must know that there was one.
  void image(const XML_Char** attributes) {
    words("[image not shown");
    for (const auto** at = attributes; *at != nullptr; at += 2) {
      if (std::string_view{at[0]} != "alt") continue;
      words(": ");
      words(at[1]);
    }
    words("]");
  }
  void words(std::string_view text) {
    shown_.html << text;
    shown_.text += text;
  }

  Narrative shown_;
  std::vector<const Tags*> open_;
  fhir::ExpatParser parser_;
};

}  // namespace

Narrative narrative_of(std::string_view div) {
  return Reader{}.read(div);
}

}  // namespace gw::console
