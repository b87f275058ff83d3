// The one thread that writes: takes every operation that waits, applies them in one transaction, commits once, then
// resumes each waiter. Between batches the same connection moves the write-ahead log into the database, in small steps.
//
// A step that fails before COMMIT is rolled back: every operation of the batch gets kStorage, nothing was written, and
// no new task is taken until a trial write works. A COMMIT that fails is in doubt: nothing of its batch is ever
// answered, and the process is to end. After the commit and before the answers the audit's head goes to its witness; a
// witness that cannot be written takes nothing back, but no new task is taken until it can be.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "outbox/disk.hpp"
#include "outbox/final_waits.hpp"
#include "outbox/operation.hpp"
#include "outbox/outbox.hpp"
#include "outbox/received_log.hpp"
#include "outbox/recovery.hpp"
#include "outbox/work_queue.hpp"
#include "outbox/write_ahead_log.hpp"

namespace gw::outbox {

class Writer {
 public:
  /// `recovered` is used by the writer's thread alone from here on; both must outlive the writer.
  Writer(const Settings& settings, Recovered& recovered, std::unique_ptr<ReceivedLog> received_log);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  // Thread-safe:
  /// Queue `operation`; its waiter is resumed in any case but a failed commit, never inside this call.
  void submit(Operation operation);
  /// Settle `id` as a restart would, as soon as that can be written.
  void let_go(TaskId id);
  [[nodiscard]] Status ready() const;
  [[nodiscard]] Depth depth() const;
  [[nodiscard]] Stats stats() const;
  /// What waits is still done; then the thread ends.
  void stop();

 private:
  /// What other threads may see, replaced after each batch.
  struct Published {
    Status ready = Done{};
    Depth depth;
    Stats stats;
  };

  void work();
  void run(std::vector<Operation>& batch);
  Status write(std::vector<Operation>& batch);
  Status apply(Operation& operation);
  Status apply(AdmitOperation& operation);
  Status apply(AdmitAllOperation& operation);
  Status apply(BeginSendingOperation& operation);
  Status apply(ConcludeOperation& operation);
  Status apply(PlanOperation& operation);
  Status apply(RecordOperation& operation);
  Status apply(PurgeOperation& operation);
  Status apply(WaitOperation& operation);
  void give_up(std::vector<Operation>& batch, const Fault& cause);
  Status keep_witness();
  void sync_witness_when_due();
  void answer_if_repeat(AdmitOperation& operation);
  void answer(std::vector<Operation>& batch);
  void wake_settled();
  bool collect_given_up();
  void settle_given_up();
  void upkeep(bool idle);
  bool try_to_write();
  void checkpoint();
  void prune_when_due();
  void die(std::vector<Operation>& batch, const Fault& cause);
  void publish();

  const Settings& settings_;
  Recovered& recovered_;
  Store& store_;
  WriteAheadLog log_;
  std::unique_ptr<ReceivedLog> received_log_;
  Disk disk_;
  WorkQueue<Operation> queue_;

  // The writer's thread alone:
  ReadyWaiters ready_waiters_;
  FinalWaits final_waits_;
  std::vector<TaskId> given_up_;  // not settled on disk yet
  std::vector<TaskId> settled_;   // by the transaction at hand
  Stats counts_;
  bool pruning_ = true;
  std::chrono::steady_clock::time_point pruned_at_{};
  std::chrono::steady_clock::time_point witness_synced_at_{};

  std::atomic<bool> dead_{false};  // a commit failed
  mutable std::mutex mutex_;       // guards what follows
  Published published_;
  std::vector<Operation> never_answered_;
  std::vector<TaskId> let_go_;  // on their way to given_up_
  std::thread thread_;
};

}  // namespace gw::outbox
