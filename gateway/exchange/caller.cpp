#include "exchange/caller.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gw::exchange {

namespace {

using directory::Directory;
using directory::Organisation;
using fhir::Checked;
using fhir::ErrorCode;
using fhir::Issue;
using fhir::IssueType;

constexpr std::size_t kAuditTextBytes = 128;

std::string shortened(std::string_view text) {
  return std::string{text.substr(0, kAuditTextBytes)};
}

fhir::Refusal forbidden(ErrorCode code, std::string diagnostics, std::string location, std::string_view rule) {
  return fhir::refuse(403, Issue{.type = IssueType::kForbidden,
                                 .code = code,
                                 .diagnostics = std::move(diagnostics),
                                 .location = std::move(location),
                                 .rule = rule});
}

/// Every resource type offered, with the verbs of its collection.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kVerbs{{
    {"", "POST"},  // the base itself takes a Bundle of tasks (TASK-12)
    {"Order", "GET, POST"},
    {"metadata", "GET"},
    {"Patient", "GET"},
    {"Organization", "GET"},
    {"Appointment", "POST"},
    {"Practitioner", "GET"},
    {"Location", "GET"},
}};

/// The verbs of what `url` names. A single resource is only ever read, but for an appointment; operations are posted.
std::string_view verbs_of(const Url& url, std::string_view of_collection) {
  if (url.below == spine::kOutcomeOperation) return "GET";
  if (url.below.starts_with('$')) return "POST";
  if (url.id.empty()) return of_collection;
  return url.resource == "Appointment" && url.below.empty() ? "GET, PUT" : "GET";
}

/// Whether `method` stands in a list such as "GET, POST".
bool is_one_of(std::string_view verbs, std::string_view method) {
  while (!verbs.empty()) {
    const auto comma = verbs.find(", ");
    if (verbs.substr(0, comma) == method) return true;
    verbs.remove_prefix(comma == std::string_view::npos ? verbs.size() : comma + 2);
  }
  return false;
}

/// The request line: is there such a resource, and does it take this verb? (SSP-07, section 7)
fhir::Checked<Url> check_request_line(const RequestHead& head) {
  auto url = parse_url(head.target);
  if (!url) return url;
  const auto* const offered =
      std::find_if(kVerbs.begin(), kVerbs.end(), [&](const auto& entry) { return entry.first == url->resource; });
  if (offered == kVerbs.end()) {
    return fhir::refuse(501, Issue{.type = IssueType::kNotSupported,
                                   .code = ErrorCode::kNotImplemented,
                                   .diagnostics = "the resource type '" + shortened(url->resource) +
                                                  "' is not offered here; Order is, for tasks",
                                   .location = "http.target",
                                   .rule = "SSP-07"});
  }
  const auto verbs = verbs_of(*url, offered->second);
  if (!is_one_of(verbs, head.method)) {
    auto refusal = fhir::refuse(405, Issue{.type = IssueType::kNotSupported,
                                           .diagnostics = "the verb " + shortened(head.method) +
                                                          " is not supported here; supported: " + std::string{verbs},
                                           .location = "http.method",
                                           .rule = "SSP-07"});
    refusal.headers.push_back({"Allow", std::string{verbs}});
    return refusal;
  }
  return url;
}

/// Whether the path has an id where the interaction needs one and none where it does not, and its operation (SSP-02).
std::optional<fhir::Refusal> check_path(const Url& url, const spine::Interaction& interaction) {
  std::string misfit;
  if (interaction.instance == url.id.empty()) {
    misfit =
        interaction.instance ? " is about one resource, but the path has no id" : " does not take an id in the path";
  } else if (interaction.below != url.below) {
    misfit = interaction.below.empty() ? " is for a path that ends before '" + shortened(url.below) + "'"
                                       : " is for a path that ends in /" + std::string{interaction.below};
  }
  if (misfit.empty()) return std::nullopt;
  return fhir::refuse(
      400,
      Issue{.diagnostics = std::string{interaction.id} + misfit, .location = "Ssp-InteractionID", .rule = "SSP-02"});
}

/// The organisation whose service the URL names (SSP-05).
Checked<const Organisation*> check_route(const Url& url, const Directory& directory) {
  const auto* const found = url.proxied ? directory.by_endpoint(url.base) : directory.by_ods(url.ods);
  if (found != nullptr && found->ods.text() == url.ods) {
    if (url.proxied || found->has_mailbox() || is_service_of(url, found->endpoint)) return found;
    return fhir::refuse(404, Issue{.type = IssueType::kNotFound,
                                   .code = ErrorCode::kNoRecordFound,
                                   .diagnostics = "this organisation's endpoint is registered with another major "
                                                  "version, or another segment after it; check the directory",
                                   .location = "http.target",
                                   .rule = "SSP-05"});
  }
  const auto what = url.proxied ? "the provider URL in the path is not a registered endpoint, exactly as registered"
                                : "no organisation with ODS code '" + shortened(url.ods) + "' is known here";
  return fhir::refuse(404, Issue{.type = IssueType::kNotFound,
                                 .code = ErrorCode::kOrganisationNotFound,
                                 .diagnostics = what + std::string{"; check the code, its case and the directory"},
                                 .location = "http.target",
                                 .rule = "SSP-05"});
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Ssp-To against the URL's organisation (SSP-03), Ssp-From against the register and the certificate (SSP-04, TLS-04).
Checked<const Organisation*> check_systems(const RequestHead& head, const spine::Envelope& envelope,
                                           const Organisation& recipient, const Directory& directory,
                                           const CallerSettings& settings) {
  if (recipient.asid != envelope.to) {
    return fhir::refuse(400, Issue{.diagnostics = "Ssp-To is not the ASID registered for organisation " +
                                                  recipient.ods.text() + ", whose service the URL names",
                                   .location = "Ssp-To",
                                   .rule = "SSP-03"});
  }
  const auto* const sender = directory.by_asid(envelope.from);
  if (sender == nullptr) {
    return forbidden(ErrorCode::kAsidCheckFailed, "Ssp-From is not the ASID of a registered system", "Ssp-From",
                     "SSP-04");
  }
  if (!sender->interactions.empty() &&
      !holds(sender->interactions, std::string{envelope.interaction->registered_as()})) {
    return forbidden(
        ErrorCode::kAsidCheckFailed,
        "the system with this Ssp-From is not accredited for " + std::string{envelope.interaction->registered_as()},
        "Ssp-InteractionID", "SSP-04");
  }
  const auto& presented = head.peer.fqdns;
  const bool own = !sender->fqdn.empty() && holds(presented, sender->fqdn);
  const bool by_proxy = std::any_of(presented.begin(), presented.end(),
                                    [&](const std::string& fqdn) { return holds(settings.trusted_proxies, fqdn); });
  if (!own && !by_proxy) {
    return forbidden(ErrorCode::kAsidCheckFailed,
                     "the client certificate is for '" +
                         (presented.empty() ? std::string{"no name"} : presented.front()) +
                         "', which is not the FQDN registered for this Ssp-From",
                     "Ssp-From", "TLS-04");
  }
  return sender;
}

spine::TokenPolicy token_policy(const Organisation* sender, const CallerSettings& settings) {
  spine::TokenPolicy policy;
  policy.future_leeway = settings.token_future_leeway;
  if (sender == nullptr) return policy;
  if (sender->policy.token_future_leeway) policy.future_leeway = sender->policy.token_future_leeway;
  if (sender->policy.token_future_unlimited) policy.future_leeway.reset();
  policy.signature_required = sender->policy.signs_tokens;
  policy.identifier_systems = sender->policy.identifier_systems;
  policy.lenient = sender->policy.lenient;
  return policy;
}

}  // namespace

outbox::Requester requester_of(const Caller& caller) {
  const auto as_source = [](const Organisation& organisation) { return "Organization/" + organisation.logical_id; };
  const auto* const acts_for = caller.directory->by_ods(caller.token.organisation.text());
  return {.organisation = caller.sender->ods.text(),
          .reference = as_source(*caller.sender),
          .system = caller.sender->asid.text(),
          .acts_for = acts_for == nullptr ? std::string{} : as_source(*acts_for)};
}

Checked<Asked> read_request_head(const RequestHead& head) {
  auto url = check_request_line(head);
  if (!url) return url.error();
  auto envelope = spine::read_envelope(head, url->resource);
  if (!envelope) return envelope.error();
  if (auto misfit = check_path(*url, *envelope->interaction)) return std::move(*misfit);
  return Asked{*url, std::move(*envelope)};
}

void note_envelope(const RequestHead& head, outbox::AuditRecord& trail) {
  trail.trace = shortened(header_value(head.headers, "Ssp-TraceID"));
  trail.from = shortened(header_value(head.headers, "Ssp-From"));
  trail.to = shortened(header_value(head.headers, "Ssp-To"));
  trail.interaction = shortened(header_value(head.headers, "Ssp-InteractionID"));
}

void note_token(const spine::Token& token, outbox::AuditRecord& trail) {
  trail.user_id = token.user_sds_id.empty() ? token.user_id : token.user_sds_id;
  trail.user_name = token.user_name;
  trail.user_role = token.user_role;
  trail.organisation = token.organisation.text();
  trail.device = token.device;
  trail.authority = token.issuer;
  if (token.patient) trail.patient = token.patient->text();
}

void note_claims(const RequestHead& head, outbox::AuditRecord& trail) {
  if (trail.user_id.empty() && trail.organisation.empty()) note_token(spine::claimed_token(head), trail);
}

Checked<Caller> identify(const RequestHead& head, std::shared_ptr<const Directory> directory,
                         const CallerSettings& settings, Instant now, outbox::AuditRecord& trail,
                         const KeySource* token_keys) {
  note_envelope(head, trail);
  auto asked = read_request_head(head);
  if (!asked) return asked.error();
  auto& [url, envelope] = *asked;

  auto policy = token_policy(directory->by_asid(envelope.from), settings);
  std::shared_ptr<const spine::TokenKeys> keys;
  if (policy.signature_required && token_keys != nullptr) keys = token_keys->current();
  policy.keys = keys.get();
  auto token = spine::read_token(head, *envelope.interaction, now, policy);
  if (!token) return token.error();
  note_token(*token, trail);

  const auto recipient = check_route(url, *directory);
  if (!recipient) return recipient.error();
  const auto sender = check_systems(head, envelope, **recipient, *directory, settings);
  if (!sender) return sender.error();
  if (!directory->share(**sender, **recipient)) {
    return forbidden(ErrorCode::kNoOrganisationalConsent,
                     "organisations " + (*sender)->ods.text() + " and " + (*recipient)->ods.text() +
                         " have no data sharing agreement with each other",
                     "Ssp-To", "SSP-04");
  }
  std::string base = (*recipient)->has_mailbox() ? settings.public_url + std::string{url.base} : (*recipient)->endpoint;
  return Caller{std::move(envelope), std::move(*token), url, std::move(directory), *sender,
                *recipient,          std::move(base)};
}

}  // namespace gw::exchange
