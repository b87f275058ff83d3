#include "base/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace gw {

namespace {

struct CtxFree {
  void operator()(EVP_MD_CTX* ctx) const { EVP_MD_CTX_free(ctx); }
};

// Fetched once: looking SHA-256 up by name on every call costs more than hashing a short row.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

EVP_MD_CTX* context() {
  thread_local const std::unique_ptr<EVP_MD_CTX, CtxFree> ctx{EVP_MD_CTX_new()};
  if (EVP_DigestInit_ex2(ctx.get(), sha256_method(), nullptr) != 1) throw std::runtime_error("SHA-256 is unavailable");
  return ctx.get();
}

Sha256 finish(EVP_MD_CTX* ctx) {
  Sha256 out{};
  unsigned length = 0;
  EVP_DigestFinal_ex(ctx, out.data(), &length);
  return out;
}

constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> kBase64UrlValue = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < kBase64Url.size(); ++i)
    table[static_cast<unsigned char>(kBase64Url[i])] = static_cast<std::int8_t>(i);
  return table;
}();

using UuidBytes = std::array<std::uint8_t, 16>;

std::string uuid_text(UuidBytes bytes, unsigned version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | (version << 4U));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  auto text = to_hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

}  // namespace

HmacSha256::HmacSha256(std::string_view key) {
  static EVP_MAC* const method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  context_.reset(EVP_MAC_CTX_new(method));
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key.data());
  if (EVP_MAC_init(context_.get(), bytes, key.size(), parameters.data()) != 1) {
    throw std::runtime_error("HMAC-SHA256 is unavailable");
  }
}

Sha256 HmacSha256::of(std::string_view bytes) {
  Sha256 out{};
  std::size_t length = 0;
  const auto* const text = reinterpret_cast<const unsigned char*>(bytes.data());
  // Without a key: begin anew with the one that is set up.
  const bool done = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(context_.get(), text, bytes.size()) == 1 &&
                    EVP_MAC_final(context_.get(), out.data(), &length, out.size()) == 1 && length == out.size();
  if (!done) throw std::runtime_error("HMAC-SHA256 failed");
  return out;
}

void HmacSha256::Free::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

Sha256 sha256(std::string_view bytes) {
  auto* ctx = context();
  EVP_DigestUpdate(ctx, bytes.data(), bytes.size());
  return finish(ctx);
}

Sha256 sha256_of(std::initializer_list<std::string_view> pieces) {
  auto* ctx = context();
  for (const auto piece : pieces) {
    const std::uint64_t length = piece.size();
    EVP_DigestUpdate(ctx, &length, sizeof length);
    EVP_DigestUpdate(ctx, piece.data(), piece.size());
  }
  return finish(ctx);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes(text.size() * 3 / 4, '\0');
  auto* out = bytes.data();
  // Negative for a character that is none of the 64, and then so is its group.
  const auto value = [](char c) -> std::int32_t { return kBase64UrlValue[static_cast<unsigned char>(c)]; };
  for (; text.size() >= 4; text.remove_prefix(4)) {
    const auto bits = value(text[0]) << 18 | value(text[1]) << 12 | value(text[2]) << 6 | value(text[3]);
    if (bits < 0) return std::nullopt;
    *out++ = static_cast<char>(bits >> 16);
    *out++ = static_cast<char>(bits >> 8);
    *out++ = static_cast<char>(bits);
  }
  if (!text.empty()) {
    const auto bits = value(text[0]) << 18 | value(text[1]) << 12 | (text.size() == 3 ? value(text[2]) << 6 : 0);
    if (bits < 0) return std::nullopt;
    *out++ = static_cast<char>(bits >> 16);
    if (text.size() == 3) *out++ = static_cast<char>(bits >> 8);
  }
  return bytes;
}

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    group = group << 8U | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += kBase64Url[group >> bits & 63U];
    }
  }
  if (bits > 0) text += kBase64Url[group << (6U - bits) & 63U];
  return text;
}

std::string random_uuid() {
  UuidBytes bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) throw std::runtime_error("the system has no randomness");
  return uuid_text(bytes, 4);
}

std::string uuid_of_name(std::string_view uuid, std::string_view name) {
  std::string named;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < uuid.size(); ++i) {
    if (uuid[i] == '-') continue;
    named += static_cast<char>(digit(uuid[i]) * 16 + digit(uuid[i + 1]));
    ++i;
  }
  named += name;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA1", nullptr, named.data(), named.size(), hash.data(), &size) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-1");
  }
  UuidBytes bytes{};
  std::copy_n(hash.begin(), bytes.size(), bytes.begin());
  return uuid_text(bytes, 5);
}

}  // namespace gw
