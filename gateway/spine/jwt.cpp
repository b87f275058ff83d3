#include "spine/jwt.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/digest.hpp"
#include "fhir/read.hpp"
#include "spine/claims.hpp"
#include "spine/quote.hpp"
#include "spine/token_keys.hpp"

namespace gw::spine {

namespace {

using fhir::Checked;
using fhir::Document;
using fhir::Element;
using fhir::Issue;
using fhir::Refusal;

/// base64url of {"alg":"none","typ":"JWT"}, as nearly every sender writes it.
constexpr std::string_view kUsualHeader = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
constexpr fhir::ReadLimits kHeaderLimits{.depth = 4, .elements = 16};
constexpr fhir::ReadLimits kPayloadLimits{.depth = 16, .elements = 1000};
constexpr std::size_t kDescriptionBytes = 200;

Refusal bad_token(std::string diagnostics, std::string_view rule = "JWT-01") {
  return refused_token("invalid_token", std::move(diagnostics), rule);
}

/// The three parts between the full stops.
struct Parts {
  std::string_view header, payload, signature;
};

Checked<Parts> split(std::string_view jwt) {
  const auto first = jwt.find('.');
  const auto last = jwt.rfind('.');
  if (first == last || jwt.find('.', first + 1) != last) {
    const auto stops = std::count(jwt.begin(), jwt.end(), '.');
    return bad_token("the token has " + (stops == 0 ? std::string{"1 part"} : std::to_string(stops + 1) + " parts") +
                     "; a JWT has three, header.payload.signature, of which an unsecured one leaves the last empty");
  }
  return Parts{jwt.substr(0, first), jwt.substr(first + 1, last - first - 1), jwt.substr(last + 1)};
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

/// A member that has no place in the header; null when there is none.
const Element* stranger_in(const Element& header, bool is_signed) {
  for (const auto* member = header.first_child; member != nullptr; member = member->next) {
    const bool is_type = member->name == "typ" && member->kind == fhir::ValueKind::kString && !member->in_array &&
                         member->value == "JWT";
    if (member->name != "alg" && !is_type && !(is_signed && member->name == "kid")) return member;
  }
  return nullptr;
}

Refusal refused_member(const Element& member, std::string_view right) {
  return bad_token("the token's header has " + quoted(member.name) +
                   (member.name == "typ" ? " other than \"JWT\"" : " in it") + "; it must be exactly " +
                   std::string{right});
}

/// Empty when the header is that of an unsecured JWT.
std::optional<Refusal> check_unsecured(const Parts& parts) {
  if (parts.header != kUsualHeader) {
    const auto document = open_part(parts.header, "header", kHeaderLimits);
    if (!document) return document.error();
    const Element& root = *document->root();
    const auto alg = text_of(root, "alg");
    if (alg.empty()) return bad_token("the token's header has no alg; it must be \"none\"");
    if (alg != "none") {
      return bad_token(
          "the token's alg is " + quoted(alg) + "; only unsecured tokens are taken here, whose alg is \"none\"",
          "JWT-06");
    }
    if (const auto* const member = stranger_in(root, false))
      return refused_member(*member, R"({"alg":"none","typ":"JWT"})");
  }
  if (parts.signature.empty()) return std::nullopt;
  return bad_token("the token has a signature although its alg is \"none\"; the third part must be empty");
}

/// Empty when the token is signed with a key of `keys`, in a way that fits the key.
std::optional<Refusal> check_signature(std::string_view jwt, const Parts& parts, const TokenKeys* keys) {
  constexpr std::string_view rule = "JWT-06";
  const auto document = open_part(parts.header, "header", kHeaderLimits);
  if (!document) return document.error();
  const Element& root = *document->root();
  const auto alg = text_of(root, "alg");
  const auto signing = signing_of(alg);
  if (!signing) {
    return bad_token(
        "the token's alg is " + quoted(alg) + "; this sender's tokens must be signed, with RS256, ES256 or PS256",
        rule);
  }
  if (const auto* const member = stranger_in(root, true))
    return refused_member(*member, R"({"alg":"...","typ":"JWT","kid":"..."})");
  const auto kid = text_of(root, "kid");
  if (kid.empty()) return bad_token("the token's header has no kid; it must name the key that signed the token", rule);
  const auto* const key = keys == nullptr ? nullptr : keys->find(kid);
  if (key == nullptr) {
    return bad_token(
        "the token's kid is " + quoted(kid) + ", which is no key that is known here; have the public key added", rule);
  }
  if (!key->fits(*signing))
    return bad_token("the token's alg is " + quoted(alg) + ", which the key of its kid does not sign with", rule);
  const auto signature = base64url_decode(parts.signature);
  if (!signature) return bad_token("the token's signature is not base64url", rule);
  if (signature->size() != key->signature_bytes()) {
    return bad_token("the token's signature has " + std::to_string(signature->size()) +
                         " bytes; with this key it has " + std::to_string(key->signature_bytes()) +
                         (*signing == Signing::kEs256 ? ", r and s one after the other, not DER" : ""),
                     rule);
  }
  const auto signed_text = jwt.substr(0, parts.header.size() + 1 + parts.payload.size());
  if (key->verifies(*signing, signed_text, *signature)) return std::nullopt;
  return bad_token("the token's signature is not that of its kid's key over this header and payload", rule);
}

}  // namespace

Checked<Document> read_payload(std::string_view jwt) {
  const auto parts = split(jwt);
  if (!parts) return parts.error();
  return open_part(parts->payload, "payload", kPayloadLimits);
}

Header challenge(std::string_view error, std::string_view description) {
  std::string text{description.substr(0, kDescriptionBytes)};
  // It may hold neither quotes nor characters beyond ASCII.
  for (auto& c : text) {
    if (c == '"') c = '\'';
    if (c < 0x20 || c > 0x7E || c == '\\') c = '?';
  }
  return {"WWW-Authenticate", "Bearer error=\"" + std::string{error} + "\", error_description=\"" + text + '"'};
}

Refusal refused_token(std::string_view error, std::string diagnostics, std::string_view rule, fhir::IssueType type) {
  auto header = challenge(error, diagnostics);
  auto refusal = fhir::refuse(
      400,
      Issue{.type = type, .diagnostics = std::move(diagnostics), .location = std::string{kTokenHeader}, .rule = rule});
  refusal.headers.push_back(std::move(header));
  return refusal;
}

Checked<Document> open_jwt(std::string_view jwt, const TokenPolicy& policy) {
  const auto parts = split(jwt);
  if (!parts) return parts.error();
  auto refusal = policy.signature_required ? check_signature(jwt, *parts, policy.keys) : check_unsecured(*parts);
  if (refusal) return *std::move(refusal);
  return open_part(parts->payload, "payload", kPayloadLimits);
}

}  // namespace gw::spine
