// The token's plain claims: who issued it for whom, until when, and for what (JWT-02, JWT-04). Must not know how a
// token is encoded, nor the resources it holds.
#include <algorithm>
#include <string>

#include "spine/claims.hpp"
#include "spine/quote.hpp"

namespace gw::spine {

namespace {

using fhir::Element;

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

}  // namespace

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

}  // namespace gw::spine
