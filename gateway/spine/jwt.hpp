// The token's outer form: three parts, the header, the signature where one is due (JWT-01, JWT-06). Must not know
// claims. Pure.
#pragma once

#include <string>
#include <string_view>

#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "spine/token.hpp"

namespace gw::spine {

/// Where the token stands; what its issues are about.
inline constexpr std::string_view kTokenHeader = "Authorization";

/// The payload's tree. A signature is checked before the payload is looked at.
/// Errors: as refused_token, for an alg that the sender may not use, a key that is not known, a wrong signature too.
[[nodiscard]] fhir::Checked<fhir::Document> open_jwt(std::string_view jwt, const TokenPolicy& policy);

/// The payload's tree alone, whatever stands before and after it. Errors: as refused_token.
[[nodiscard]] fhir::Checked<fhir::Document> read_payload(std::string_view jwt);

/// A challenge as RFC 6750 section 3 writes it; `error` is "invalid_request" or "invalid_token".
[[nodiscard]] Header challenge(std::string_view error, std::string_view description);
/// 400 BAD_REQUEST with that challenge.
[[nodiscard]] fhir::Refusal refused_token(std::string_view error, std::string diagnostics,
                                          std::string_view rule = "JWT-01",
                                          fhir::IssueType type = fhir::IssueType::kInvalid);

}  // namespace gw::spine
