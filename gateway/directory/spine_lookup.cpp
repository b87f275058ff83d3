#include "directory/spine_lookup.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "directory/forms.hpp"
#include "spine/interaction.hpp"

namespace gw::directory {

namespace {

constexpr std::size_t kPartyKeyBytes = 64;
constexpr std::size_t kEndpointBytes = 1024;
constexpr std::string_view kInteractionPrefix = "urn:nhs:names:services:";

/// The attributes of each step, in the order of LdapEntry::values.
enum SystemAttribute : std::size_t { kIdCode, kUniqueIdentifier, kSystemParty, kSystemInteraction };
enum ServiceAttribute : std::size_t { kServiceEndpoint, kServiceFqdn };

const std::vector<std::string>& system_attributes() {
  static const std::vector<std::string> names{"nhsIDCode", "uniqueIdentifier", "nhsMhsPartyKey", "nhsAsSvcIA"};
  return names;
}

const std::vector<std::string>& service_attributes() {
  static const std::vector<std::string> names{"nhsMhsEndPoint", "nhsMhsFQDN"};
  return names;
}

void warn_of(const LdapEntry& entry, std::string_view what) {
  log::warn("a directory entry is not used", {{"entry", entry.name}, {"what", what}});
}

/// The attribute's only value; empty where it has none or several.
std::string_view only(const LdapEntry& entry, std::size_t attribute) {
  const auto& values = entry.values[attribute];
  return values.size() == 1 ? std::string_view{values.front()} : std::string_view{};
}

bool is_party_key(std::string_view text) {
  return !text.empty() && text.size() <= kPartyKeyBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::vector<std::string> interactions_of(const LdapEntry& entry) {
  std::vector<std::string> ids;
  for (const auto& value : entry.values[kSystemInteraction]) {
    if (!value.starts_with(kInteractionPrefix)) continue;
    const auto* const known = spine::find_interaction(value);
    ids.emplace_back(known == nullptr ? std::string_view{value} : known->id);
  }
  return ids;
}

std::optional<SpineSystem> read_system(const LdapEntry& entry, const SpineKey& key) {
  const auto ods = only(entry, kIdCode);
  const auto asid = only(entry, kUniqueIdentifier);
  const auto party = only(entry, kSystemParty);
  auto interactions = interactions_of(entry);
  std::string_view fault;
  if (!is_ods_code(ods)) fault = "it needs one nhsIDCode, of capital letters and digits";
  if (!is_asid(asid)) fault = "it needs one uniqueIdentifier, of 12 digits";
  if (!is_party_key(party)) fault = "it needs one nhsMhsPartyKey, without spaces";
  // An empty list would mean "whatever the gateway knows", which is for files alone.
  if (interactions.empty()) fault = "no nhsAsSvcIA of it is an interaction id";
  if (fault.empty() && key.id != (key.by == SpineKey::By::kAsid ? asid : ods)) fault = "it is not what was asked for";
  if (!fault.empty()) {
    warn_of(entry, fault);
    return std::nullopt;
  }
  SpineSystem system;
  system.ods = OdsCode{std::string{ods}};
  system.asid = Asid{std::string{asid}};
  system.party_key = party;
  system.interactions = std::move(interactions);
  return system;
}

/// A service's URL as the gateway writes it: the register's closing slash, if there is one, says nothing.
std::string_view endpoint_of(const LdapEntry& entry) {
  auto url = only(entry, kServiceEndpoint);
  if (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

/// What is wrong with a service's particulars; empty when they can be used.
std::string fault_of_service(const LdapEntry& entry, bool needs_endpoint) {
  const auto& fqdns = entry.values[kServiceFqdn];
  if (fqdns.size() > 1) return "it has more than one nhsMhsFQDN";
  if (!fqdns.empty() && !is_host_name(lower_case(fqdns.front()))) return "its nhsMhsFQDN is not a host name";
  if (!needs_endpoint) return {};
  const auto url = endpoint_of(entry);
  if (url.empty() || url.size() > kEndpointBytes) return "it needs one nhsMhsEndPoint, of at most 1024 characters";
  if (const auto fault = fault_of_endpoint(url); !fault.empty()) return "its nhsMhsEndPoint " + std::string{fault};
  return {};
}

/// Put `value` into `held`; false when something else is there.
bool agree(std::string& held, const std::string& value) {
  if (held.empty()) held = value;
  return held == value || value.empty();
}

std::string equals(std::string_view attribute, std::string_view value) {
  return '(' + std::string{attribute} + '=' + escaped_for_filter(value) + ')';
}

}  // namespace

Result<std::vector<SpineSystem>> SpineLookup::find(const SpineKey& key) {
  const bool by_asid = key.by == SpineKey::By::kAsid;
  const auto filter = "(&(objectClass=nhsAs)" +
                      (by_asid ? equals("uniqueIdentifier", key.id)
                               : equals("nhsIDCode", key.id) + equals("nhsAsSvcIA", key.interaction)) +
                      ')';
  auto entries = connection_.search(base_, filter, system_attributes());
  if (!entries) return entries.error();
  if (by_asid && entries->size() > 1) {
    warn_of(entries->front(), "its uniqueIdentifier is that of another entry too");
    return std::vector<SpineSystem>{};
  }
  std::vector<SpineSystem> systems;
  for (const auto& entry : *entries) {
    if (systems.size() == systems_) break;
    auto system = read_system(entry, key);
    if (!system) continue;
    auto added = add_service(*system, key);
    if (!added) return added.error();
    if (*added) systems.push_back(std::move(*system));
  }
  return systems;
}

/// The second step. False: the party serves nothing that can be used, where a service is needed.
Result<bool> SpineLookup::add_service(SpineSystem& system, const SpineKey& key) {
  const bool by_asid = key.by == SpineKey::By::kAsid;
  const auto filter = "(&(objectClass=nhsMhs)" + equals("nhsMhsPartyKey", system.party_key) +
                      (by_asid ? std::string{} : equals("nhsMhsSvcIA", key.interaction)) + ')';
  auto entries = connection_.search(base_, filter, service_attributes());
  if (!entries) return entries.error();
  std::string fqdn;
  std::string endpoint;
  bool contradict = false;
  for (const auto& entry : *entries) {
    if (const auto fault = fault_of_service(entry, !by_asid); !fault.empty()) {
      warn_of(entry, fault);
      continue;
    }
    const auto& fqdns = entry.values[kServiceFqdn];
    auto name = fqdns.empty() ? std::string{} : lower_case(fqdns.front());
    bool same = true;
    if (!by_asid) {
      const std::string url{endpoint_of(entry)};
      if (name.empty()) name = host_of_endpoint(url);
      same = agree(endpoint, url);
    }
    same = agree(fqdn, name) && same;
    if (same) continue;
    warn_of(entry, "it contradicts another entry of its party");
    contradict = true;
  }
  // A sender whose name is not clear is still registered: a listed proxy may speak for it (TLS-04).
  if (contradict && !by_asid) return false;
  system.fqdn = contradict ? std::string{} : std::move(fqdn);
  system.endpoint = std::move(endpoint);
  return by_asid || !system.endpoint.empty();
}

}  // namespace gw::directory
