// Digests and the text forms of bytes, over OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_mac_ctx_st;  // OpenSSL's

namespace gw {

using Sha256 = std::array<std::uint8_t, 32>;

/// HMAC-SHA256 (RFC 2104) of many texts under one key, which is set up once. For one thread at a time.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  [[nodiscard]] Sha256 of(std::string_view bytes);

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

[[nodiscard]] Sha256 sha256(std::string_view bytes);
/// Hash of several pieces, each preceded by its length, so that ("ab","c") and ("a","bc") differ.
[[nodiscard]] Sha256 sha256_of(std::initializer_list<std::string_view> pieces);
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
/// base64url (RFC 4648 section 5); trailing padding is tolerated, any other stray character gives nothing.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);
/// base64url without padding.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
/// A random (version 4) UUID in lower case, from the system's cryptographic generator.
[[nodiscard]] std::string random_uuid();
/// The name-based (version 5, RFC 4122) UUID of `name` in the namespace `uuid`, which must be one in lower case.
[[nodiscard]] std::string uuid_of_name(std::string_view uuid, std::string_view name);

}  // namespace gw
