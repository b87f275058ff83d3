#include "spine/quote.hpp"

#include <algorithm>

#include "base/http.hpp"

namespace gw::spine {

namespace {

constexpr std::size_t kQuotedBytes = 64;
constexpr std::size_t kNhsDigits = 10;
constexpr std::size_t kDigitsShown = 3;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_separator(char c) {
  return c == ' ' || c == '-';
}

}  // namespace

std::string without_nhs_numbers(std::string text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t digits = 0;
    auto end = at;
    while (end < text.size() && (is_digit(text[end]) || is_separator(text[end]))) digits += is_digit(text[end++]);
    if (digits == kNhsDigits) {
      std::size_t seen = 0;
      for (auto i = at; i < end; ++i) {
        if (is_digit(text[i]) && seen++ >= kDigitsShown) text[i] = '*';
      }
    }
    at = end;
  }
  return text;
}

std::string quoted(std::string_view found) {
  // Masked before it is cut, so that a number across the cut is still seen as one.
  auto text = without_nhs_numbers(std::string{found.substr(0, 4 * kQuotedBytes)});
  if (text.size() > kQuotedBytes) {
    auto cut = kQuotedBytes;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
    text.resize(cut);
    text += "...";
  }
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, '?');
  return '\'' + text + '\'';
}

bool nearly(std::string_view a, std::string_view b) {
  if (a == b) return false;
  if (iequals(a, b)) return true;
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin());
  const auto skip = a.size() == b.size() ? 1 : 0;
  return std::equal(in_a + skip, a.end(), in_b + 1, b.end());
}

}  // namespace gw::spine
