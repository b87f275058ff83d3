#include "rules/invariants.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace gw::rules::invariants {
namespace {

using fhir::Element;

bool has(const Element& element, std::string_view child) {
  return element.child(child) != nullptr;
}

/// Where `first` needs `second`: the first when it stands alone.
Broken needs(const Element& element, std::string_view first, std::string_view second) {
  const auto* const found = element.child(first);
  return found != nullptr && !has(element, second) ? found : nullptr;
}

double number_of(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Broken if_negative(const Element& element) {
  return element.value.starts_with('-') && number_of(element.value) < 0 ? &element : nullptr;
}

/// What Age, Count, Distance, Duration and Money share: a value has a code, and a system is the one named.
Broken coded_quantity(const Element& quantity, std::string_view system) {
  if (has(quantity, "value") && !has(quantity, "code")) return &quantity;
  const auto* const found = quantity.child("system");
  return found != nullptr && found->value != system ? found : nullptr;
}

constexpr std::string_view kUcum = "http://unitsofmeasure.org";

/// The first `part` of an entry, unless the bundle's type is one of `types`.
Broken only_in(const Element& bundle, std::string_view part, std::initializer_list<std::string_view> types) {
  const auto type = bundle.child_value("type");
  if (std::find(types.begin(), types.end(), type) != types.end()) return nullptr;
  for (const auto* entry = bundle.first_child; entry != nullptr; entry = entry->next) {
    if (entry->name != "entry") continue;
    if (const auto* const found = entry->child(part); found != nullptr) return found;
  }
  return nullptr;
}

Broken home_use(const Element& element) {
  const auto* const use = element.child("use");
  return use != nullptr && use->value == "home" ? use : nullptr;
}

/// GP Connect's slices of identifiers, told apart by system: each has a value and nothing that says more of it, and of
/// the `single` one there is one at most. Identifiers of other systems are free.
Broken sliced_identifiers(const Element& resource, std::string_view single, std::string_view many) {
  bool seen = false;
  for (const auto* one = resource.first_child; one != nullptr; one = one->next) {
    if (one->name != "identifier") continue;
    const auto system = one->child_value("system");
    if (system != single && system != many) continue;
    for (const std::string_view part : {"use", "type", "period", "assigner"}) {
      if (const auto* const found = one->child(part); found != nullptr) return found;
    }
    if (!has(*one, "value") || (system == single && std::exchange(seen, true))) return one;
  }
  return nullptr;
}

bool is_contained(const Element& resource) {
  return resource.parent != nullptr && resource.parent->resource;
}

}  // namespace

Broken age_1(const Scope&, const Element& quantity) {
  if (const auto* const broken = coded_quantity(quantity, kUcum); broken != nullptr) return broken;
  const auto* const value = quantity.child("value");
  return value != nullptr ? if_negative(*value) : nullptr;
}

Broken att_1(const Scope&, const Element& attachment) {
  return needs(attachment, "data", "contentType");
}

Broken bdl_1(const Scope&, const Element& bundle) {
  const auto type = bundle.child_value("type");
  return type == "searchset" || type == "history" ? nullptr : bundle.child("total");
}

Broken bdl_2(const Scope&, const Element& bundle) {
  return only_in(bundle, "search", {"searchset"});
}

Broken bdl_3(const Scope&, const Element& bundle) {
  return only_in(bundle, "request", {"batch", "transaction", "history"});
}

Broken bdl_4(const Scope&, const Element& bundle) {
  return only_in(bundle, "response", {"batch-response", "transaction-response"});
}

Broken bdl_5(const Scope&, const Element& entry) {
  return has(entry, "resource") || has(entry, "request") || has(entry, "response") ? nullptr : &entry;
}

Broken bdl_6(const Scope&, const Element& entry) {
  return has(entry, "resource") == has(entry, "fullUrl") ? nullptr : &entry;
}

Broken bdl_7(const Scope&, const Element& bundle) {
  std::vector<std::tuple<std::string_view, std::string_view, std::uint32_t, Broken>> seen;
  for (const auto* entry = bundle.first_child; entry != nullptr; entry = entry->next) {
    const auto* const url = entry->name == "entry" ? entry->child("fullUrl") : nullptr;
    const auto* const resource = url != nullptr ? entry->child("resource") : nullptr;
    if (resource == nullptr) continue;
    const auto* const meta = resource->child("meta");
    seen.emplace_back(url->value, meta != nullptr ? meta->child_value("versionId") : std::string_view{}, url->offset,
                      url);
  }
  std::sort(seen.begin(), seen.end());
  const auto twin = std::adjacent_find(seen.begin(), seen.end(), [](const auto& a, const auto& b) {
    return std::get<0>(a) == std::get<0>(b) && std::get<1>(a) == std::get<1>(b);
  });
  return twin == seen.end() ? nullptr : std::get<3>(*std::next(twin));
}

Broken cnt_1(const Scope&, const Element& quantity) {
  if (const auto* const broken = coded_quantity(quantity, kUcum); broken != nullptr) return broken;
  if (has(quantity, "system") && quantity.child_value("code") != "1") return &quantity;
  const auto* const value = quantity.child("value");
  return value != nullptr && value->value.find('.') != std::string_view::npos ? value : nullptr;
}

Broken cpt_2(const Scope&, const Element& contact_point) {
  return needs(contact_point, "value", "system");
}

Broken dis_1(const Scope&, const Element& quantity) {
  return coded_quantity(quantity, kUcum);
}

Broken dom_1(const Scope&, const Element& resource) {
  return is_contained(resource) ? resource.child("text") : nullptr;
}

Broken dom_2(const Scope&, const Element& resource) {
  return is_contained(resource) ? resource.child("contained") : nullptr;
}

Broken dom_3(const Scope& scope, const Element& resource) {
  if (&resource != &scope.resource()) return nullptr;
  for (const auto* child = resource.first_child; child != nullptr; child = child->next) {
    if (child->name == "contained" && child->resource && !scope.refers_to(child->child_value("id"))) return child;
  }
  return nullptr;
}

Broken dom_4(const Scope&, const Element& resource) {
  if (!is_contained(resource)) return nullptr;
  const auto* const meta = resource.child("meta");
  if (meta == nullptr) return nullptr;
  const auto* const version = meta->child("versionId");
  return version != nullptr ? version : meta->child("lastUpdated");
}

Broken drt_1(const Scope&, const Element& quantity) {
  return coded_quantity(quantity, kUcum);
}

Broken ext_1(const Scope&, const Element& extension) {
  bool value = false;
  bool nested = false;
  for (const auto* child = extension.first_child; child != nullptr; child = child->next) {
    value = value || child->name.starts_with("value");
    nested = nested || child->name == "extension";
  }
  return value == nested ? &extension : nullptr;
}

Broken gpc_org_1(const Scope&, const Element& organization) {
  return sliced_identifiers(organization, "http://fhir.nhs.net/Id/ods-organization-code",
                            "http://fhir.nhs.net/Id/ods-site-code");
}

Broken gpc_prac_1(const Scope&, const Element& practitioner) {
  return sliced_identifiers(practitioner, "http://fhir.nhs.net/Id/sds-user-id",
                            "http://fhir.nhs.net/Id/sds-role-profile-id");
}

Broken mny_1(const Scope&, const Element& quantity) {
  return coded_quantity(quantity, "urn:iso:std:iso:4217");
}

Broken ord_1(const Scope&, const Element& when) {
  return has(when, "code") != has(when, "schedule") ? nullptr : &when;
}

Broken sev_1(const Scope&, const Element& object) {
  return has(object, "name") && has(object, "query") ? &object : nullptr;
}

Broken org_1(const Scope&, const Element& organization) {
  return has(organization, "name") || has(organization, "identifier") ? nullptr : &organization;
}

Broken org_2(const Scope&, const Element& address) {
  return home_use(address);
}

Broken org_3(const Scope&, const Element& telecom) {
  return home_use(telecom);
}

Broken pat_1(const Scope&, const Element& contact) {
  return has(contact, "name") || has(contact, "telecom") || has(contact, "address") || has(contact, "organization")
             ? nullptr
             : &contact;
}

Broken per_1(const Scope&, const Element& period) {
  const auto* const start = period.child("start");
  const auto* const end = period.child("end");
  if (start == nullptr || end == nullptr) return nullptr;
  const auto from = parse_fhir_datetime(start->value);
  const auto to = parse_fhir_datetime(end->value);
  if (!from || !to) return nullptr;
  if (from->instant && to->instant) return *from->instant <= *to->instant ? nullptr : start;
  // As far as both are given: YYYY, YYYY-MM or YYYY-MM-DD, whose order is that of the text.
  const auto common = std::min({start->value.size(), end->value.size(), std::string_view{"YYYY-MM-DD"}.size()});
  return start->value.substr(0, common) <= end->value.substr(0, common) ? nullptr : start;
}

Broken qty_3(const Scope&, const Element& quantity) {
  return needs(quantity, "code", "system");
}

Broken rat_1(const Scope&, const Element& ratio) {
  const bool both = has(ratio, "numerator") && has(ratio, "denominator");
  const bool neither = !has(ratio, "numerator") && !has(ratio, "denominator");
  return both || (neither && has(ratio, "extension")) ? nullptr : &ratio;
}

Broken ref_1(const Scope& scope, const Element& reference) {
  const auto* const found = reference.child("reference");
  if (found == nullptr || !found->value.starts_with('#')) return nullptr;
  return scope.contained(found->value.substr(1)) != nullptr ? nullptr : found;
}

Broken rng_2(const Scope&, const Element& range) {
  const auto* const low = range.child("low");
  const auto* const high = range.child("high");
  if (low == nullptr || high == nullptr || !has(*low, "value") || !has(*high, "value")) return nullptr;
  return number_of(low->child_value("value")) <= number_of(high->child_value("value")) ? nullptr : low;
}

Broken sqty_1(const Scope&, const Element& quantity) {
  return quantity.child("comparator");
}

Broken tim_1(const Scope&, const Element& repeat) {
  return needs(repeat, "duration", "durationUnits");
}

Broken tim_2(const Scope&, const Element& repeat) {
  return needs(repeat, "period", "periodUnits");
}

Broken tim_3(const Scope&, const Element& repeat) {
  return has(repeat, "when") && (has(repeat, "period") || has(repeat, "frequency")) ? repeat.child("when") : nullptr;
}

Broken tim_4(const Scope&, const Element& duration) {
  return if_negative(duration);
}

Broken tim_5(const Scope&, const Element& period) {
  return if_negative(period);
}

Broken tim_6(const Scope&, const Element& repeat) {
  return needs(repeat, "periodMax", "period");
}

Broken tim_7(const Scope&, const Element& repeat) {
  return needs(repeat, "durationMax", "duration");
}

}  // namespace gw::rules::invariants
