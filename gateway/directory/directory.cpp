#include "directory/directory.hpp"

#include <string_view>
#include <utility>

namespace gw::directory {

namespace {

constexpr std::size_t kErrorsTold = 1000;

using Index = std::unordered_map<std::string_view, std::size_t>;

/// How an error names the record at `at`: "organisations.csv:4" where its origin is known.
std::string line_of(const std::string& file, const std::vector<std::size_t>& lines, std::size_t at) {
  if (at < lines.size()) return file + ':' + std::to_string(lines[at]);
  return file + " record " + std::to_string(at + 1);
}

/// Fills `index` by the key that `key_of` gives; empty keys are left out, a second record with a key is an error.
template <class Record, class KeyOf>
void fill(Index& index, const std::vector<Record>& records, const KeyOf& key_of, std::string_view what,
          const std::string& file, const std::vector<std::size_t>& lines, std::vector<std::string>& errors) {
  index.reserve(records.size());
  for (std::size_t at = 0; at < records.size(); ++at) {
    const std::string& key = key_of(records[at]);
    if (key.empty()) continue;
    const auto [first, fresh] = index.emplace(key, at);
    if (fresh || errors.size() > kErrorsTold) continue;
    errors.push_back(line_of(file, lines, at) + ": " + std::string{what} + " is that of " +
                     line_of(file, lines, first->second) + " too; each may stand once");
  }
}

/// The organisations' own names of identifier systems; that one name has two meanings is an error.
std::vector<spine::SystemAlias> names_of_systems(const std::vector<Organisation>& organisations, const Origins& origins,
                                                 std::vector<std::string>& errors) {
  std::vector<spine::SystemAlias> names;
  for (std::size_t at = 0; at < organisations.size(); ++at) {
    for (const auto& alias : organisations[at].policy.identifier_systems) {
      const auto meaning = spine::known_as(alias.theirs, names);
      if (meaning == alias.theirs) {
        names.push_back(alias);
      } else if (meaning != alias.ours && errors.size() <= kErrorsTold) {
        errors.push_back(line_of(origins.organisations, origins.organisation_lines, at) + ": Identifier Systems has '" +
                         alias.theirs + "' for " + std::string{alias.ours} + ", which stands for " +
                         std::string{meaning} + " on a line before; a name can stand for one system");
      }
    }
  }
  return names;
}

template <class Record>
const Record* look_up(const Index& index, const std::vector<Record>& records, std::string_view key) {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &records[found->second];
}

}  // namespace

bool Policy::is_special() const {
  return token_future_leeway || token_future_unlimited || honours_if_none_exist ||
         duplicates != Duplicates::kAnswered || requests_per_second || signs_tokens || deferred_limit ||
         !identifier_systems.empty() || charset_overlooked || lenient;
}

std::shared_ptr<const Directory> Directory::make(std::vector<Organisation> organisations, std::vector<Patient> patients,
                                                 std::vector<std::string>& errors, const Origins& origins) {
  auto made = std::make_shared<Directory>();
  made->organisations_ = std::move(organisations);
  made->patients_ = std::move(patients);
  made->origins_ = origins;
  const auto organisation_key = [&](Index& index, std::string_view what, const auto& key_of) {
    fill(index, made->organisations_, key_of, what, origins.organisations, origins.organisation_lines, errors);
  };
  const auto patient_key = [&](Index& index, std::string_view what, const auto& key_of) {
    fill(index, made->patients_, key_of, what, origins.patients, origins.patient_lines, errors);
  };
  using Org = Organisation;
  organisation_key(made->ods_, "ODS Code", [](const Org& o) -> const std::string& { return o.ods.text(); });
  organisation_key(made->asid_, "ASID", [](const Org& o) -> const std::string& { return o.asid.text(); });
  organisation_key(made->organisation_id_, "Logical ID",
                   [](const Org& o) -> const std::string& { return o.logical_id; });
  organisation_key(made->endpoint_, "FHIR Endpoint", [](const Org& o) -> const std::string& { return o.endpoint; });
  made->identifier_systems_ = names_of_systems(made->organisations_, origins, errors);
  patient_key(made->nhs_number_, "NHS_NUMBER",
              [](const Patient& p) -> const std::string& { return p.nhs_number.text(); });
  patient_key(made->patient_id_, "LOGICAL_ID", [](const Patient& p) -> const std::string& { return p.logical_id; });
  return made;
}

std::shared_ptr<const Directory> Directory::over(std::shared_ptr<const Directory> below,
                                                 std::vector<Organisation> organisations) {
  auto made = std::make_shared<Directory>();
  made->organisations_ = std::move(organisations);
  for (std::size_t at = 0; at < made->organisations_.size(); ++at) {
    const auto& own = made->organisations_[at];
    made->ods_.emplace(own.ods.text(), at);
    made->asid_.emplace(own.asid.text(), at);
    if (!own.logical_id.empty()) made->organisation_id_.emplace(own.logical_id, at);
    if (!own.endpoint.empty()) made->endpoint_.emplace(own.endpoint, at);
  }
  made->below_ = std::move(below);
  return made;
}

const Organisation* Directory::by_ods(std::string_view ods) const {
  const auto* const own = look_up(ods_, organisations_, ods);
  return own != nullptr || !below_ ? own : below_->by_ods(ods);
}

const Organisation* Directory::by_asid(const Asid& asid) const {
  const auto* const lower = below_ ? below_->by_asid(asid) : nullptr;
  return lower != nullptr ? lower : look_up(asid_, organisations_, asid.text());
}

const Organisation* Directory::by_logical_id(std::string_view id) const {
  const auto* const own = look_up(organisation_id_, organisations_, id);
  return own != nullptr || !below_ ? own : below_->by_logical_id(id);
}

const Organisation* Directory::by_endpoint(std::string_view base) const {
  const auto* const lower = below_ ? below_->by_endpoint(base) : nullptr;
  return lower != nullptr ? lower : look_up(endpoint_, organisations_, base);
}

const Patient* Directory::patient_by_nhs_number(const NhsNumber& number) const {
  return below_ ? below_->patient_by_nhs_number(number) : look_up(nhs_number_, patients_, number.text());
}

const Patient* Directory::patient_by_logical_id(std::string_view id) const {
  return below_ ? below_->patient_by_logical_id(id) : look_up(patient_id_, patients_, id);
}

std::string Directory::place_of(const Organisation& own) const {
  return line_of(origins_.organisations, origins_.organisation_lines,
                 static_cast<std::size_t>(&own - organisations_.data()));
}

std::string Directory::place_of(const Patient& own) const {
  return line_of(origins_.patients, origins_.patient_lines, static_cast<std::size_t>(&own - patients_.data()));
}

bool Directory::share(const Organisation& a, const Organisation& b) const {
  return a.ods == b.ods || (!a.sharing_group.empty() && a.sharing_group == b.sharing_group);
}

}  // namespace gw::directory
