#include "outbox/writer.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace gw::outbox {

namespace {

constexpr milliseconds kIdleTick{500};
constexpr std::chrono::hours kBetweenPrunings{1};
constexpr int kExitCommitFailed = 70;

long long count_of(const std::vector<TaskId>& ids) {
  return static_cast<long long>(ids.size());
}

// The storage itself failed, as opposed to an operation that does not apply.
bool is_storage(const Fault& failed) {
  return failed.kind == FaultKind::kStorage || failed.kind == FaultKind::kStorageInDoubt;
}

// Hand the outcome to the waiter; a failing storage goes to the caller instead, for the whole batch.
template <class T>
Status settle(Completion<T>& done, Result<T> outcome) {
  if (!outcome && is_storage(outcome.error())) return outcome.error();
  done.set(std::move(outcome));
  return Done{};
}

}  // namespace

Writer::Writer(const Settings& settings, Recovered& recovered, std::unique_ptr<ReceivedLog> received_log)
    : settings_(settings),
      recovered_(recovered),
      store_(*recovered.store),
      received_log_(std::move(received_log)),
      disk_(std::filesystem::absolute(settings.path).parent_path(), settings.min_free_bytes),
      queue_(settings.queue_limit) {
  sqlite3_wal_hook(
      recovered.connection->handle(),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &wal_pages_);
  disk_.look(true);
  publish();
  thread_ = std::thread{[this] { work(); }};
}

Writer::~Writer() {
  stop();
  sqlite3_wal_hook(recovered_.connection->handle(), nullptr, nullptr);
}

void Writer::submit(Operation operation) {
  // An entry that was taken in is owed its outcome, however much waits: there are no more of these than entries at
  // work.
  const bool owed =
      std::holds_alternative<BeginSendingOperation>(operation) || std::holds_alternative<ConcludeOperation>(operation);
  auto taken = queue_.push(operation, owed);
  if (taken) return;
  if (dead_) {
    const std::lock_guard lock{mutex_};
    never_answered_.push_back(std::move(operation));
    return;
  }
  ReadyWaiters refused;
  std::visit(
      [&](auto& refused_operation) {
        refused_operation.done->set(taken.error());
        refused.add(std::move(refused_operation.done));
      },
      operation);
  refused.post();
}

void Writer::let_go(TaskId id) {
  const std::lock_guard lock{mutex_};
  let_go_.push_back(id);
}

void Writer::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Writer::work() {
  std::vector<Operation> batch;
  while (queue_.take(batch, settings_.batch_limit, kIdleTick)) {
    const bool idle = batch.empty();
    if (!idle) run(batch);
    if (!dead_) upkeep(idle);
    batch.clear();
    if (dead_) return;
  }
  if (collect_given_up()) try_to_write();
  if (dead_) return;
  for (auto& [id, waiting] : waiting_for_final_) {
    waiting.done->set(fault(FaultKind::kClosed, "the outbox is stopping"));
    ready_waiters_.add(std::move(waiting.done));
  }
  waiting_for_final_.clear();
  ready_waiters_.post();
}

void Writer::run(std::vector<Operation>& batch) {
  disk_.look(false);
  if (disk_.trial_is_due() && !try_to_write() && dead_) return die(batch, fault(FaultKind::kStorageInDoubt, "commit"));
  if (auto written = write(batch); !written) {
    if (written.error().kind == FaultKind::kStorageInDoubt) return die(batch, written.error());
    return give_up(batch, written.error());
  }
  failpoint("outbox.after_commit");
  if (received_log_) received_log_->flush();
  ++counts_.commits;
  counts_.operations += batch.size();
  answer(batch);
}

// One transaction. Errors: kStorage when it was rolled back, kStorageInDoubt.
Status Writer::write(std::vector<Operation>& batch) {
  settled_.clear();
  failpoint("outbox.before_begin");
  if (auto begun = store_.begin(); !begun) return begun;
  Status applied = Done{};
  for (auto& operation : batch) {
    if (applied = apply(operation); !applied) break;
  }
  if (applied) prune_when_due();
  if (applied) applied = store_.connection().status();
  if (!applied) {
    if (received_log_) received_log_->forget();
    if (auto undone = store_.roll_back(); !undone) return undone;
    return applied;
  }
  failpoint("outbox.after_apply");
  failpoint("outbox.before_commit");
  return store_.commit();
}

Status Writer::apply(Operation& operation) {
  return std::visit([this](auto& wanted) { return apply(wanted); }, operation);
}

Status Writer::apply(AdmitOperation& operation) {
  if (auto allowed = disk_.may_admit(); !allowed) {
    operation.done->set(allowed.error());
    return Done{};
  }
  auto outcome = store_.admit(operation.task, operation.state, operation.reply, std::move(operation.audit));
  if (received_log_ && operation.state == State::kDelivered && outcome && std::holds_alternative<Admitted>(*outcome)) {
    received_log_->add(operation.task);
  }
  return settle(*operation.done, std::move(outcome));
}

Status Writer::apply(AdmitAllOperation& operation) {
  if (auto allowed = disk_.may_admit(); !allowed) {
    operation.done->set(allowed.error());
    return Done{};
  }
  auto outcome = store_.admit_all(operation.entrants);
  for (std::size_t i = 0; received_log_ && outcome && i < outcome->each.size(); ++i) {
    const auto& entrant = operation.entrants[i];
    const bool stored = entrant.state == State::kDelivered && std::holds_alternative<Admitted>(outcome->each[i]);
    if (stored) received_log_->add(entrant.task);
  }
  return settle(*operation.done, std::move(outcome));
}

Status Writer::apply(BeginSendingOperation& operation) {
  return settle(*operation.done, store_.begin_sending(operation.id));
}

Status Writer::apply(ConcludeOperation& operation) {
  const auto outcome = store_.conclude(operation.id, operation.conclusion, std::move(operation.audit));
  if (!outcome) return settle(*operation.done, Status{outcome.error()});
  if (!is_being_worked_on(*outcome)) settled_.push_back(operation.id);
  return settle(*operation.done, Status{Done{}});
}

Status Writer::apply(RecordOperation& operation) {
  return settle(*operation.done, store_.record(std::move(operation.audit)));
}

Status Writer::apply(WaitOperation& operation) {
  const auto state = store_.state_of(operation.id);
  if (!state) return settle(*operation.done, Result<StoredTask>{state.error()});
  if (is_being_worked_on(*state)) {
    waiting_for_final_.emplace(operation.id.number, Waiting{operation.deadline, std::move(operation.done)});
    return Done{};
  }
  auto found = store_.find(operation.id);
  if (!found) return found.error();
  if (!*found)
    return settle(*operation.done, Result<StoredTask>{fault(FaultKind::kInternal, "an entry without content")});
  return settle(*operation.done, Result<StoredTask>{std::move(**found)});
}

// The batch was rolled back: nothing of it is on disk.
void Writer::give_up(std::vector<Operation>& batch, const Fault& cause) {
  log::error("outbox cannot write", {{"cause", cause.detail}});
  ++counts_.rollbacks;
  disk_.note_trouble(cause);
  settled_.clear();
  for (auto& operation : batch) {
    std::visit(
        [&](auto& refused) {
          if (refused.done) refused.done->set(cause);
        },
        operation);
  }
  answer(batch);
}

void Writer::answer(std::vector<Operation>& batch) {
  failpoint("outbox.before_resume");
  publish();
  for (auto& operation : batch) {
    std::visit(
        [this](auto& finished) {
          if (finished.done) ready_waiters_.add(std::move(finished.done));
        },
        operation);
  }
  wake_settled();
  ready_waiters_.post();
}

void Writer::wake_settled() {
  for (const auto id : settled_) {
    const auto [first, last] = waiting_for_final_.equal_range(id.number);
    if (first == last) continue;
    const auto found = store_.find(id);
    for (auto at = first; at != last; ++at) {
      auto& done = at->second.done;
      if (found && *found) {
        done->set(**found);
      } else {
        done->set(found ? fault(FaultKind::kInternal, "an entry without content") : found.error());
      }
      ready_waiters_.add(std::move(done));
    }
    waiting_for_final_.erase(first, last);
  }
  settled_.clear();
}

void Writer::upkeep(bool idle) {
  disk_.look(false);
  if (wal_pages_ >= settings_.checkpoint_pages) checkpoint();
  end_late_waits();
  const bool owes = !disk_.in_trouble() && collect_given_up();
  if (!dead_ && (owes || (idle && (pruning_ || disk_.trial_is_due())))) try_to_write();
  if (!dead_) publish();
}

void Writer::end_late_waits() {
  const auto now = std::chrono::steady_clock::now();
  if (waiting_for_final_.empty() || now - waits_checked_at_ < kIdleTick) return;
  waits_checked_at_ = now;
  for (auto at = waiting_for_final_.begin(); at != waiting_for_final_.end();) {
    auto& [deadline, done] = at->second;
    if (now < deadline) {
      ++at;
      continue;
    }
    done->set(fault(FaultKind::kTimeout, "the entry is still being worked on"));
    ready_waiters_.add(std::move(done));
    at = waiting_for_final_.erase(at);
  }
  ready_waiters_.post();
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
  disk_.note_trial_worked();
  if (!settled_.empty()) log::warn("outbox settled entries that were given up", {{"count", count_of(settled_)}});
  given_up_.clear();
  wake_settled();
  ready_waiters_.post();
  if (wal_pages_ >= settings_.checkpoint_pages) checkpoint();
  return !disk_.in_trouble();
}

void Writer::prune_when_due() {
  const auto now = std::chrono::steady_clock::now();
  if (!pruning_ && now - pruned_at_ < kBetweenPrunings) return;
  pruned_at_ = now;
  pruning_ = store_.prune_trace_keys();
}

void Writer::checkpoint() {
  failpoint("outbox.before_checkpoint");
  int in_log = 0;
  int moved = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(store_.connection().handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  failpoint("outbox.after_checkpoint");
  if (code == SQLITE_OK) {
    ++counts_.checkpoints;
    // All of it is in the database: the next commit starts the log anew.
    if (moved >= in_log) wal_pages_ = 0;
    return;
  }
  if ((code & 0xFF) == SQLITE_BUSY) return;
  log::error("outbox cannot checkpoint", {{"cause", sqlite3_errstr(code)}});
  disk_.note_trouble(
      fault(FaultKind::kStorage, std::string{"the write-ahead log cannot be emptied: "} + sqlite3_errstr(code)));
}

// Whether the batch is on disk is not known: neither yes nor no may be said to anyone (I4).
void Writer::die(std::vector<Operation>& batch, const Fault& cause) {
  const bool first = !dead_.exchange(true);
  queue_.close();
  {
    const std::lock_guard lock{mutex_};
    std::move(batch.begin(), batch.end(), std::back_inserter(never_answered_));
    std::vector<Operation> rest;
    while (queue_.take(rest, settings_.batch_limit, milliseconds{0})) {
      std::move(rest.begin(), rest.end(), std::back_inserter(never_answered_));
      rest.clear();
    }
    published_.ready = cause;
  }
  if (!first) return;
  recovered_.lock->write_end(FileLock::LastEnd::kCommitFailed);
  if (settings_.on_commit_failure) return settings_.on_commit_failure(cause);
  log::error("a commit of the outbox failed: ending, so that a restart can find out what is on disk",
             {{"cause", cause.detail}});
  log::stop();
  std::_Exit(kExitCommitFailed);
}

void Writer::publish() {
  const std::lock_guard lock{mutex_};
  published_ = {disk_.may_admit(), store_.depth(), counts_};
}

Status Writer::ready() const {
  const std::lock_guard lock{mutex_};
  return published_.ready;
}

Depth Writer::depth() const {
  const std::lock_guard lock{mutex_};
  return published_.depth;
}

Stats Writer::stats() const {
  const std::lock_guard lock{mutex_};
  return published_.stats;
}

}  // namespace gw::outbox
