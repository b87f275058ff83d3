// The claims of a token that is refused, for the audit. Each is read by the same code as those of a good one; only the
// faults are left aside.
#include "spine/claims.hpp"
#include "spine/jwt.hpp"
#include "spine/token.hpp"

namespace gw::spine {

Token claimed_token(const RequestHead& head, std::size_t max_bytes) {
  constexpr std::string_view scheme = "Bearer ";
  Token token;
  auto value = header_value(head.headers, kTokenHeader);
  if (value.size() > max_bytes + scheme.size() || !iequals(value.substr(0, scheme.size()), scheme)) return token;
  value.remove_prefix(scheme.size());
  const auto payload = read_payload(value);
  if (!payload) return token;
  // An interaction that any record fits, so that the patient is read whatever was asked for.
  const Interaction any{.id = {}, .operation = {}, .verb = {}, .resource = {}, .patient_record = false, .scopes = {}};
  ClaimFaults unheard;
  check_issuer_and_subject(*payload->root(), token, unheard);
  check_requested_record(*payload, any, {}, token, unheard);
  check_device(*payload, token, unheard);
  check_organization(*payload, token, unheard);
  check_practitioner(*payload, token, unheard);
  return token;
}

}  // namespace gw::spine
