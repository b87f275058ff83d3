#include "outbox/writer.hpp"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace gw::outbox {

namespace {

constexpr milliseconds kIdleTick{500};
constexpr int kExitCommitFailed = 70;
constexpr std::size_t kPurgedForOperator = 256;

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
      log_(*recovered.connection, settings.checkpoint_pages),
      received_log_(std::move(received_log)),
      disk_(std::filesystem::absolute(settings.path).parent_path(), settings.min_free_bytes,
            [this] { return store_.reusable_bytes(); }),
      queue_(settings.queue_limit) {
  disk_.look(true);
  publish();
  thread_ = std::thread{[this] { work(); }};
}

Writer::~Writer() {
  stop();
}

void Writer::submit(Operation operation) {
  // An entry that was taken in is owed its outcome, however much waits: there are no more of these than entries at
  // work.
  const bool owed = std::holds_alternative<BeginSendingOperation>(operation) ||
                    std::holds_alternative<ConcludeOperation>(operation) ||
                    std::holds_alternative<PlanOperation>(operation);
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
  final_waits_.close(ready_waiters_);
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
  if (auto kept = keep_witness(); !kept) {
    log::error("the audit's head cannot be kept outside", {{"cause", kept.error().detail}});
    disk_.note_trouble(kept.error());
  }
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
  const auto begun = std::chrono::steady_clock::now();
  auto committed = store_.commit();
  counts_.commit_times.observe(std::chrono::steady_clock::now() - begun);
  return committed;
}

Status Writer::keep_witness() {
  if (recovered_.witness == nullptr) return Done{};
  auto& witness = *recovered_.witness;
  const bool at_once = settings_.audit.witness_sync == seconds{0};
  return at_once ? witness.keep(store_.audit_head()) : witness.note(store_.audit_head());
}

Status Writer::apply(Operation& operation) {
  return std::visit([this](auto& wanted) { return apply(wanted); }, operation);
}

Status Writer::apply(AdmitOperation& operation) {
  auto repeat = store_.repeat_of(operation.task);
  if (!repeat) return settle(*operation.done, Result<Admission>{repeat.error()});
  if (*repeat) {
    if (disk_.may_admit()) store_.remember_trace(operation.task, **repeat);
    return settle(*operation.done, Result<Admission>{std::move(**repeat)});
  }
  if (auto allowed = disk_.may_admit(); !allowed) {
    operation.done->set(allowed.error());
    return Done{};
  }
  const auto admitted = store_.admit(operation.task, operation.state, operation.reply, std::move(operation.audit));
  if (!admitted) return settle(*operation.done, Result<Admission>{admitted.error()});
  if (received_log_ && operation.state == State::kDelivered) received_log_->add(operation.task);
  return settle(*operation.done, Result<Admission>{Admitted{}});
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

Status Writer::apply(PlanOperation& operation) {
  const auto planned = store_.plan(operation.id, operation.due, std::move(operation.audit));
  return settle(*operation.done, planned);
}

Status Writer::apply(RecordOperation& operation) {
  return settle(*operation.done, store_.record(std::move(operation.audit)));
}

Status Writer::apply(PurgeOperation& operation) {
  const auto removed = store_.purge(operation.older_than, kPurgedForOperator, std::move(operation.audit));
  return settle(*operation.done, Result<std::size_t>{removed});
}

Status Writer::apply(WaitOperation& operation) {
  const auto state = store_.state_of(operation.id);
  if (!state) return settle(*operation.done, Result<StoredTask>{state.error()});
  if (is_being_worked_on(*state)) {
    final_waits_.add(operation.id, operation.deadline, std::move(operation.done));
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
    if (auto* const admission = std::get_if<AdmitOperation>(&operation)) answer_if_repeat(*admission);
  }
  answer(batch);
}

// What is on disk already can be told without writing (OUT-03).
void Writer::answer_if_repeat(AdmitOperation& operation) {
  auto repeat = store_.repeat_of(operation.task);
  store_.connection().clear_fault();
  if (repeat && *repeat) operation.done->set(std::move(**repeat));
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
    const auto read = [this, id]() -> Result<StoredTask> {
      auto found = store_.find(id);
      if (!found) return found.error();
      if (!*found) return fault(FaultKind::kInternal, "an entry without content");
      return std::move(**found);
    };
    final_waits_.settle(id, read, ready_waiters_);
  }
  settled_.clear();
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
  log::last_words("a commit of the outbox failed: ending, so that a restart can find out what is on disk",
                  {{"cause", cause.detail}});
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
