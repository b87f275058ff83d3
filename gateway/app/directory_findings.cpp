#include "app/directory_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "delivery/route.hpp"
#include "spine/interaction.hpp"
#include "spine/quote.hpp"

namespace gw::app {

namespace {

using directory::Directory;
using directory::Organisation;

/// How many organisations there are in each sharing group.
using Groups = std::map<std::string_view, std::size_t>;

Groups groups_of(const Directory& directory) {
  Groups groups;
  for (const auto& organisation : directory.organisations()) ++groups[organisation.sharing_group];
  return groups;
}

/// One organisation under examination.
struct Examined {
  const Directory& directory;
  const Groups& groups;
  const Organisation& organisation;
  const Config& config;
  DirectoryFindings& findings;

  void mistake(std::string_view what) const { findings.mistakes.push_back(line(what)); }
  void warning(std::string_view what) const { findings.warnings.push_back(line(what)); }
  [[nodiscard]] std::string line(std::string_view what) const {
    return fmt::format("{}: {} {}", directory.place_of(organisation), organisation.ods.text(), what);
  }
  /// Whether there is a system in the row, or one to be asked for.
  [[nodiscard]] bool takes_part() const { return !organisation.asid.empty() || config.asks_service; }
};

void examine_endpoint(const Examined& it) {
  const auto& endpoint = it.organisation.endpoint;
  if (endpoint.empty()) return;
  const auto route = delivery::route_to(endpoint, it.config.exchange.hosts);
  if (!route) it.mistake(fmt::format("has a FHIR Endpoint that nothing can be delivered to: {}", route.error().detail));
}

void examine_name(const Examined& it) {
  if (it.organisation.asid.empty() || !it.organisation.fqdn.empty()) return;
  if (!it.config.exchange.caller.trusted_proxies.empty()) return;
  it.warning(
      "has an ASID and no FQDN: it can neither send nor read, since no certificate can be held against it. Fill in the "
      "FQDN of its certificate, or name its proxy in [spine] trusted_proxies");
}

void examine_sharing(const Examined& it) {
  if (!it.takes_part()) return;
  const auto& group = it.organisation.sharing_group;
  if (group.empty()) {
    it.warning("has no Data Sharing Group: nobody but itself can send to it, and it can send to nobody else");
    return;
  }
  if (it.groups.at(group) == 1)
    it.warning(fmt::format("is alone in Data Sharing Group '{}'; is it written as elsewhere?", group));
}

void examine_interactions(const Examined& it) {
  for (const auto& id : it.organisation.interactions) {
    if (spine::find_interaction(id) != nullptr) continue;
    const auto known = spine::interactions();
    const auto near = std::find_if(known.begin(), known.end(),
                                   [&](const spine::Interaction& one) { return spine::nearly(id, one.id); });
    it.warning(fmt::format("has '{}' among its Interactions, which this gateway never serves{}", id,
                           near == known.end() ? std::string{} : fmt::format("; did you mean {}?", near->id)));
  }
}

void examine_policy(const Examined& it) {
  const auto& policy = it.organisation.policy;
  if (policy.is_special() && !it.takes_part()) {
    it.warning("has a policy and no ASID: it is never applied");
  } else if (policy.honours_if_none_exist && it.organisation.has_mailbox()) {
    it.warning("has If-None-Exist yes, which has no effect: its mailbox is here, and nothing is relayed to it");
  }
}

void examine(const Examined& it) {
  examine_endpoint(it);
  examine_name(it);
  examine_sharing(it);
  examine_interactions(it);
  examine_policy(it);
}

/// "organisations.csv:2, organisations.csv:5 and 7 more".
std::string listed(const std::vector<std::string>& places) {
  constexpr std::size_t told = 3;
  const auto shown = std::min(places.size(), told);
  auto text = fmt::format("{}", fmt::join(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (places.size() > shown) text += fmt::format(" and {} more", places.size() - shown);
  return text;
}

void examine_shared_names(const Directory& directory, DirectoryFindings& findings) {
  std::map<std::string_view, std::vector<std::string>> places;
  for (const auto& organisation : directory.organisations()) {
    if (!organisation.asid.empty() && !organisation.fqdn.empty())
      places[organisation.fqdn].push_back(directory.place_of(organisation));
  }
  for (const auto& [fqdn, where] : places) {
    if (where.size() < 2) continue;
    findings.warnings.push_back(
        fmt::format("{}: FQDN {} is that of {} systems: whoever holds its certificate can speak for each of them ({})",
                    where.front(), fqdn, where.size(), listed(where)));
  }
}

void examine_practices(const Directory& directory, DirectoryFindings& findings) {
  std::map<std::string_view, std::vector<std::string>> places;
  for (const auto& patient : directory.patients()) {
    const std::string_view practice = patient.registered_at.text();
    if (directory.by_ods(practice) == nullptr) places[practice].push_back(directory.place_of(patient));
  }
  for (const auto& [practice, where] : places) {
    findings.warnings.push_back(fmt::format(
        "{}: PRIMARY_CARE_CODE '{}' is no organisation of this directory: no task about {} patient{} can be "
        "kept in a mailbox here ({})",
        where.front(), practice, where.size(), where.size() == 1 ? "" : "s", listed(where)));
  }
}

}  // namespace

DirectoryFindings examine_organisation(const Directory& directory, const Organisation& organisation,
                                       const Config& config) {
  DirectoryFindings findings;
  const auto groups = groups_of(directory);
  examine({directory, groups, organisation, config, findings});
  return findings;
}

DirectoryFindings examine_directory(const Directory& directory, const Config& config) {
  DirectoryFindings findings;
  const auto groups = groups_of(directory);
  for (const auto& organisation : directory.organisations())
    examine({directory, groups, organisation, config, findings});
  examine_shared_names(directory, findings);
  examine_practices(directory, findings);
  return findings;
}

}  // namespace gw::app
