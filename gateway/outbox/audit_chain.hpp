// The audit: numbered without gaps, each record chained to the one before by hash (AUD-01, AUD-02).
// Must not know when records are written: that is the transaction's business.
//
// hash = SHA-256(hash before || number || time || kind || task || status || the text fields in table order), with
// numbers as 8 bytes and texts behind their length; before the first stand 32 zero bytes. Each task keeps the number of
// its latest record, so that records cut off at the end are missed too. Times may go back, when the clock was set: a
// record dated back afterwards breaks its hash.
//
// The chain has no key: who can write the file can make it anew, and nothing but a task tells that records were cut off
// at its end. Against both, keep a head (number and hash, as `audit verify` prints them) where that person cannot
// write, and have it looked for: see AuditWitness.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "outbox/entry.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

/// Writes records. Lives on the writer's connection; its steps mark that connection when they fail.
class AuditChain {
 public:
  explicit AuditChain(Connection& connection);

  /// Go to the end of what is on disk: at the start, and after a rollback.
  Status load();
  /// Append, inside the caller's transaction; gives the record's number.
  std::int64_t append(const AuditRecord& record);
  [[nodiscard]] std::int64_t last() const { return last_; }

 private:
  Connection& connection_;
  Statement insert_;
  Statement tail_;
  std::int64_t last_ = 0;
  Sha256 hash_{};
  std::string canonical_;  // kept for its memory
};

/// What is wrong with an audit, at the first place where something is.
struct AuditFlaw {
  std::int64_t number = 0;
  std::string what;  ///< e.g. "record 7 was changed, or ..."
};

struct AuditVerdict {
  std::int64_t records = 0;       ///< good ones, from the first on
  Sha256 head{};                  ///< hash of the last good one: kept elsewhere, it shows a rewritten chain
  std::optional<AuditFlaw> flaw;  ///< nothing: all is well
};

/// A head that was seen before and kept outside the outbox: the audit must still hold that record, with that hash.
struct AuditWitness {
  std::int64_t number = 0;  ///< from 1
  Sha256 hash{};
};

/// "NUMBER:HASH", as `audit verify` prints a head; the hash in 64 hex digits, of either case. Nothing: not of that
/// form.
std::optional<AuditWitness> witness_from(std::string_view text);
std::string to_text(const AuditWitness& witness);

/// Read the whole audit of the outbox at `path` and check it, also against `witness` where there is one. Reads only;
/// may run beside the gateway. Errors: kStorage, kInvalid.
Result<AuditVerdict> verify_audit(const std::filesystem::path& path,
                                  const std::optional<AuditWitness>& witness = std::nullopt);

}  // namespace gw::outbox
