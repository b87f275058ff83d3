#include "spine/quote.hpp"

#include <algorithm>

#include "base/http.hpp"
#include "fhir/escape.hpp"

namespace gw::spine {

namespace {

constexpr std::size_t kQuotedBytes = 64;
/// An ASID names a system, and is what a sender's developer must see to mend it.
constexpr std::size_t kAsidDigits = 12;

}  // namespace

std::string without_nhs_numbers(std::string text) {
  std::string out;
  std::size_t begin = 0;
  const auto mask_up_to = [&](std::size_t end) {
    auto piece = text.substr(begin, end - begin);
    fhir::mask_long_numbers(piece);
    out += piece;
    begin = end;
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
    if (end - at == kAsidDigits) {
      mask_up_to(at);
      out += text.substr(at, kAsidDigits);
      begin = end;
    }
    at = std::max(end, at + 1);
  }
  mask_up_to(text.size());
  return out;
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
