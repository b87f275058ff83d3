// Signed tokens: the key set, and what a signature must be.
#include <catch2/catch.hpp>

#include "payload.hpp"
#include "spine/token_keys.hpp"
#include "support/token_signer.hpp"

using namespace gw;
using spine::Signing;
using spine::TokenKeys;
using test::has;
using test::Payload;
using test::TokenSigner;

namespace {

const TokenSigner& rsa() {
  static const auto signer = TokenSigner::rsa();
  return signer;
}
const TokenSigner& p256() {
  static const auto signer = TokenSigner::p256();
  return signer;
}

std::string set_of(const std::string& keys) {
  return "{\"keys\":[" + keys + "]}";
}

std::shared_ptr<const TokenKeys> known_keys() {
  static const auto keys = TokenKeys::from_jwks(
      set_of(rsa().jwk("r") + ',' + p256().jwk("e") + ',' + rsa().jwk("only-ps", R"("alg":"PS256",)")));
  REQUIRE(keys.has_value());
  return *keys;
}

std::string header(const std::string& alg, const std::string& kid) {
  return R"({"alg":")" + alg + R"(","typ":"JWT","kid":")" + kid + "\"}";
}

/// What a sender whose tokens must be signed is told of `jwt`; empty when it is accepted.
std::string told(const std::string& jwt) {
  const auto keys = known_keys();
  const spine::TokenPolicy policy{.signature_required = true, .keys = keys.get()};
  const auto checked = spine::check_token(jwt, *spine::find_interaction(test::kCreateOrder), test::kNow, policy);
  if (checked) return {};
  const auto refusal = checked.error();
  const auto& issue = refusal.issues.at(0);
  CHECK(refusal.status == 400);
  CHECK(has(header_value(refusal.headers, "WWW-Authenticate"), "invalid_token"));
  return std::string{issue.rule} + ' ' + issue.diagnostics;
}

std::string fault_of(const std::string& jwks) {
  const auto keys = TokenKeys::from_jwks(jwks);
  return keys ? std::string{} : keys.error().detail;
}

}  // namespace

TEST_CASE("signature: RS256, PS256 and ES256 tokens of a known key are accepted (JWT-06)", "[spine]") {
  const auto jwt = Payload{}.jwt();
  CHECK(told(rsa().signed_token(jwt, header("RS256", "r"))).empty());
  CHECK(told(rsa().signed_token(jwt, header("PS256", "r"), true)).empty());
  CHECK(told(rsa().signed_token(jwt, header("PS256", "only-ps"), true)).empty());
  CHECK(told(p256().signed_token(jwt, header("ES256", "e"))).empty());
  CHECK(told(p256().signed_token(jwt, R"({"kid":"e","alg":"ES256"})")).empty());
}

TEST_CASE("signature: the example of RFC 7515 A.3 verifies, and no other text (JWT-06)", "[spine]") {
  const auto keys = TokenKeys::from_jwks(set_of(
      R"({"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"));
  REQUIRE(keys.has_value());
  const std::string text =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ";
  const auto signature =
      base64url_decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
          .value();
  CHECK((*keys)->find("a")->verifies(Signing::kEs256, text, signature));
  CHECK_FALSE((*keys)->find("a")->verifies(Signing::kEs256, text + "A", signature));
}

TEST_CASE("signature: an unsigned token of a sender that must sign is refused, with what is right (JWT-06)",
          "[spine]") {
  const auto refused = told(Payload{}.jwt());
  CHECK(has(refused, "JWT-06 the token's alg is 'none'"));
  CHECK(has(refused, "RS256, ES256 or PS256"));
}

TEST_CASE("signature: a signed token of a sender that may not sign is refused (JWT-06)", "[spine]") {
  const auto jwt = rsa().signed_token(Payload{}.jwt(), header("RS256", "r"));
  const auto checked = spine::check_token(jwt, *spine::find_interaction(test::kCreateOrder), test::kNow);
  CHECK(has(test::issues_of(checked), "the token's alg is 'RS256'; only unsecured tokens"));
}

TEST_CASE("signature: an alg that is not its key's is refused, also where the bytes would fit (JWT-06)", "[spine]") {
  const auto jwt = Payload{}.jwt();
  CHECK(has(told(rsa().signed_token(jwt, header("ES256", "r"))), "which the key of its kid does not sign with"));
  CHECK(has(told(p256().signed_token(jwt, header("RS256", "e"))), "which the key of its kid does not sign with"));
  CHECK(has(told(rsa().signed_token(jwt, header("RS256", "only-ps"))), "which the key of its kid does not sign with"));
  CHECK(has(told(rsa().signed_token(jwt, header("RS256", "r"), true)), "the token's signature is not that"));
  CHECK(has(told(rsa().signed_token(jwt, header("PS256", "r"))), "the token's signature is not that"));
  for (const std::string alg : {"HS256", "RS512", "rs256", "NONE", ""})
    CHECK(has(told(rsa().signed_token(jwt, header(alg, "r"))), "JWT-06 the token's alg is"));
}

TEST_CASE("signature: a token whose key is unnamed or unknown is refused (JWT-06)", "[spine]") {
  const auto jwt = Payload{}.jwt();
  CHECK(has(told(rsa().signed_token(jwt, R"({"alg":"RS256","typ":"JWT"})")), "has no kid"));
  CHECK(has(told(rsa().signed_token(jwt, header("RS256", "other"))), "kid is 'other', which is no key"));
  CHECK(has(told(rsa().signed_token(jwt, R"({"alg":"RS256","kid":"r","jku":"https://x.example"})")), "'jku' in it"));
  CHECK(has(told(rsa().signed_token(jwt, R"({"alg":"RS256","kid":"r","crit":["exp"]})")), "'crit' in it"));
}

TEST_CASE("signature: anything changed, cut or by another key is refused (JWT-06)", "[spine]") {
  const auto jwt = Payload{}.jwt();
  const auto good = p256().signed_token(jwt, header("ES256", "e"));
  const auto start = good.substr(0, good.rfind('.') + 1);
  CHECK(has(told(start), "the token's signature has 0 bytes; with this key it has 64"));
  CHECK(has(told(good.substr(0, good.size() - 4)), "the token's signature has 61 bytes"));
  CHECK(has(told(start + "+/"), "the token's signature is not base64url"));
  CHECK(has(told(start + base64url_encode(std::string(64, '\0'))), "the token's signature is not that"));
  CHECK(has(told(TokenSigner::p256().signed_token(jwt, header("ES256", "e"))), "the token's signature is not that"));
  const auto other = Payload{}.set("/sub", "\"8\"").jwt();
  const auto swapped = good.substr(0, good.find('.')) + other.substr(other.find('.'), other.size() - other.find('.')) +
                       good.substr(good.rfind('.') + 1);
  CHECK(has(told(swapped), "the token's signature is not that"));
}

TEST_CASE("signature: a good one does not stand for right claims (JWT-06, JWT-02)", "[spine]") {
  const auto jwt = Payload{}.set("/exp", "1500000301").jwt();
  CHECK(has(told(p256().signed_token(jwt, header("ES256", "e"))), "JWT-02 exp is 1500000301"));
}

TEST_CASE("key set: a set that cannot be used is refused, naming the key and the cure (JWT-06)", "[spine]") {
  CHECK(has(fault_of("keys"), "not a well-formed JSON object"));
  CHECK(has(fault_of("{}"), "it has no key"));
  CHECK(has(fault_of(R"({"keys":[]})"), "it has no key"));
  CHECK(has(fault_of(set_of(p256().jwk("a") + ',' + rsa().jwk("a"))), "key 2 (kid 'a'): an earlier key has the same"));
  CHECK(has(fault_of(set_of(TokenSigner::rsa(1024).jwk("a"))), "key 1 (kid 'a'): its n has 1024 bits"));
  CHECK(has(fault_of(set_of(p256().jwk(""))), "key 1: it has no kid"));
  CHECK(has(fault_of(set_of(p256().jwk("a", R"("d":"AA",)"))), "private or secret key"));
  CHECK(has(fault_of(set_of(p256().jwk("a", R"("alg":"RS256",)"))), "which its kty does not sign"));
  CHECK(has(fault_of(set_of(p256().jwk("a", R"("alg":"HS256",)"))), "its alg is 'HS256'"));
  CHECK(has(fault_of(set_of(R"({"kid":"a","kty":"oct"})")), "its kty is 'oct'"));
  CHECK(has(fault_of(set_of(R"({"kid":"a","kty":"EC","crv":"P-384"})")), "its crv is 'P-384'"));
  CHECK(has(fault_of(set_of(R"({"kid":"a","kty":"EC","crv":"P-256","x":"AA","y":"AA"})")), "32 bytes"));
  const auto off_curve = base64url_encode(std::string(32, '\1'));
  CHECK(has(
      fault_of(set_of(R"({"kid":"a","kty":"EC","crv":"P-256","x":")" + off_curve + R"(","y":")" + off_curve + "\"}")),
      "no point on P-256"));
}

TEST_CASE("key set: keys for encryption are passed over (JWT-06)", "[spine]") {
  const auto keys = TokenKeys::from_jwks(set_of(R"({"use":"enc","kty":"OKP"},)" + p256().jwk("a", R"("use":"sig",)")));
  REQUIRE(keys.has_value());
  CHECK((*keys)->size() == 1);
  CHECK((*keys)->find("a") != nullptr);
}
