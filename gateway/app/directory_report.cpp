#include "app/directory_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "delivery/route.hpp"

namespace gw::app {

namespace {

using directory::Directory;
using directory::Organisation;

constexpr std::string_view kCreateOrder = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";

bool accredited(const Organisation& organisation) {
  const auto& all = organisation.interactions;
  return all.empty() || std::find(all.begin(), all.end(), kCreateOrder) != all.end();
}

bool can_send(const Organisation& organisation, const Config& config) {
  const bool is_known = !organisation.fqdn.empty() || !config.exchange.caller.trusted_proxies.empty();
  return !organisation.asid.empty() && is_known && accredited(organisation);
}

bool can_receive(const Organisation& organisation, const Config& config) {
  if (organisation.has_mailbox()) return true;
  return !organisation.endpoint.empty() && delivery::route_to(organisation.endpoint, config.exchange.hosts).has_value();
}

void add_way(const Organisation& organisation, const Config& config, DirectoryReport& report) {
  const auto& public_url = config.exchange.caller.public_url;
  if (organisation.has_mailbox()) {
    report.receives = "mailbox";
    report.base = public_url + "/" + organisation.ods.text() + "/DSTU2/1";
    return;
  }
  if (organisation.endpoint.empty()) {
    report.receives = config.asks_service && organisation.asid.empty() ? "service" : "nothing";
    return;
  }
  report.receives = "endpoint";
  report.base = organisation.endpoint;
  report.proxied = public_url + "/" + organisation.endpoint;
  const auto route = delivery::route_to(organisation.endpoint, config.exchange.hosts);
  if (!route) return;
  const auto& target = route->target;
  report.connects_to = target.connect_to.empty() ? fmt::format("{}:{}", target.host, target.port) : target.connect_to;
  report.certificate = organisation.fqdn;
}

PolicyLines policy_of(const directory::Policy& policy) {
  PolicyLines lines;
  const auto add = [&lines](std::string_view name, std::string text) { lines.emplace_back(name, std::move(text)); };
  if (policy.token_future_unlimited) add("Token Leeway", "its tokens may be made at any time from now");
  if (policy.token_future_leeway)
    add("Token Leeway", fmt::format("its clock may be {} s ahead", policy.token_future_leeway->count()));
  if (policy.honours_if_none_exist)
    add("If-None-Exist", "it honours If-None-Exist: a task whose outcome is unknown is sent to it again");
  if (policy.duplicates == directory::Duplicates::kRefused) add("Duplicates", "its blind repeats are refused with 409");
  if (policy.duplicates == directory::Duplicates::kDelivered)
    add("Duplicates", "its blind repeats are delivered, as tasks of their own");
  if (policy.requests_per_second)
    add("Rate Limit", fmt::format("it may make {} requests a second", *policy.requests_per_second));
  if (policy.deferred_limit)
    add("Deferred Limit", fmt::format("tasks to it may be deferred for {} s, under tokens of the gateway's own",
                                      policy.deferred_limit->count()));
  if (policy.signs_tokens) add("Token Signature", "its tokens must be signed");
  for (const auto& alias : policy.identifier_systems)
    add("Identifier Systems", fmt::format("{} means {}", alias.theirs, alias.ours));
  if (policy.charset_overlooked)
    add("Charset", "its Content-Type may name any charset; the bytes must be UTF-8 all the same");
  if (policy.lenient) add("Strictness", "resources in its tokens need not keep to DSTU2's structure");
  return lines;
}

}  // namespace

DirectoryReport report_on(const Directory& directory, const Organisation& organisation, const Config& config) {
  DirectoryReport report{.organisation = &organisation, .place = directory.place_of(organisation)};
  add_way(organisation, config, report);
  const bool sends = can_send(organisation, config);
  const bool receives = can_receive(organisation, config);
  for (const auto& other : directory.organisations()) {
    if (&other == &organisation || !directory.share(organisation, other)) continue;
    if (sends && can_receive(other, config)) report.may_send.push_back(other.ods.text());
    if (receives && can_send(other, config)) report.may_receive.push_back(other.ods.text());
  }
  report.policy = policy_of(organisation.policy);
  report.findings = examine_organisation(directory, organisation, config);
  return report;
}

}  // namespace gw::app
