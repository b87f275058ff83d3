#include "base/http.hpp"

#include <algorithm>

namespace gw {

namespace {
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Inline, as most names differ by their length already: a search through headers sees that without a call.
inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool iequals(std::string_view a, std::string_view b) {
  return same_name(a, b);
}

std::string_view header_value(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (same_name(header.name, name)) return header.value;
  }
  return {};
}

std::size_t header_count(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const Header& h) { return same_name(h.name, name); }));
}

}  // namespace gw
