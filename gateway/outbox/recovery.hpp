// From a file that some process left somehow to a store that may take work, in the order of safety (OUT-05):
// the lock, the settings, what the write-ahead log holds into the database, a check of the file after a failed commit,
// the audit against its witness (audit_start.hpp), then the unfinished entries, each with its audit record, in one
// transaction. Must not know threads.
#pragma once

#include <memory>

#include "outbox/audit_witness.hpp"
#include "outbox/file_lock.hpp"
#include "outbox/outbox.hpp"
#include "outbox/store.hpp"

namespace gw::outbox {

/// An outbox ready for its threads. Members go in reverse order: the lock is the last to be let go.
struct Recovered {
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<Connection> connection;
  std::unique_ptr<Store> store;
  std::unique_ptr<AuditWitness> witness;  ///< null: the audit's head is kept nowhere else
  RecoveryReport report;
};

/// Doing it twice, or being killed in the middle and doing it again, gives what doing it once gives.
/// Errors: kStorage, kStorageInDoubt, kInvalid, kHeld.
Result<Recovered> recover(const Settings& settings, const Clock& clock);

}  // namespace gw::outbox
