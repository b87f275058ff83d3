// HTML that cannot be injected into: markup comes from literals of the program alone, everything else is text and is
// escaped. Pure.
//
//   Html html;
//   html << "<td class=\"app-name\">"_m << patient.family_name << "</td>"_m;
//
// Not chosen: a template engine, which would need its own language, files and escaping rules to be got right; here the
// compiler tells markup from text.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace gw::console {

/// Markup that was written in the program. Only a literal can become one.
class Markup {
 public:
  consteval explicit Markup(std::string_view text) : text_(text) {}
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

consteval Markup operator""_m(const char* text, std::size_t size) {
  return Markup{std::string_view{text, size}};
}

/// `text` as it may stand between tags and in quoted attributes. Bytes that are not UTF-8, and control characters other
/// than tab and line feed, become U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

/// A piece of a page.
class Html {
 public:
  Html& operator<<(Markup markup) {
    text_ += markup.text();
    return *this;
  }
  Html& operator<<(std::string_view text) {
    text_ += escaped(text);
    return *this;
  }
  Html& operator<<(const Html& piece) {
    text_ += piece.text_;
    return *this;
  }
  template <std::integral Number>
  requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) Html& operator<<(Number number) {
    text_ += std::to_string(number);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace gw::console
