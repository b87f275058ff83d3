#include "spine/token.hpp"

#include <algorithm>
#include <array>
#include <utility>

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

bool is_absolute_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto is_alpha = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto scheme = text.substr(0, colon);
  return is_alpha(scheme.front()) &&
         std::all_of(
             scheme.begin(), scheme.end(),
             [&](char c) { return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; }) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

void check_issuer_and_subject(const Element& root, Token& token, ClaimFaults& faults) {
  if (const auto issuer = text_claim({.in = &root,
                                      .name = "iss",
                                      .path = "iss",
                                      .expected = "the URI of the system that made the token",
                                      .rule = "JWT-02"},
                                     faults)) {
    token.issuer = *issuer;
    if (!is_absolute_uri(*issuer)) {
      faults.add("iss",
                 "iss is " + quoted(*issuer) + "; it must be an absolute URI, such as https://system.example.nhs.uk",
                 "JWT-02");
    }
  }
  if (const auto subject = text_claim({.in = &root,
                                       .name = "sub",
                                       .path = "sub",
                                       .expected = "the user's logical id, the same as requesting_practitioner.id",
                                       .rule = "JWT-02"},
                                      faults)) {
    token.user_id = *subject;
  }
}

/// A claim that can have one value only.
void check_fixed(const Element& root, std::string_view name, std::string_view value, ClaimFaults& faults) {
  const auto expected = "exactly \"" + std::string{value} + '"';
  const auto found =
      text_claim({.in = &root, .name = name, .path = name, .expected = expected, .rule = "JWT-02"}, faults);
  if (found && *found != value) {
    faults.add(name, std::string{name} + " is " + quoted(*found) + "; it must be " + expected, "JWT-02");
  }
}

void check_times(const Element& root, Instant now, const TokenPolicy& policy, Token& token, ClaimFaults& faults) {
  const auto issued =
      seconds_claim({.in = &root,
                     .name = "iat",
                     .path = "iat",
                     .expected = "the time the token was made, a whole number of seconds since 1970 UTC",
                     .rule = "JWT-02"},
                    faults);
  const auto expires = seconds_claim({.in = &root,
                                      .name = "exp",
                                      .path = "exp",
                                      .expected = "iat + 300, a whole number of seconds since 1970 UTC",
                                      .rule = "JWT-02"},
                                     faults);
  if (issued) {
    token.issued_at = Instant{seconds{*issued}};
    if (policy.future_leeway && token.issued_at > now + *policy.future_leeway) {
      faults.add("iat",
                 "iat " + std::to_string(*issued) + " (" + to_iso8601(token.issued_at) +
                     ") is in the future: here it is " + to_iso8601(now) + ", and at most " +
                     std::to_string(policy.future_leeway->count()) +
                     " s ahead is taken; set the sending system's clock right",
                 "JWT-02");
    }
  }
  if (expires) {
    token.expires_at = Instant{seconds{*expires}};
    if (token.expires_at <= now) {
      faults.add("exp",
                 "exp " + std::to_string(*expires) + " (" + to_iso8601(token.expires_at) + ") is past: here it is " +
                     to_iso8601(now) + "; make a new token for each request, with the right clock",
                 "JWT-02");
    }
  }
  if (issued && expires && *expires != *issued + kTokenLife) {
    faults.add("exp",
               "exp is " + std::to_string(*expires) + "; it must be iat + 300 s exactly, which is " +
                   std::to_string(*issued + kTokenLife),
               "JWT-02");
  }
}

/// The scope, or an empty view with a fault noted when it does not fit the interaction.
std::string_view check_scope(const Element& root, const Interaction& interaction, Token& token, ClaimFaults& faults) {
  std::string expected;
  const auto say_expected = [&]() -> const std::string& {
    for (const auto scope : interaction.scopes) expected += (expected.empty() ? "" : " or ") + std::string{scope};
    return expected += " for this interaction";
  };
  const auto found = text_of(root, "requested_scope");
  const auto& scopes = interaction.scopes;
  if (std::find(scopes.begin(), scopes.end(), found) != scopes.end()) {
    token.scope = found;
    return found;
  }
  const auto scope = text_claim(
      {.in = &root, .name = "requested_scope", .path = "requested_scope", .expected = say_expected(), .rule = "JWT-04"},
      faults);
  if (scope)
    faults.add("requested_scope", "requested_scope is " + quoted(*scope) + "; it must be " + expected, "JWT-04");
  return {};
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
  const auto payload = open_jwt(jwt, policy);
  if (!payload) return payload.error();

  const Element& root = *payload->root();
  Token token;
  ClaimFaults faults;
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
  if (jwt.find_first_of(" \t,") != std::string_view::npos) {
    return bad_request(
        "Authorization has more than one token after \"Bearer\"; once, without spaces or commas, is right");
  }
  return check_token(jwt, interaction, now, policy);
}

}  // namespace gw::spine
