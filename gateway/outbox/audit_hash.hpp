// What an audit record's hash is made of. The writer and the checker of the chain share it. Must not know the database.
//
// hash = H(hash before || number || time || kind || task || status || the text fields in table order || the identifier,
// where there is one), numbers as 8 bytes and texts behind their length; before the first record stand 32 zero bytes.
// H is HMAC-SHA256 under the chain's key, SHA-256 where it has none. The identifier came later than the rest: a record
// without one hashes as it always did.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "outbox/audit_key.hpp"

namespace gw::outbox {

/// A record as it is kept; borrows its texts.
struct AuditRow {
  static constexpr std::size_t kTexts = 14;

  std::int64_t number = 0, at = 0, task = 0, status = 0;  ///< task 0: of no task
  std::string_view kind;
  std::array<std::string_view, kTexts> texts;  ///< in the order of the columns, from `trace` to `peer_address`
  std::string_view outcome, identifier;
};

/// For one thread at a time.
class AuditHash {
 public:
  /// Use this key from now on; null: none.
  void use(const AuditKey* key);
  [[nodiscard]] Sha256 of(const Sha256& before, const AuditRow& row);

 private:
  std::optional<HmacSha256> hmac_;
  std::string canonical_;  // kept for its memory
};

/// The kind of the records that the chain makes of itself: which key is in use from that record on, and whether the
/// head is kept outside.
inline constexpr std::string_view kChainKind = "chain";
/// The outcome of the record that a key begins with, itself under that key: "key 0123456789abcdef".
[[nodiscard]] std::string key_mark(const AuditKey& key);
/// The id in such an outcome; nothing in any other.
[[nodiscard]] std::optional<std::string_view> key_in_mark(std::string_view outcome);
inline constexpr std::string_view kWitnessBegins = "witness begins";
inline constexpr std::string_view kWitnessEnds = "witness ends";

}  // namespace gw::outbox
