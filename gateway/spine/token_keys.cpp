#include "spine/token_keys.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <utility>

#include "base/digest.hpp"
#include "fhir/read.hpp"
#include "spine/quote.hpp"

namespace gw::spine {

namespace {

constexpr fhir::ReadLimits kSetLimits{.depth = 8, .elements = 20'000};
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 16'384;  // what OpenSSL verifies with
constexpr std::size_t kCoordinateBytes = 32;

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<BIGNUM> number_of(std::string_view big_endian) {
  return Owned<BIGNUM>{BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr)};
}

/// A public key of `type` from its parts; null when they are none.
std::shared_ptr<EVP_PKEY> key_of(const char* type, OSSL_PARAM_BLD& parts) {
  const Owned<OSSL_PARAM> params{OSSL_PARAM_BLD_to_param(&parts)};
  const Owned<EVP_PKEY_CTX> maker{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* made = nullptr;
  if (params != nullptr && maker != nullptr && EVP_PKEY_fromdata_init(maker.get()) == 1)
    (void)EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get());
  std::shared_ptr<EVP_PKEY> key{made, &EVP_PKEY_free};
  if (key != nullptr) {
    const Owned<EVP_PKEY_CTX> checker{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
    if (checker == nullptr || EVP_PKEY_public_check(checker.get()) != 1) key.reset();
  }
  ERR_clear_error();
  return key;
}

Fault wrong(std::string what) {
  return fault(FaultKind::kInvalid, std::move(what));
}

/// A member of a key that is base64url; empty when it is absent or none.
std::string part_of(const fhir::Element& jwk, std::string_view name) {
  return base64url_decode(jwk.child_value(name)).value_or(std::string{});
}

Result<std::shared_ptr<EVP_PKEY>> rsa_key(const fhir::Element& jwk) {
  const auto modulus = number_of(part_of(jwk, "n"));
  const auto exponent = number_of(part_of(jwk, "e"));
  const int bits = BN_num_bits(modulus.get());
  if (bits < kLeastRsaBits || bits > kMostRsaBits) {
    return wrong("its n has " + std::to_string(bits) + " bits; an RSA key needs n in base64url, of " +
                 std::to_string(kLeastRsaBits) + " bits or more, at most " + std::to_string(kMostRsaBits));
  }
  const Owned<OSSL_PARAM_BLD> parts{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  auto key = key_of("RSA", *parts);
  if (key == nullptr) return wrong("its n and e are no RSA public key; both stand in base64url, e mostly as AQAB");
  return key;
}

Result<std::shared_ptr<EVP_PKEY>> p256_key(const fhir::Element& jwk) {
  if (const auto curve = jwk.child_value("crv"); curve != "P-256")
    return wrong("its crv is " + quoted(curve) + "; P-256 is taken, for ES256");
  const auto x = part_of(jwk, "x");
  const auto y = part_of(jwk, "y");
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes)
    return wrong("its x and y must each be 32 bytes in base64url");
  const auto point = '\x04' + x + y;
  const Owned<OSSL_PARAM_BLD> parts{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  auto key = key_of("EC", *parts);
  if (key == nullptr) return wrong("its x and y are no point on P-256");
  return key;
}

Result<TokenKey> token_key(const fhir::Element& jwk) {
  if (jwk.child("d") != nullptr || jwk.child("k") != nullptr)
    return wrong("it is a private or secret key; only the public part of a key belongs here");
  const auto alg = jwk.child_value("alg");
  const auto only = signing_of(alg);
  if (!alg.empty() && !only) return wrong("its alg is " + quoted(alg) + "; RS256, PS256 and ES256 are taken");
  const auto type = jwk.child_value("kty");
  if (type != "RSA" && type != "EC") return wrong("its kty is " + quoted(type) + "; RSA and EC are taken");
  auto key = type == "RSA" ? rsa_key(jwk) : p256_key(jwk);
  if (!key) return key.error();
  TokenKey made{std::move(*key), only};
  if (only && !made.fits(*only)) return wrong("its alg is " + std::string{alg} + ", which its kty does not sign");
  return made;
}

/// r and s, each 32 bytes, as the DER that OpenSSL reads.
std::string der_of(std::string_view raw) {
  const Owned<ECDSA_SIG> signature{ECDSA_SIG_new()};
  auto r = number_of(raw.substr(0, kCoordinateBytes));
  auto s = number_of(raw.substr(kCoordinateBytes));
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return {};
  std::string text{reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)};
  OPENSSL_free(der);
  return text;
}

}  // namespace

std::optional<Signing> signing_of(std::string_view alg) {
  if (alg == "RS256") return Signing::kRs256;
  if (alg == "ES256") return Signing::kEs256;
  if (alg == "PS256") return Signing::kPs256;
  return std::nullopt;
}

bool TokenKey::is_rsa() const {
  return EVP_PKEY_is_a(key_.get(), "RSA") == 1;
}

bool TokenKey::fits(Signing signing) const {
  return (signing != Signing::kEs256) == is_rsa() && (!only_ || *only_ == signing);
}

std::size_t TokenKey::signature_bytes() const {
  return is_rsa() ? static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())) : 2 * kCoordinateBytes;
}

bool TokenKey::verifies(Signing signing, std::string_view signed_text, std::string_view signature) const {
  if (!fits(signing) || signature.size() != signature_bytes()) return false;
  const std::string form = is_rsa() ? std::string{signature} : der_of(signature);
  const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* parameters = nullptr;  // the context's own
  bool ready =
      context != nullptr && EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, key_.get()) == 1;
  if (ready && signing == Signing::kPs256) {
    ready = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  const bool good = ready && EVP_DigestVerify(context.get(), bytes_of(form), form.size(), bytes_of(signed_text),
                                              signed_text.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

Result<std::shared_ptr<const TokenKeys>> TokenKeys::from_jwks(std::string text) {
  const auto document = fhir::read_plain_json(std::move(text), kSetLimits);
  if (!document) {
    const auto& issues = document.error().issues;
    return wrong("it is not a well-formed JSON object" + (issues.empty() ? "" : ": " + issues.front().diagnostics));
  }
  const auto set = std::make_shared<TokenKeys>();
  std::size_t count = 0;
  for (const auto* jwk = document->root()->first_child; jwk != nullptr; jwk = jwk->next) {
    if (jwk->name != "keys" || !jwk->in_array) continue;
    ++count;
    if (jwk->child_value("use") == "enc") continue;
    const auto kid = jwk->child_value("kid");
    const auto which = "key " + std::to_string(count) + (kid.empty() ? "" : " (kid " + quoted(kid) + ")") + ": ";
    if (kid.empty()) return wrong(which + "it has no kid, which is what a token names its key by");
    auto key = token_key(*jwk);
    if (!key) return wrong(which + key.error().detail);
    if (!set->keys_.emplace(std::string{kid}, std::move(*key)).second)
      return wrong(which + "an earlier key has the same kid");
  }
  if (set->keys_.empty()) return wrong("it has no key to check signatures with; it must be {\"keys\":[...]}");
  return std::shared_ptr<const TokenKeys>{set};
}

const TokenKey* TokenKeys::find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace gw::spine
