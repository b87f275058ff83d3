// Reads an audit from its first record to its last and finds the first that is not right (AUD-02). Reads only; may run
// beside the gateway.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "outbox/audit_head.hpp"
#include "outbox/audit_key.hpp"

namespace gw::outbox {

/// What is wrong with an audit, at the first place where something is.
struct AuditFlaw {
  std::int64_t number = 0;  ///< of the first bad record; of the first missing one
  std::string what;         ///< e.g. "record 7 was changed, or ..."
  bool at_end = false;      ///< all that is there is good: the last records are missing, or it cannot be told
};

struct AuditVerdict {
  std::int64_t records = 0;       ///< good ones, from the first on
  Sha256 head{};                  ///< hash of the last good one: kept elsewhere, it shows a rewritten chain
  std::string key;                ///< id of the key that the last good one is under; empty: none
  bool witness = false;           ///< a witness was held against it
  std::optional<AuditFlaw> flaw;  ///< nothing: all is well
};

/// What the audit is held against, beside itself.
struct AuditCheck {
  AuditKeys keys;                 ///< with a current one: the last records must be under it
  std::optional<AuditHead> kept;  ///< a head printed before: the audit must still hold that record
  std::filesystem::path witness;  ///< the gateway's witness; empty: none
  std::function<void(std::int64_t done, std::int64_t all)> progress;  ///< called now and then; may be empty
};

/// Errors: kStorage; kInvalid: no outbox, or a key that its records are under is not among `check.keys`.
Result<AuditVerdict> verify_audit(const std::filesystem::path& path, const AuditCheck& check = {});

}  // namespace gw::outbox
