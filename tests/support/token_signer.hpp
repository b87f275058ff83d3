// Signs tokens as a sender's system would: keys of its own, their public parts as a key set. For tests.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"

namespace gw::test {

class TokenSigner {
 public:
  static TokenSigner rsa(unsigned bits = 2048) { return TokenSigner{EVP_RSA_gen(bits)}; }
  static TokenSigner p256() { return TokenSigner{EVP_EC_gen("P-256")}; }

  /// The public part; `more` is put before the rest, such as "\"use\":\"sig\",".
  [[nodiscard]] std::string jwk(const std::string& kid, const std::string& more = "") const {
    const auto start = "{" + more + "\"kid\":\"" + kid + "\",";
    if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
      return start + R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
             number(OSSL_PKEY_PARAM_RSA_E) + "\"}";
    }
    return start + R"("kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")" +
           number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"}";
  }

  /// The signature's bytes: for RSA by PSS or else PKCS #1, for P-256 r and s.
  [[nodiscard]] std::string sign(std::string_view text, bool pss = false) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    EVP_PKEY_CTX* parameters = nullptr;
    must(EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, key_.get()));
    if (pss) {
      must(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING));
      must(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST));
    }
    std::vector<unsigned char> bytes(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
    auto length = bytes.size();
    must(EVP_DigestSign(context.get(), bytes.data(), &length, reinterpret_cast<const unsigned char*>(text.data()),
                        text.size()));
    if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) return {bytes.begin(), bytes.begin() + static_cast<long>(length)};
    const unsigned char* der = bytes.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> both{
        d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(length)), &ECDSA_SIG_free};
    return padded(ECDSA_SIG_get0_r(both.get()), 32) + padded(ECDSA_SIG_get0_s(both.get()), 32);
  }

  /// The unsecured token `jwt`, signed, with this header.
  [[nodiscard]] std::string signed_token(std::string_view jwt, const std::string& header, bool pss = false) const {
    const auto start = jwt.find('.');
    const auto text = base64url_encode(header) + std::string{jwt.substr(start, jwt.rfind('.') - start)};
    return text + '.' + base64url_encode(sign(text, pss));
  }

 private:
  explicit TokenSigner(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) { must(key != nullptr ? 1 : 0); }

  static void must(int done) {
    if (done != 1) throw std::runtime_error("OpenSSL cannot sign");
  }
  static std::string padded(const BIGNUM* value, int least) {
    std::string bytes(static_cast<std::size_t>(std::max(BN_num_bytes(value), least)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    return bytes;
  }
  [[nodiscard]] std::string number(const char* name, int least = 0) const {
    BIGNUM* value = nullptr;
    must(EVP_PKEY_get_bn_param(key_.get(), name, &value));
    const auto text = base64url_encode(padded(value, least));
    BN_free(value);
    return text;
  }

  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace gw::test
