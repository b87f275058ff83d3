#include "spine/nhs_number.hpp"

#include <algorithm>

namespace gw::spine {

namespace {
constexpr std::size_t kDigits = 10;
constexpr unsigned kModulus = 11;
}  // namespace

bool is_nhs_number(std::string_view digits) {
  if (digits.size() != kDigits) return false;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  unsigned sum = 0;
  unsigned weight = kDigits;
  for (const char c : digits.substr(0, kDigits - 1)) sum += static_cast<unsigned>(c - '0') * weight--;
  // 11 stands for 0; 10 has no digit, so such a number is never issued.
  const auto check = (kModulus - sum % kModulus) % kModulus;
  return check == static_cast<unsigned>(digits.back() - '0');
}

std::optional<NhsNumber> parse_nhs_number(std::string_view digits) {
  if (!is_nhs_number(digits)) return std::nullopt;
  return NhsNumber{std::string{digits}};
}

std::string display(const NhsNumber& number) {
  const auto& text = number.text();
  if (text.size() != kDigits) return text;
  return text.substr(0, 3) + ' ' + text.substr(3, 3) + ' ' + text.substr(6);
}

}  // namespace gw::spine
