// Senders whose tokens must be signed, and the file of the keys.
#include "exchange/key_source.hpp"
#include "directory/files.hpp"
#include "exchange/exchange_world.hpp"
#include "support/token_signer.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;
using gw::test::Files;
using gw::test::TokenSigner;

namespace {

std::string set_of(const TokenSigner& signer) {
  return "{\"keys\":[" + signer.jwk("k1") + "]}";
}

RequestHead signed_by(const TokenSigner& signer) {
  auto head = good_request();
  const auto jwt = spine::make_token(token_claims());
  set_header(head, "Authorization", "Bearer " + signer.signed_token(jwt, R"({"alg":"ES256","typ":"JWT","kid":"k1"})"));
  return head;
}

std::string verdict(const RequestHead& head, bool signs_tokens, const KeySource* keys) {
  auto known = organisations();
  known.front().policy.signs_tokens = signs_tokens;
  outbox::AuditRecord trail;
  return verdict_on(identify(head, make_directory(std::move(known)), caller_settings(), kNow, trail, keys));
}

constexpr auto* kRefused = "400 BAD_REQUEST invalid JWT-06";

}  // namespace

TEST_CASE("token keys: a sender that must sign is heard with a signed token alone, others with an unsigned (JWT-06)",
          "[exchange]") {
  const Files files;
  const auto signer = TokenSigner::p256();
  KeySource keys{files.write("keys.json", set_of(signer))};
  REQUIRE(keys.reload().has_value());
  CHECK(verdict(signed_by(signer), true, &keys) == "accepted");
  CHECK(verdict(good_request(), true, &keys) == kRefused);
  CHECK(verdict(signed_by(TokenSigner::p256()), true, &keys) == kRefused);
  CHECK(verdict(good_request(), false, &keys) == "accepted");
  CHECK(verdict(signed_by(signer), false, &keys) == kRefused);
}

TEST_CASE("token keys: without keys no signed token is accepted (JWT-06)", "[exchange]") {
  KeySource none{{}};
  REQUIRE(none.reload().has_value());
  CHECK(none.current()->size() == 0);
  const auto head = signed_by(TokenSigner::p256());
  CHECK(verdict(head, true, &none) == kRefused);
  CHECK(verdict(head, true, nullptr) == kRefused);
}

TEST_CASE("token keys: a reload puts the new keys in force, a bad file leaves those that were (JWT-06, OPS-01)",
          "[exchange]") {
  const Files files;
  const auto first = TokenSigner::p256();
  const auto second = TokenSigner::p256();
  KeySource keys{files.write("keys.json", set_of(first))};
  REQUIRE(keys.reload().has_value());

  (void)files.write("keys.json", "{\"keys\":[{}]}");
  const auto bad = keys.reload();
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().detail.starts_with("the token keys' file "));
  CHECK(bad.error().detail.ends_with("key 1: it has no kid, which is what a token names its key by"));
  CHECK(verdict(signed_by(first), true, &keys) == "accepted");

  (void)files.write("keys.json", set_of(second));
  REQUIRE(keys.reload().has_value());
  CHECK(verdict(signed_by(first), true, &keys) == kRefused);
  CHECK(verdict(signed_by(second), true, &keys) == "accepted");
}

TEST_CASE("token keys: a file that is not there or has no end is refused (JWT-06)", "[exchange]") {
  const Files files;
  CHECK(KeySource{files.path("none.json")}.reload().error().detail.ends_with("it cannot be read"));
  KeySource large{files.write("keys.json", std::string((std::size_t{1} << 20U) + 1, ' '))};
  CHECK(large.reload().error().detail.ends_with("it has more than 1048576 bytes"));
}
