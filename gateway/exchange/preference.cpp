#include "exchange/preference.hpp"

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace gw::exchange {

namespace {

constexpr std::int64_t kMostSeconds = 2'147'483'647;  // RFC 8030 section 5.2

fhir::Refusal bad_ttl(std::string_view found) {
  constexpr std::size_t shown = 32;
  return fhir::refuse(400, fhir::Issue{.type = fhir::IssueType::kValue,
                                       .diagnostics = "TTL is '" + std::string{found.substr(0, shown)} +
                                                      "'; it must be a whole number of seconds, such as 60",
                                       .location = "TTL",
                                       .rule = "OUT-06"});
}

std::optional<seconds> seconds_in(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || count < 0 || count > kMostSeconds) return std::nullopt;
  return seconds{count};
}

/// One preference: its name, and its value, empty when it has none. Parameters are left out.
struct Preference {
  std::string_view name, value;
};

/// Takes the first preference off a Prefer header's value.
Preference take_preference(std::string_view& rest) {
  auto item = take_until(rest, ',');
  auto value = take_until(item, ';');
  const auto name = take_until(value, '=');
  value = trimmed(value);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return {trimmed(name), value};
}

bool is_ours(const Preference& preference) {
  return iequals(preference.name, "respond-async") || iequals(preference.name, "wait");
}

/// The first preference of that name: of one named twice the first counts (RFC 7240 section 2).
std::optional<std::string_view> preference(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (!iequals(header.name, "Prefer")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto found = take_preference(rest);
      if (iequals(found.name, name)) return found.value;
    }
  }
  return std::nullopt;
}

/// A Prefer header's value without what is ours.
std::string others_of(std::string_view value) {
  std::string kept;
  while (!value.empty()) {
    auto item = trimmed(take_until(value, ','));
    auto name = item;
    if (item.empty() || is_ours(take_preference(name))) continue;
    kept.append(kept.empty() ? "" : ", ").append(item);
  }
  return kept;
}

}  // namespace

seconds wait_wish(const Headers& headers) {
  return seconds_in(preference(headers, "wait").value_or("0")).value_or(seconds{0});
}

fhir::Checked<std::optional<AsyncWish>> async_wish(const Headers& headers) {
  if (!preference(headers, "respond-async")) return std::optional<AsyncWish>{};
  AsyncWish wish{.wait = wait_wish(headers), .ttl = std::nullopt};
  if (header_count(headers, "TTL") > 0) {
    const auto text = header_value(headers, "TTL");
    wish.ttl = seconds_in(text);
    if (!wish.ttl) return bad_ttl(text);
  }
  return std::optional{wish};
}

Headers without_async_wish(const Headers& headers) {
  Headers kept;
  kept.reserve(headers.size());
  for (const auto& header : headers) {
    if (iequals(header.name, "TTL")) continue;
    if (!iequals(header.name, "Prefer")) {
      kept.push_back(header);
      continue;
    }
    auto others = others_of(header.value);
    if (!others.empty()) kept.push_back({header.name, std::move(others)});
  }
  return kept;
}

}  // namespace gw::exchange
