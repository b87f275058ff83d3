// The audit token: a JWT, unsecured or signed, that says on whose behalf a request is made (JWT-01 to JWT-07). Pure.
//
// It is a claim for the audit, not authentication: nothing here grants more than the client certificate did.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "fhir/issue.hpp"
#include "spine/identifier_systems.hpp"
#include "spine/interaction.hpp"

namespace gw::spine {

class TokenKeys;  // spine/token_keys.hpp

/// What differs between partners about the token (SSP-12).
struct TokenPolicy {
  std::optional<seconds> future_leeway = seconds{30};  ///< how far `iat` may lie ahead; empty is unlimited (JWT-02)
  bool signature_required = false;  ///< by RS256, ES256 or PS256 (JWT-06); else the token must be unsecured
  const TokenKeys* keys = nullptr;  ///< to check signatures with; borrowed for the call, null is none
  std::span<const SystemAlias> identifier_systems;  ///< the partner's own names; borrowed, outlives the token
  bool lenient = false;  ///< resources need only the parts that are asked for, whatever else DSTU2 says (JWT-05)
  std::size_t max_bytes = std::size_t{16} * 1024;
};

/// Who asked, as the token says; for the audit and for the checks against the task.
struct Token {
  std::string issuer;
  std::string user_id;  ///< sub
  std::string user_sds_id;
  std::string user_name;  ///< "Dr Ada Jones"
  std::string user_role;  ///< job role code
  std::string scope;
  std::string device;    ///< model and version
  OdsCode organisation;  ///< requesting_organization
  std::string organisation_name;
  std::string organisation_id;                 ///< logical id
  std::optional<NhsNumber> patient;            ///< requested_record, when it is a Patient
  std::optional<OdsCode> record_organisation;  ///< requested_record, when it is an Organization
  Instant issued_at{};
  Instant expires_at{};
};

/// Check the Authorization header. Every claim that is wrong is named, with what was expected and what was found.
/// Errors: 400 BAD_REQUEST with WWW-Authenticate; 422 INVALID_RESOURCE for a resource claim that breaks its DSTU2 type.
[[nodiscard]] fhir::Checked<Token> read_token(const RequestHead& head, const Interaction& interaction, Instant now,
                                              const TokenPolicy& policy = {});

/// The same over a bare token (no "Bearer "), for lint-jwt.
[[nodiscard]] fhir::Checked<Token> check_token(std::string_view jwt, const Interaction& interaction, Instant now,
                                               const TokenPolicy& policy = {});

/// What the Authorization header says of who asks, as far as it can be read and whatever is wrong with it: for the
/// record of a request that is refused (AUD-01), and for nothing else. Nothing of it was checked, its signature
/// neither.
[[nodiscard]] Token claimed_token(const RequestHead& head, std::size_t max_bytes = TokenPolicy{}.max_bytes);

/// Make an unsecured token that check_token accepts: for the send command and the tests.
/// To be accepted, issuer (a URI), user_id, user_role, scope, organisation and a user_name of title, given and family
/// must be filled. Without a patient, requested_record is record_organisation, else the requesting organisation.
/// `expires_at` is `issued_at` (whole seconds) + 300 s whatever is in `token`.
[[nodiscard]] std::string make_token(const Token& token);

}  // namespace gw::spine
