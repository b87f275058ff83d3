// The audit: numbered without gaps, each record chained to the one before by hash (AUD-01, AUD-02).
// Must not know when records are written: that is the transaction's business.
//
// Start reading at audit_hash.hpp (what a record's hash is made of), then audit_key.hpp (who can make one),
// audit_witness.hpp (what tells that records were cut off at the end), audit_verify.hpp (the check of it all),
// audit_search.hpp (reading it). Each task keeps the number of its latest record, so that a record of a task that is
// cut off is missed too, even without a witness. Times may go back, when the clock was set, and where a long request
// ends after a short one that came later; a record dated back afterwards breaks its hash.
//
// A key is begun, and changed, by a record of the chain's own (kind "chain"), under the new key: it vouches for
// everything before it as it stood then. So an audit without a key is brought under one by naming the key and starting
// the gateway, and an old key, once known to others, is of no use for what came after it. A chain is never taken out of
// its key again: a gateway without the key does not start on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "outbox/audit_hash.hpp"
#include "outbox/audit_head.hpp"
#include "outbox/entry.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

/// What the chain's own records say of it.
struct AuditMarks {
  std::string key;       ///< id of the key that the last records are under; empty: none
  bool witness = false;  ///< the head is kept outside
};

/// Read over any connection; the caller looks at its status.
[[nodiscard]] AuditMarks audit_marks(Connection& connection);

/// Writes records. Lives on the writer's connection; its steps mark that connection when they fail.
class AuditChain {
 public:
  explicit AuditChain(Connection& connection);

  /// Go to the end of what is on disk: at the start, and after a rollback.
  Status load();
  /// The key for what is appended from now on; null: none. It is copied.
  void use(const AuditKey* key) { hash_of_.use(key); }
  /// Whether the last record has the hash that it must have under `key` (the one it was written with).
  Result<bool> ends_well(const AuditKey* key);
  /// The hash of record `number`, as it is on disk; nothing when there is no such record.
  Result<std::optional<Sha256>> hash_at(std::int64_t number);

  /// Append, inside the caller's transaction, with each text made fit by audit_text(); gives the record's number.
  std::int64_t append(const AuditRecord& record);
  [[nodiscard]] const AuditHead& head() const { return head_; }

 private:
  Connection& connection_;
  Statement insert_;
  Statement tail_;
  AuditHead head_;
  AuditHash hash_of_;
  std::array<std::string, AuditRow::kTexts + 2> room_;  // kept for its memory
};

/// The columns of a record in AuditRow's order, and where they begin in a SELECT of them.
inline constexpr std::string_view kAuditColumns =
    "seq, at, kind, task, status, trace, from_asid, to_asid, interaction, user_id, user_name, user_role, organisation, "
    "device, authority, patient, peer_fqdn, peer_fingerprint, peer_address, outcome, identifier, hash";
inline constexpr int kAuditHashColumn = 21;
/// One row of such a SELECT; borrows from `rows` until its next step.
[[nodiscard]] AuditRow audit_row(const Rows& rows);

}  // namespace gw::outbox
