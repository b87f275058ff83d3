// The public keys that signed tokens are checked with (JWT-06), from a JSON Web Key Set (RFC 7517). Pure: works on
// text.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gw::spine {

enum class Signing : unsigned char { kRs256, kEs256, kPs256 };

/// "RS256"; nothing for any other algorithm.
[[nodiscard]] std::optional<Signing> signing_of(std::string_view alg);

/// One public key: RSA of 2048 to 16384 bits, or a point on P-256.
class TokenKey {
 public:
  TokenKey(std::shared_ptr<EVP_PKEY> key, std::optional<Signing> only) : key_(std::move(key)), only_(only) {}

  /// Whether tokens may be signed so with it: by its type, and by its "alg" where it has one.
  [[nodiscard]] bool fits(Signing signing) const;
  /// Bytes of a signature.
  [[nodiscard]] std::size_t signature_bytes() const;
  /// Whether `signature`, in the form of RFC 7518, is this key's over `signed_text`. False where it does not fit.
  [[nodiscard]] bool verifies(Signing signing, std::string_view signed_text, std::string_view signature) const;

 private:
  [[nodiscard]] bool is_rsa() const;

  std::shared_ptr<EVP_PKEY> key_;
  std::optional<Signing> only_;
};

/// An immutable set. Thread-safe to read.
class TokenKeys {
 public:
  TokenKeys() = default;

  /// Read a key set: {"keys":[{"kty":"RSA","kid":"...","n":"...","e":"..."},
  /// {"kty":"EC","crv":"P-256","kid":"...","x":"...","y":"..."}]}. Keys whose "use" is "enc" are passed over.
  /// Faults: kInvalid, naming the first key that is wrong: of another type or size, private, without a kid or with the
  /// kid of another.
  [[nodiscard]] static Result<std::shared_ptr<const TokenKeys>> from_jwks(std::string text);

  /// The key of this kid, or null. Lives as long as the set.
  [[nodiscard]] const TokenKey* find(std::string_view kid) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, TokenKey, std::less<>> keys_;
};

}  // namespace gw::spine
