#include "rules/words.hpp"

#include <algorithm>

#include "base/http.hpp"
#include "fhir/escape.hpp"

namespace gw::rules {
namespace {

constexpr std::size_t kShownBytes = 64;
constexpr std::size_t kPathBytes = 512;

/// The longest beginning of at most `limit` bytes that does not split a UTF-8 character.
std::size_t cut_at(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80U) --limit;
  return limit;
}

/// At most one letter wrong, missing, too much, or two neighbours swapped.
bool one_letter_apart(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin());
  const auto rest_a = std::string_view(at, a.end());
  const auto rest_b = std::string_view(other, b.end());
  if (rest_b.empty()) return true;
  if (a.size() < b.size()) return rest_a == rest_b.substr(1);
  if (rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() > 1 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] && rest_a.substr(2) == rest_b.substr(2);
}

}  // namespace

std::string shown(std::string_view value) {
  // A number that the cut would split is masked first: the text looked at is longer than the text shown.
  std::string text{value.substr(0, 2 * kShownBytes)};
  fhir::mask_long_numbers(text);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  const bool cut = value.size() > kShownBytes;
  text.resize(cut_at(text, kShownBytes));
  return "'" + text + (cut ? "...'" : "'");
}

std::string_view nearest(const Tables& tables, const Node& node, std::string_view name) {
  const auto children = tables.children_of(node);
  for (const auto& child : children) {
    if (iequals(child.name, name)) return child.name;
  }
  for (const auto& child : children) {
    if (name.size() > 2 && one_letter_apart(child.name, name)) return child.name;
  }
  for (const auto& child : children) {
    const bool typed = child.name.size() > name.size() && child.name.starts_with(name) &&
                       child.name[name.size()] >= 'A' && child.name[name.size()] <= 'Z';
    if (typed && child.max != 0 && name.size() > 2) return child.name;
  }
  return {};
}

std::string bounded(std::string path) {
  if (path.size() <= kPathBytes) return path;
  path.resize(cut_at(path, kPathBytes));
  return path + "...";
}

}  // namespace gw::rules
