#include "app/config_text.hpp"

#include <fmt/format.h>

#include <utility>

#include "fhir/escape.hpp"

namespace gw::app {

namespace {

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

/// Of one whole character beyond ASCII.
std::string escaped(std::string_view character) {
  constexpr unsigned continued_bits = 6;
  const auto lead_bits = 7 - character.size();
  unsigned long point = static_cast<unsigned char>(character.front()) & ((1UL << lead_bits) - 1);
  for (const char c : character.substr(1)) point = point << continued_bits | (static_cast<unsigned char>(c) & 0x3FU);
  return fmt::format("\\U{:08X}", point);
}

/// Reads from one string or comment to the next.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  ConfigText read() {
    while (at_ < text_.size() && made_.bad_line == 0) next();
    return std::move(made_);
  }

 private:
  void next() {
    const char c = text_[at_];
    if (c == '#') {
      comment();
    } else if (c == '"' || c == '\'') {
      string(text_.substr(at_, text_.substr(at_).starts_with(std::string(3, c)) ? 3 : 1));
    } else {
      plain();
    }
  }

  void comment() {
    for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) made_.ascii += is_ascii(text_[at_]) ? text_[at_] : '?';
  }

  /// `quotes` begin it, and end it; one of a single quote ends with its line, too.
  void string(std::string_view quotes) {
    take(quotes.size());
    const bool escapes = quotes.front() == '"';
    while (at_ < text_.size() && made_.bad_line == 0) {
      const bool ends = text_.substr(at_).starts_with(quotes);
      if (ends) return take(quotes.size());
      if (quotes.size() == 1 && text_[at_] == '\n') return;
      if (escapes && !is_ascii(text_[at_])) {
        escape();
        continue;
      }
      const bool begins_escape = escapes && text_[at_] == '\\';
      plain();
      if (begins_escape && at_ < text_.size()) plain();  // it ends nothing
    }
  }

  void escape() {
    const auto length = fhir::utf8_length(text_.substr(at_));
    if (length == 0) return refuse();
    made_.ascii += escaped(text_.substr(at_, length));
    at_ += length;
  }

  void plain() {
    if (!is_ascii(text_[at_])) return refuse();
    if (text_[at_] == '\n') ++line_;
    take(1);
  }

  void take(std::size_t count) {
    made_.ascii += text_.substr(at_, count);
    at_ += count;
  }

  void refuse() { made_.bad_line = line_; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  ConfigText made_;
};

}  // namespace

ConfigText config_text(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return Reader{text}.read();
}

}  // namespace gw::app
