// The keys of the audit's chain: with one, nobody who cannot read it can write a record that verifies, or make the
// chain anew. Must not know the database.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace gw::outbox {

/// One key: 64 hexadecimal digits or more in a file that its owner alone may read. Never shown; its id is.
class AuditKey {
 public:
  /// Errors: kInvalid, naming the file and what is right; never what it holds.
  static Result<AuditKey> read(const std::filesystem::path& file);

  /// 16 hexadecimal digits that tell keys apart and tell nothing of them.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] HmacSha256 hmac() const { return HmacSha256{bytes_}; }

 private:
  explicit AuditKey(std::string bytes);

  std::string bytes_, id_;
};

struct AuditKeys {
  std::optional<AuditKey> current;  ///< nothing: the chain has no key
  std::vector<AuditKey> old;        ///< that earlier records are under

  /// Borrows. Null: not known.
  [[nodiscard]] const AuditKey* find(std::string_view id) const;
};

/// `current` may be empty. Errors: as AuditKey::read; old keys without a current one.
Result<AuditKeys> read_audit_keys(const std::filesystem::path& current, const std::vector<std::filesystem::path>& old);

}  // namespace gw::outbox
