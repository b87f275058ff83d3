// What a start makes of the audit it finds: which key it is under, and whether it is the one that the gateway left
// (RELIABILITY's I5 and crash point 16). Between the opening of the file and the recovery of entries; must not know
// threads.
//
// An audit that is not what the witness saw, or whose last record is not right, is not taken for the gateway's own: an
// older copy of the outbox knows nothing of tasks that were delivered since, and would let them be delivered again.
// Then nothing is written and nothing is served (FaultKind::kHeld) until an operator, who has found out why, accepts it
// by name; that is on record in the audit. What the outbox then still held as to be sent may have been sent since, so
// it is in doubt (Event::kPastLost) and not sent again.
#pragma once

#include <memory>
#include <string>

#include "outbox/audit_key.hpp"
#include "outbox/audit_witness.hpp"
#include "outbox/outbox.hpp"
#include "outbox/store.hpp"

namespace gw::outbox {

class AuditStart {
 public:
  /// Look at the audit of a store that was loaded; writes no record. `settings` must outlive this.
  /// Errors: kHeld, with the reason and what to do; kInvalid: a key that cannot be used, one that the records are under
  /// and no file holds, or an acceptance where there is nothing to accept; kStorage.
  static Result<AuditStart> look(Store& store, const AuditSettings& settings);

  /// Whether an operator takes an audit that is not as the gateway left it: then the entries may be older than it, too.
  [[nodiscard]] bool is_accepted() const { return !accepted_.empty(); }
  /// Inside the recovery's transaction, before anything else: the records that a start owes.
  Status write(Store& store);
  /// Once that is durable: what the writer keeps the head in from now on; null where none is wanted. Errors: kStorage.
  Result<std::unique_ptr<AuditWitness>> begin(const Store& store);

 private:
  explicit AuditStart(const AuditSettings& settings) : settings_(&settings) {}
  Result<std::string> doubts_of_witness(AuditChain& chain);

  const AuditSettings* settings_;
  AuditKeys keys_;
  AuditMarks marks_;
  std::unique_ptr<AuditWitness> witness_;
  std::string accepted_;  ///< what an operator accepts; empty: nothing had to be
};

}  // namespace gw::outbox
