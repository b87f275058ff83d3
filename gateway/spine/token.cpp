#include "spine/token.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/digest.hpp"
#include "fhir/read.hpp"
#include "spine/claims.hpp"
#include "spine/quote.hpp"

namespace gw::spine {

namespace {

using fhir::Checked;
using fhir::Document;
using fhir::Element;
using fhir::Issue;
using fhir::Refusal;

constexpr std::string_view kHeaderName = "Authorization";
/// base64url of {"alg":"none","typ":"JWT"}, as nearly every sender writes it.
constexpr std::string_view kUsualHeader = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
constexpr fhir::ReadLimits kHeaderLimits{.depth = 4, .elements = 16};
constexpr fhir::ReadLimits kPayloadLimits{.depth = 16, .elements = 1000};
constexpr std::size_t kDescriptionBytes = 200;

/// A challenge as RFC 6750 section 3 writes it; its description may hold neither quotes nor characters beyond ASCII.
Header challenge(std::string_view error, std::string_view description) {
  std::string text{description.substr(0, kDescriptionBytes)};
  for (auto& c : text) {
    if (c == '"') c = '\'';
    if (c < 0x20 || c > 0x7E || c == '\\') c = '?';
  }
  return {"WWW-Authenticate", "Bearer error=\"" + std::string{error} + "\", error_description=\"" + text + '"'};
}

Refusal refused(std::string_view error, std::string diagnostics, std::string_view rule = "JWT-01",
                fhir::IssueType type = fhir::IssueType::kInvalid) {
  auto header = challenge(error, diagnostics);
  auto refusal = fhir::refuse(
      400,
      Issue{.type = type, .diagnostics = std::move(diagnostics), .location = std::string{kHeaderName}, .rule = rule});
  refusal.headers.push_back(std::move(header));
  return refusal;
}

Refusal bad_request(std::string diagnostics) {
  return refused("invalid_request", std::move(diagnostics));
}

Refusal bad_token(std::string diagnostics, std::string_view rule = "JWT-01") {
  return refused("invalid_token", std::move(diagnostics), rule);
}

/// The three parts between the full stops.
struct Parts {
  std::string_view header, payload, signature;
};

Checked<Parts> split(std::string_view jwt) {
  const auto stops = std::count(jwt.begin(), jwt.end(), '.');
  if (stops != 2) {
    return bad_token("the token has " + std::to_string(stops + 1) +
                     " parts; an unsecured JWT has three, header.payload. with nothing after the second full stop");
  }
  const auto first = jwt.find('.');
  const auto second = jwt.rfind('.');
  return Parts{jwt.substr(0, first), jwt.substr(first + 1, second - first - 1), jwt.substr(second + 1)};
}

/// A part from base64url over JSON to its tree. `which` is "header" or "payload".
Checked<Document> open_part(std::string_view part, const std::string& which, const fhir::ReadLimits& limits) {
  if (part.empty()) return bad_token("the token's " + which + " is empty");
  auto bytes = base64url_decode(part);
  if (!bytes) {
    const bool plain = part.find_first_of("+/") != std::string_view::npos;
    return bad_token("the token's " + which + " is not base64url" +
                     (plain ? ": it holds '+' or '/' of plain base64, where base64url has '-' and '_'"
                            : "; only A-Z a-z 0-9 - _ are right, with no other characters or line breaks"));
  }
  auto document = fhir::read_plain_json(std::move(*bytes), limits);
  if (document) return document;
  const auto& issues = document.error().issues;
  std::string why;
  if (!issues.empty()) {
    const auto& first = issues.front();
    why = ": " + without_nhs_numbers(first.diagnostics);
    if (first.line > 0) {
      why += " (line " + std::to_string(first.line) + ", column " + std::to_string(first.column) + " of the " + which +
             ')';
    }
  }
  return bad_token("the token's " + which + " is not a well-formed JSON object" + why);
}

/// Empty when the header is that of an unsecured JWT.
std::optional<Refusal> check_header(std::string_view part) {
  if (part == kUsualHeader) return std::nullopt;
  const auto document = open_part(part, "header", kHeaderLimits);
  if (!document) return document.error();
  const Element& root = *document->root();
  const auto alg = text_of(root, "alg");
  if (alg != "none") {
    return bad_token(alg.empty() ? std::string{"the token's header has no alg; it must be \"none\""}
                                 : "the token's alg is " + quoted(alg) +
                                       "; only unsecured tokens are taken here, whose alg is \"none\"",
                     alg.empty() ? "JWT-01" : "JWT-06");
  }
  for (const auto* member = root.first_child; member != nullptr; member = member->next) {
    if (member->name == "alg" || (member->name == "typ" && member->kind == fhir::ValueKind::kString &&
                                  !member->in_array && member->value == "JWT")) {
      continue;
    }
    return bad_token("the token's header has " + quoted(member->name) +
                     (member->name == "typ" ? " other than \"JWT\"" : " in it") +
                     R"(; it must be exactly {"alg":"none","typ":"JWT"})");
  }
  return std::nullopt;
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
    return refused("invalid_token",
                   "the token has " + std::to_string(jwt.size()) + " characters; at most " +
                       std::to_string(policy.max_bytes) + " are taken",
                   "JWT-01", fhir::IssueType::kTooLong);
  }
  const auto parts = split(jwt);
  if (!parts) return parts.error();
  if (auto refusal = check_header(parts->header)) return *std::move(refusal);
  if (!parts->signature.empty()) {
    return bad_token("the token has a signature although its alg is \"none\"; the third part must be empty");
  }
  const auto payload = open_part(parts->payload, "payload", kPayloadLimits);
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
  const auto count = header_count(head.headers, kHeaderName);
  if (count == 0) {
    return bad_request(
        "Authorization is missing; every request needs \"Authorization: Bearer \" and an audit token (JWT)");
  }
  if (count > 1) {
    return bad_request("Authorization is there " + std::to_string(count) + " times; once is right");
  }
  const auto value = header_value(head.headers, kHeaderName);
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
