#include "outbox/recovery.hpp"

#include <sqlite3.h>

#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "outbox/schema.hpp"

namespace gw::outbox {

namespace {

// Rewrites and syncs every frame that the log holds, also those that a crash left written but not synced.
Status empty_log(Connection& connection) {
  const int code =
      sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  // A reader in another process, such as a listing, may hold the log open: then it is emptied later.
  if (code == SQLITE_OK || (code & 0xFF) == SQLITE_BUSY) return Done{};
  return fault(FaultKind::kStorage, std::string{"the write-ahead log cannot be emptied: "} + sqlite3_errstr(code));
}

Status check_file(Connection& connection) {
  log::warn("the last commit failed: checking the outbox's file");
  const auto verdict = connection.value_of("PRAGMA quick_check(1)");
  if (!verdict) return verdict.error();
  if (*verdict == "ok") return Done{};
  return fault(FaultKind::kInvalid, "the outbox's file is damaged: " + *verdict);
}

Status resolve_unfinished(Store& store, RecoveryReport& report) {
  if (auto begun = store.begin(); !begun) return begun;
  const auto restarted = store.restart_unfinished();
  if (!restarted) {
    if (auto undone = store.roll_back(); !undone) return undone;
    return restarted.error();
  }
  failpoint("outbox.in_recovery");
  auto planned = store.planned();
  if (!planned) {
    if (auto undone = store.roll_back(); !undone) return undone;
    return planned.error();
  }
  if (auto done = store.commit(); !done) return done;
  failpoint("outbox.after_recovery_commit");
  report = {restarted->abandoned, restarted->in_doubt, restarted->requeued, std::move(*planned)};
  return Done{};
}

}  // namespace

Result<Recovered> recover(const Settings& settings, const Clock& clock) {
  Recovered recovered;
  auto lock = FileLock::take(settings.path);
  if (!lock) return lock.error();
  recovered.lock = std::move(*lock);
  auto connection = open_for_writing(settings.path);
  if (!connection) return connection.error();
  recovered.connection = std::move(*connection);
  if (auto done = empty_log(*recovered.connection); !done) return done.error();
  if (recovered.lock->last_end() == FileLock::LastEnd::kCommitFailed) {
    if (auto done = check_file(*recovered.connection); !done) return done.error();
  }
  recovered.store = std::make_unique<Store>(*recovered.connection, clock,
                                            RepeatWindows{settings.repeat_window, settings.identifier_window},
                                            RecentLimits{settings.duplicate_window, settings.duplicate_entries});
  if (auto done = recovered.store->load(); !done) return done.error();
  if (auto done = resolve_unfinished(*recovered.store, recovered.report); !done) return done.error();
  recovered.lock->write_end(FileLock::LastEnd::kCrashed);
  return recovered;
}

}  // namespace gw::outbox
