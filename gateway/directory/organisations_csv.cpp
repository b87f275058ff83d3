#include <algorithm>
#include <utility>

#include "base/http.hpp"
#include "directory/forms.hpp"
#include "directory/organisation_row.hpp"
#include "directory/rows.hpp"
#include "spine/interaction.hpp"

namespace gw::directory {

namespace {

/// One line of the file on its way to an Organisation.
class Reading {
 public:
  explicit Reading(OrganisationRow& row) : row_(row) {}

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
    made.policy = read_policy(row_);
    return made;
  }

 private:
  [[nodiscard]] std::string_view value(Place place) const { return row_.value(place); }
  void wrong(Place place, std::string_view text) { row_.wrong(place, text); }

  std::string ods() {
    const auto text = value(kOds);
    if (text.empty()) {
      wrong(kOds, "is empty; every organisation needs its code");
    } else if (!is_ods_code(text)) {
      row_.wrong_value(kOds, "is not a code of capital letters and digits, such as A12345");
    }
    return std::string{text};
  }

  std::string asid() {
    const auto text = value(kAsid);
    if (text.empty()) {
      if (!value(kEndpoint).empty())
        wrong(kAsid, "is empty although there is a FHIR Endpoint; fill in the 12 digits, or leave the endpoint empty");
    } else if (!is_asid(text)) {
      row_.wrong_value(kAsid, "is not 12 digits, such as 200000000101");
    }
    return std::string{text};
  }

  std::string endpoint() {
    const auto text = value(kEndpoint);
    if (text.empty() || iequals(text, "mailbox")) return {};
    if (const auto fault = fault_of_endpoint(text); !fault.empty()) {
      row_.wrong_value(
          kEndpoint,
          std::string{fault} +
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
      row_.wrong_value(kFqdn, "is not a host name such as system.example.nhs.uk (no port, no scheme, no IP address)");
    }
    return name;
  }

  std::string logical_id() {
    const auto text = value(kLogicalId);
    if (text.empty()) return std::string{value(kOds)};
    if (!is_logical_id(text))
      row_.wrong_value(kLogicalId, "is not a FHIR id: 1 to 64 letters, digits, hyphens and full stops");
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

  OrganisationRow& row_;
};

}  // namespace

void read_organisations(const std::filesystem::path& path, std::vector<Organisation>& organisations,
                        std::vector<std::size_t>& lines, BadLines& bad) {
  const auto file = path.filename().string();
  read_rows(path, kColumns, bad, [&](const Row& row) {
    OrganisationRow line{row, file, bad};
    auto organisation = Reading{line}.organisation();
    if (!line.good()) return;
    organisations.push_back(std::move(organisation));
    lines.push_back(row.line);
  });
}

}  // namespace gw::directory
