// The audit token, as it stands in the Authorization header and as its claims alone.
#include "spine/token.hpp"
#include "base/digest.hpp"
#include "fuzz/target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw;
  static const auto* const create = spine::find_interaction("urn:nhs:names:services:gpconnect:fhir:rest:create:order");
  const auto text = fuzz::text_of(data, size);
  RequestHead head;
  head.headers = {{"Authorization", std::string{text}}};
  (void)spine::read_token(head, *create, fuzz::kNow);
  const auto jwt = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + base64url_encode(text) + '.';
  if (const auto token = spine::check_token(jwt, *create, fuzz::kNow)) {
    fuzz::demand(token->expires_at - token->issued_at == std::chrono::minutes{5},
                 "a token lives five minutes (JWT-02)");
    fuzz::demand(!token->user_id.empty(), "an accepted token names its user (JWT-02)");
  }
  return 0;
}
