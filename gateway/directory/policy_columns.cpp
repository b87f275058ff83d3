// The policy of a partner as its line has it (SSP-12): what each column may say, and that a reason stands beside.
#include <algorithm>
#include <charconv>
#include <optional>

#include "base/http.hpp"
#include "directory/organisation_row.hpp"

namespace gw::directory {

namespace {

constexpr std::int64_t kLongestLeeway = 86'400;    ///< seconds; beyond a day, "unlimited" is meant
constexpr std::int64_t kLongestDeferral = 86'400;  ///< seconds; a task does not outlive its day
constexpr std::int64_t kHighestRate = 1'000'000;   ///< requests a second

std::optional<std::int64_t> number_in(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < least || number > most) return std::nullopt;
  return number;
}

/// Whether a column that is empty or has one word has that word.
bool says(OrganisationRow& row, Place place, std::string_view word, std::string_view meaning_of_empty) {
  const bool there = iequals(row.value(place), word);
  if (!there && !row.value(place).empty()) {
    row.wrong_value(place, "is not \"" + std::string{word} + "\"; empty means " + std::string{meaning_of_empty});
  }
  return there;
}

void read_leeway(OrganisationRow& row, Policy& made) {
  const auto text = row.value(kLeeway);
  if (text.empty()) return;
  if (iequals(text, "unlimited")) {
    made.token_future_unlimited = true;
  } else if (const auto count = number_in(text, 0, kLongestLeeway)) {
    made.token_future_leeway = seconds{*count};
  } else {
    row.wrong_value(kLeeway, "is neither a whole number of seconds from 0 to " + std::to_string(kLongestLeeway) +
                                 " nor \"unlimited\"");
  }
}

void read_deferred_limit(OrganisationRow& row, Policy& made) {
  const auto text = row.value(kDeferred);
  if (text.empty()) return;
  if (const auto count = number_in(text, 1, kLongestDeferral)) {
    made.deferred_limit = seconds{*count};
  } else {
    row.wrong_value(kDeferred, "is not a whole number of seconds from 1 to " + std::to_string(kLongestDeferral) +
                                   "; empty means that a deferred task ends with its audit token");
  }
}

void read_duplicates(OrganisationRow& row, Policy& made) {
  const auto text = row.value(kDuplicates);
  if (iequals(text, "refuse")) {
    made.duplicates = Duplicates::kRefused;
  } else if (iequals(text, "off")) {
    made.duplicates = Duplicates::kDelivered;
  } else if (!text.empty()) {
    row.wrong_value(kDuplicates,
                    "is neither refuse nor off; empty means that a blind repeat is told as the task it repeats");
  }
}

void read_rate_limit(OrganisationRow& row, Policy& made) {
  const auto text = row.value(kRateLimit);
  if (text.empty()) return;
  if (const auto count = number_in(text, 1, kHighestRate)) {
    made.requests_per_second = static_cast<std::uint32_t>(*count);
  } else {
    row.wrong_value(kRateLimit, "is not a whole number of requests a second from 1 to " + std::to_string(kHighestRate));
  }
}

/// "https://their.example/nhs=nhs-number ...": the last = divides, since a URI may have others.
void read_systems(OrganisationRow& row, Policy& made) {
  auto rest = row.value(kSystems);
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word.empty()) continue;
    const auto divide = word.rfind('=');
    const auto theirs = word.substr(0, divide == std::string_view::npos ? 0 : divide);
    const auto ours = spine::system_named(word.substr(theirs.size() + (theirs.empty() ? 0 : 1)));
    if (theirs.find(':') == std::string_view::npos || ours.empty()) {
      row.wrong(kSystems, "'" + std::string{word} +
                              "' is not [their URI]=[system], the system being nhs-number, ods-organization-code or "
                              "sds-user-id; several stand with spaces between them");
    } else if (spine::is_known_system(theirs)) {
      row.wrong(kSystems, "'" + std::string{word} + "' gives a system another meaning that the gateway itself uses");
    } else if (spine::known_as(theirs, made.identifier_systems) != theirs) {
      row.wrong(kSystems, "'" + std::string{word} + "' names a system that stands in this line already");
    } else {
      made.identifier_systems.push_back({std::string{theirs}, ours});
    }
  }
}

}  // namespace

Policy read_policy(OrganisationRow& row) {
  Policy made;
  made.reason = row.value(kReason);
  if (const auto honours = yes_or_no(row.value(kIfNoneExist))) {
    made.honours_if_none_exist = *honours;
  } else {
    row.wrong_value(kIfNoneExist, "is neither yes nor no");
  }
  read_leeway(row, made);
  read_duplicates(row, made);
  read_rate_limit(row, made);
  read_deferred_limit(row, made);
  read_systems(row, made);
  made.signs_tokens = says(row, kSignature, "required", "unsecured tokens");
  made.charset_overlooked = says(row, kCharset, "any", "that a Content-Type may name UTF-8 alone");
  made.lenient = says(row, kStrictness, "lenient", "that resources in tokens must keep to DSTU2's structure");
  if (made.is_special() && made.reason.empty()) {
    row.wrong(kReason, "is empty although this organisation is treated otherwise than the rest; say why");
  }
  return made;
}

}  // namespace gw::directory
