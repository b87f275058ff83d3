#include "outbox/recovery.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "outbox/audit_start.hpp"
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

// What is damaged in the file; nothing where it is whole. Errors: kStorage, when that cannot be found out.
Result<std::optional<std::string>> damage_in(Connection& connection) {
  constexpr int primary_code = 0xFF;
  auto verdict = connection.value_of("PRAGMA quick_check(1)");
  if (!verdict) {
    const int code = sqlite3_errcode(connection.handle()) & primary_code;
    if (code != SQLITE_CORRUPT && code != SQLITE_NOTADB) return verdict.error();
    return std::optional{verdict.error().detail};
  }
  if (*verdict == "ok") return std::optional<std::string>{};
  std::ranges::replace(*verdict, '\n', ' ');
  return std::optional{std::move(*verdict)};
}

Fault damaged(const std::filesystem::path& path, const std::string& what) {
  return fault(FaultKind::kInvalid,
               fmt::format("{} is damaged: {}. Keep that file, put the newest copy that \"outbox backup\" made in its "
                           "place, and ask the recipients about the tasks that came after that copy",
                           path.string(), what));
}

Status check_file(Connection& connection, const std::filesystem::path& path) {
  log::warn("the last commit failed: checking the outbox's file");
  const auto damage = damage_in(connection);
  if (!damage) return damage.error();
  if (*damage) return damaged(path, **damage);
  return Done{};
}

Status resolve_unfinished(Store& store, AuditStart& audit, RecoveryReport& report) {
  if (auto begun = store.begin(); !begun) return begun;
  if (auto written = audit.write(store); !written) {
    if (auto undone = store.roll_back(); !undone) return undone;
    return written;
  }
  const auto restarted = store.restart_unfinished(audit.is_accepted() ? Event::kPastLost : Event::kRestart);
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

Result<Recovered> try_to_recover(const Settings& settings, const Clock& clock) {
  Recovered recovered;
  auto lock = FileLock::take(settings.path);
  if (!lock) return lock.error();
  recovered.lock = std::move(*lock);
  auto connection = open_for_writing(settings.path);
  if (!connection) return connection.error();
  recovered.connection = std::move(*connection);
  if (auto done = empty_log(*recovered.connection); !done) return done.error();
  if (recovered.lock->last_end() == FileLock::LastEnd::kCommitFailed) {
    if (auto done = check_file(*recovered.connection, settings.path); !done) return done.error();
  }
  const RepeatWindows windows{settings.repeat_window, settings.identifier_window, settings.keys_in_memory};
  const RecentLimits recent{settings.duplicate_window, settings.duplicate_entries};
  recovered.store = std::make_unique<Store>(*recovered.connection, clock, windows, recent);
  if (auto done = recovered.store->load(); !done) return done.error();
  auto audit = AuditStart::look(*recovered.store, settings.audit);
  if (!audit) return audit.error();
  if (auto done = resolve_unfinished(*recovered.store, *audit, recovered.report); !done) return done.error();
  auto witness = audit->begin(*recovered.store);
  if (!witness) return witness.error();
  recovered.witness = std::move(*witness);
  recovered.lock->write_end(FileLock::LastEnd::kCrashed);
  return recovered;
}

}  // namespace

Result<Recovered> recover(const Settings& settings, const Clock& clock) {
  auto recovered = try_to_recover(settings, clock);
  if (recovered || recovered.error().kind != FaultKind::kStorage) return recovered;
  // SQLite's own words for a damaged file do not say what to do about it.
  auto connection = Connection::open(settings.path, Connection::Access::kReadOnly);
  if (!connection) return recovered;
  const auto damage = damage_in(**connection);
  if (damage && *damage) return damaged(settings.path, **damage);
  return recovered;
}

}  // namespace gw::outbox
