#include <algorithm>
#include <charconv>
#include <utility>

#include "base/http.hpp"
#include "directory/forms.hpp"
#include "directory/rows.hpp"
#include "spine/interaction.hpp"

namespace gw::directory {

namespace {

enum Place : std::size_t {
  kOds,
  kAsid,
  kType,
  kName,
  kGroup,
  kEndpoint,
  kFqdn,
  kPartyKey,
  kLogicalId,
  kInteractions,
  kIfNoneExist,
  kLeeway,
  kDuplicates,
  kRateLimit,
  kSignature,
  kDeferred,
  kReason,
};

constexpr std::array<Column, 17> kColumns{{{"ODS Code", true},
                                           {"ASID", true},
                                           {"Organisation Type", true},
                                           {"Organisation Name", true},
                                           {"Data Sharing Group", true},
                                           {"FHIR Endpoint", true},
                                           {"FQDN"},
                                           {"Party Key"},
                                           {"Logical ID"},
                                           {"Interactions"},
                                           {"If-None-Exist"},
                                           {"Token Leeway"},
                                           {"Duplicates"},
                                           {"Rate Limit"},
                                           {"Token Signature"},
                                           {"Deferred Limit"},
                                           {"Policy Reason"}}};

constexpr long long kLongestLeeway = 86'400;       ///< seconds; beyond a day, "unlimited" is meant
constexpr long long kLongestDeferral = 86'400;     ///< seconds; a task does not outlive its day
constexpr std::uint32_t kHighestRate = 1'000'000;  ///< requests a second

/// One line of the file on its way to an Organisation.
class Reading {
 public:
  Reading(const Row& row, std::string_view file, BadLines& bad) : row_(row), file_(file), bad_(bad) {}

  Organisation organisation() {
    Organisation made;
    made.ods = OdsCode{ods()};
    made.asid = Asid{asid()};
    made.type = value(kType);
    made.name = value(kName);
    made.sharing_group = value(kGroup);
    made.endpoint = endpoint();
    made.fqdn = fqdn(made.endpoint);
    made.party_key = value(kPartyKey);
    made.logical_id = logical_id();
    made.interactions = interactions();
    made.policy = policy();
    return made;
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  [[nodiscard]] std::string_view value(Place place) const { return row_.values[place]; }

  void wrong(Place place, std::string_view text) {
    good_ = false;
    bad_.add(file_, row_.line, std::string{kColumns[place].name} + ' ' + std::string{text});
  }

  std::string ods() {
    const auto text = value(kOds);
    if (text.empty()) {
      wrong(kOds, "is empty; every organisation needs its code");
    } else if (!is_ods_code(text)) {
      wrong(kOds, "'" + std::string{text} + "' is not a code of capital letters and digits, such as A12345");
    }
    return std::string{text};
  }

  std::string asid() {
    const auto text = value(kAsid);
    if (text.empty()) {
      if (!value(kEndpoint).empty())
        wrong(kAsid, "is empty although there is a FHIR Endpoint; fill in the 12 digits, or leave the endpoint empty");
    } else if (!is_asid(text)) {
      wrong(kAsid, "'" + std::string{text} + "' is not 12 digits, such as 200000000101");
    }
    return std::string{text};
  }

  std::string endpoint() {
    const auto text = value(kEndpoint);
    if (text.empty() || iequals(text, "mailbox")) return {};
    if (const auto fault = fault_of_endpoint(text); !fault.empty()) {
      wrong(kEndpoint,
            "'" + std::string{text} + "' " + std::string{fault} +
                "; right is \"mailbox\", nothing, or a URL such as https://host.example.nhs.uk/A12345/DSTU2/1");
      return {};
    }
    return std::string{text};
  }

  std::string fqdn(std::string_view good_endpoint) {
    const auto text = value(kFqdn);
    if (text.empty()) return good_endpoint.empty() ? std::string{} : host_of_endpoint(good_endpoint);
    auto name = lower_case(text);
    if (!is_host_name(name)) {
      wrong(kFqdn, "'" + std::string{text} + "' is not a host name such as system.example.nhs.uk (no port, no scheme)");
    }
    return name;
  }

  std::string logical_id() {
    const auto text = value(kLogicalId);
    if (text.empty()) return std::string{value(kOds)};
    if (!is_logical_id(text))
      wrong(kLogicalId,
            "'" + std::string{text} + "' is not a FHIR id: 1 to 64 letters, digits, hyphens and full stops");
    return std::string{text};
  }

  std::vector<std::string> interactions() {
    std::vector<std::string> ids;
    auto rest = value(kInteractions);
    while (!rest.empty()) {
      const auto word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      if (word.empty()) continue;
      if (!word.starts_with("urn:nhs:names:services:")) {
        wrong(kInteractions, "'" + std::string{word} + "' is not an interaction id; they begin with " +
                                 "urn:nhs:names:services: and stand with spaces between them");
        continue;
      }
      const auto* const known = spine::find_interaction(word);
      ids.emplace_back(known == nullptr ? word : known->id);
    }
    return ids;
  }

  Policy policy() {
    Policy made;
    made.reason = value(kReason);
    if (const auto honours = yes_or_no(value(kIfNoneExist))) {
      made.honours_if_none_exist = *honours;
    } else {
      wrong(kIfNoneExist, "'" + std::string{value(kIfNoneExist)} + "' is neither yes nor no");
    }
    read_leeway(made);
    read_duplicates(made);
    read_rate_limit(made);
    read_signature(made);
    read_deferred_limit(made);
    const bool special = made.honours_if_none_exist || made.duplicates != Duplicates::kAnswered ||
                         made.token_future_leeway || made.token_future_unlimited || made.requests_per_second ||
                         made.signs_tokens || made.deferred_limit;
    if (special && made.reason.empty()) {
      wrong(kReason, "is empty although this organisation is treated otherwise than the rest; say why");
    }
    return made;
  }

  void read_duplicates(Policy& made) {
    const auto text = value(kDuplicates);
    if (iequals(text, "refuse")) {
      made.duplicates = Duplicates::kRefused;
    } else if (iequals(text, "off")) {
      made.duplicates = Duplicates::kDelivered;
    } else if (!text.empty()) {
      wrong(kDuplicates, "'" + std::string{text} +
                             "' is neither refuse nor off; empty means that a blind repeat is "
                             "told as the task it repeats");
    }
  }

  void read_signature(Policy& made) {
    const auto text = value(kSignature);
    made.signs_tokens = iequals(text, "required");
    if (!text.empty() && !made.signs_tokens) {
      wrong(kSignature, "'" + std::string{text} + "' is not \"required\"; empty means unsecured tokens");
    }
  }

  void read_leeway(Policy& made) {
    const auto text = value(kLeeway);
    if (text.empty()) return;
    if (iequals(text, "unlimited")) {
      made.token_future_unlimited = true;
      return;
    }
    long long count = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || stop != end || count < 0 || count > kLongestLeeway) {
      wrong(kLeeway, "'" + std::string{text} + "' is neither a whole number of seconds from 0 to " +
                         std::to_string(kLongestLeeway) + " nor \"unlimited\"");
      return;
    }
    made.token_future_leeway = seconds{count};
  }

  void read_deferred_limit(Policy& made) {
    const auto text = value(kDeferred);
    if (text.empty()) return;
    long long count = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || stop != end || count < 1 || count > kLongestDeferral) {
      wrong(kDeferred, "'" + std::string{text} + "' is not a whole number of seconds from 1 to " +
                           std::to_string(kLongestDeferral) +
                           "; empty means that a deferred task ends with its audit token");
      return;
    }
    made.deferred_limit = seconds{count};
  }

  void read_rate_limit(Policy& made) {
    const auto text = value(kRateLimit);
    if (text.empty()) return;
    std::uint32_t count = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || stop != end || count == 0 || count > kHighestRate) {
      wrong(kRateLimit, "'" + std::string{text} + "' is not a whole number of requests a second from 1 to " +
                            std::to_string(kHighestRate));
      return;
    }
    made.requests_per_second = count;
  }

  const Row& row_;
  std::string_view file_;
  BadLines& bad_;
  bool good_ = true;
};

}  // namespace

void read_organisations(const std::filesystem::path& path, std::vector<Organisation>& organisations,
                        std::vector<std::size_t>& lines, BadLines& bad) {
  const auto file = path.filename().string();
  read_rows(path, kColumns, bad, [&](const Row& row) {
    Reading reading{row, file, bad};
    auto organisation = reading.organisation();
    if (!reading.good()) return;
    organisations.push_back(std::move(organisation));
    lines.push_back(row.line);
  });
}

}  // namespace gw::directory
