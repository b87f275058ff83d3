// What the writer does between batches: the write-ahead log, waits that last too long, entries that were given up, keys
// that are past their time, and a trial write while the disk is in trouble.
#include <iterator>

#include "base/log.hpp"
#include "outbox/writer.hpp"

namespace gw::outbox {

namespace {

constexpr milliseconds kBetweenLooks{500};
constexpr std::chrono::hours kBetweenPrunings{1};
constexpr std::size_t kPurgedAtOnce = 32;  // some of each batch's time, until all that is due is gone

long long count_of(const std::vector<TaskId>& ids) {
  return static_cast<long long>(ids.size());
}

}  // namespace

void Writer::upkeep(bool idle) {
  disk_.look(false);
  if (log_.is_due()) checkpoint();
  sync_witness_when_due();
  final_waits_.end_late(kBetweenLooks, ready_waiters_);
  ready_waiters_.post();
  const bool owes = !disk_.in_trouble() && collect_given_up();
  if (!dead_ && (owes || (idle && (pruning_ || disk_.trial_is_due())))) try_to_write();
  if (!dead_) publish();
}

void Writer::sync_witness_when_due() {
  const auto now = std::chrono::steady_clock::now();
  if (recovered_.witness == nullptr || now - witness_synced_at_ < settings_.audit.witness_sync) return;
  witness_synced_at_ = now;
  if (auto synced = recovered_.witness->sync(); !synced) disk_.note_trouble(synced.error());
}

// Whether there are entries to settle.
bool Writer::collect_given_up() {
  const std::lock_guard lock{mutex_};
  given_up_.insert(given_up_.end(), let_go_.begin(), let_go_.end());
  let_go_.clear();
  return !given_up_.empty();
}

// Inside a transaction. They are tried again with the next one if it fails.
void Writer::settle_given_up() {
  for (const auto id : given_up_) {
    const auto settled = store_.settle_given_up(id);
    if (settled && *settled) settled_.push_back(id);
  }
}

// A transaction of our own: shows whether writing works, settles what was given up, and deletes what is due.
bool Writer::try_to_write() {
  std::vector<Operation> nobody;
  auto written = store_.begin();
  if (written) {
    store_.probe();
    settle_given_up();
    prune_when_due();
    written = store_.connection().status();
    if (written) {
      written = store_.commit();
    } else if (auto undone = store_.roll_back(); !undone) {
      written = undone;
    }
  }
  if (!written) {
    settled_.clear();
    if (written.error().kind == FaultKind::kStorageInDoubt) {
      die(nobody, written.error());
    } else {
      disk_.note_trouble(written.error());
    }
    return false;
  }
  if (auto kept = keep_witness(); kept) {
    disk_.note_trial_worked();
  } else {
    disk_.note_trouble(kept.error());
  }
  if (!settled_.empty()) log::warn("outbox settled entries that were given up", {{"count", count_of(settled_)}});
  given_up_.clear();
  wake_settled();
  ready_waiters_.post();
  if (log_.is_due()) checkpoint();
  return !disk_.in_trouble();
}

void Writer::prune_when_due() {
  const auto now = std::chrono::steady_clock::now();
  if (!pruning_ && now - pruned_at_ < kBetweenPrunings) return;
  pruned_at_ = now;
  pruning_ = store_.prune();
  if (settings_.retention == seconds{0}) return;
  const auto purged = store_.purge(settings_.retention, kPurgedAtOnce, AuditRecord{.kind = "retention"});
  pruning_ = pruning_ || purged != 0;
}

void Writer::checkpoint() {
  const auto done = log_.checkpoint();
  if (done) {
    if (*done) ++counts_.checkpoints;
    return;
  }
  log::error("outbox cannot checkpoint", {{"cause", done.error().detail}});
  disk_.note_trouble(done.error());
}

}  // namespace gw::outbox
