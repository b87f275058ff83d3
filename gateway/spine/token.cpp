#include "spine/token.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "spine/claims.hpp"
#include "spine/jwt.hpp"
#include "spine/quote.hpp"

namespace gw::spine {

namespace {

using fhir::Checked;
using fhir::Document;
using fhir::Element;
using fhir::Issue;
using fhir::Refusal;

Refusal bad_request(std::string diagnostics) {
  return refused_token("invalid_request", std::move(diagnostics));
}

/// All faults of the claims as one refusal: 422 only where nothing but the resources' structure is wrong.
Refusal refusal_of(std::vector<Issue> issues) {
  const bool structure_only = std::all_of(
      issues.begin(), issues.end(), [](const Issue& issue) { return issue.code == fhir::ErrorCode::kInvalidResource; });
  Refusal refusal{.status = structure_only ? 422 : 400, .issues = std::move(issues), .headers = {}};
  if (!structure_only) refusal.headers.push_back(challenge("invalid_token", refusal.issues.front().diagnostics));
  return refusal;
}

}  // namespace

Checked<Token> check_token(std::string_view jwt, const Interaction& interaction, Instant now,
                           const TokenPolicy& policy) {
  if (jwt.size() > policy.max_bytes) {
    return refused_token("invalid_token",
                         "the token has " + std::to_string(jwt.size()) + " characters; at most " +
                             std::to_string(policy.max_bytes) + " are taken",
                         "JWT-01", fhir::IssueType::kTooLong);
  }
  auto payload = open_jwt(jwt, policy);
  if (!payload) return payload.error();

  Element& root = *payload->root();
  rename_systems(root, policy.identifier_systems);
  Token token;
  ClaimFaults faults{!policy.lenient};
  check_issuer_and_subject(root, token, faults);
  check_fixed(root, "aud", kAudience, faults);
  check_times(root, now, policy, token, faults);
  check_fixed(root, "reason_for_request", kReason, faults);
  const auto scope = check_scope(root, interaction, token, faults);
  check_requested_record(*payload, interaction, scope, token, faults);
  check_device(*payload, token, faults);
  check_organization(*payload, token, faults);
  check_practitioner(*payload, token, faults);
  if (!faults.none()) return refusal_of(std::move(faults).take());
  return token;
}

Checked<Token> read_token(const RequestHead& head, const Interaction& interaction, Instant now,
                          const TokenPolicy& policy) {
  const auto count = header_count(head.headers, kTokenHeader);
  if (count == 0) {
    return bad_request(
        "Authorization is missing; every request needs \"Authorization: Bearer \" and an audit token (JWT)");
  }
  if (count > 1) {
    return bad_request("Authorization is there " + std::to_string(count) + " times; once is right");
  }
  const auto value = header_value(head.headers, kTokenHeader);
  const auto space = value.find(' ');
  if (!iequals(value.substr(0, space), "Bearer")) {
    return bad_request("Authorization is not of the form \"Bearer \" and an audit token (JWT)");
  }
  const auto start = space == std::string_view::npos ? space : value.find_first_not_of(' ', space);
  if (start == std::string_view::npos) {
    return bad_request("Authorization has no token after \"Bearer\"; the audit token (JWT) belongs there");
  }
  const auto jwt = value.substr(start);
  if (has_any_of(jwt, " \t,")) {
    return bad_request(
        "Authorization has more than one token after \"Bearer\"; once, without spaces or commas, is right");
  }
  return check_token(jwt, interaction, now, policy);
}

}  // namespace gw::spine
