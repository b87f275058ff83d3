// Who asks, for which organisation, and may they: the checks that need no body, in the published order (SSP-11). Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/http.hpp"
#include "base/time.hpp"
#include "directory/directory.hpp"
#include "exchange/key_source.hpp"
#include "exchange/url.hpp"
#include "fhir/issue.hpp"
#include "outbox/entry.hpp"
#include "spine/envelope.hpp"
#include "spine/token.hpp"

namespace gw::exchange {

/// The gateway's own part in the checks.
struct CallerSettings {
  std::string public_url;                    ///< "https://hub.example.nhs.uk", no trailing slash
  std::vector<std::string> trusted_proxies;  ///< FQDNs that may speak for any registered sender (TLS-04)
  seconds token_future_leeway{30};
};

/// A request whose sender is known and allowed. Borrows from the RequestHead it was made of; keeps its directory alive.
struct Caller {
  spine::Envelope envelope;
  spine::Token token;
  Url url;
  std::shared_ptr<const directory::Directory> directory;
  const directory::Organisation* sender = nullptr;
  const directory::Organisation* recipient = nullptr;
  std::string base;  ///< the recipient's own base URL, without trailing slash
};

/// Who may be told of stored tasks, when this caller asks (ANS-09).
[[nodiscard]] outbox::Requester requester_of(const Caller& caller);

/// What a request's head says before anybody's name in it is looked up.
struct Asked {
  Url url;
  spine::Envelope envelope;
};

/// The first checks: request line, Ssp headers, interaction. Borrows from `head`. identify() runs them itself.
[[nodiscard]] fhir::Checked<Asked> read_request_head(const RequestHead& head);

/// The Ssp headers as they came, for the audit (AUD-01).
void note_envelope(const RequestHead& head, outbox::AuditRecord& trail);

/// Who asks, as the token says, for the audit (AUD-01).
void note_token(const spine::Token& token, outbox::AuditRecord& trail);

/// What the token claims, for a request that is refused before its token was found right (AUD-01). Leaves a record
/// alone that says already who asks.
void note_claims(const RequestHead& head, outbox::AuditRecord& trail);

/// Run the checks in order: request line, Ssp headers, interaction, token, URL, ASIDs and FQDN, sharing. What is learnt
/// on the way goes into `trail`, so that a refused request is recorded in the same detail (AUD-01).
/// `token_keys` is asked only for senders whose tokens must be signed (JWT-06); null is no keys.
/// Errors: as section 7 of the rules says; each issue names the rule that was broken.
[[nodiscard]] fhir::Checked<Caller> identify(const RequestHead& head,
                                             std::shared_ptr<const directory::Directory> directory,
                                             const CallerSettings& settings, Instant now, outbox::AuditRecord& trail,
                                             const KeySource* token_keys = nullptr);

}  // namespace gw::exchange
