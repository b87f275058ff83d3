#include "outbox/outbox.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/log.hpp"
#include "outbox/admission.hpp"
#include "outbox/reader.hpp"
#include "outbox/recovery.hpp"
#include "outbox/writer.hpp"

namespace gw::outbox {

namespace {

/// Start an operation with its waiter, and be resumed with its result.
template <class T, class Start>
asio::awaitable<Result<T>> wait_for(Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
      [start = std::move(start)](auto handler) mutable { start(make_completion<T>(std::move(handler))); },
      asio::use_awaitable);
}

class SqliteOutbox final : public Outbox {
 public:
  SqliteOutbox(Settings settings, const Clock& clock) : settings_(std::move(settings)), clock_(clock) {}
  ~SqliteOutbox() override { stop_threads(); }

  /// Everything that can fail. Once, before use.
  Status start() {
    auto recovered = recover(settings_, clock_);
    if (!recovered) return recovered.error();
    recovered_ = std::move(*recovered);
    const auto last = recovered_.store->last_id();
    if (!last) return last.error();
    last_id_ = last->number;
    std::unique_ptr<ReceivedLog> received_log;
    if (!settings_.received_log.empty()) {
      const auto foreign = settings_.audit.accept ? ForeignLog::kMoveAside : ForeignLog::kRefuse;
      auto opened = ReceivedLog::open(settings_.received_log, *recovered_.connection, foreign);
      if (!opened) return opened.error();
      received_log = std::move(*opened);
    }
    auto view = View::open(settings_.path);
    if (!view) return view.error();
    writer_.emplace(settings_, recovered_, std::move(received_log));
    reader_.emplace(std::move(*view), settings_.queue_limit);
    log::info("outbox is open", {{"abandoned", count(recovered_.report.abandoned)},
                                 {"in_doubt", count(recovered_.report.in_doubt)},
                                 {"requeued", count(recovered_.report.requeued)}});
    return Done{};
  }

  [[nodiscard]] const RecoveryReport& recovery() const override { return recovered_.report; }

  TaskId next_id() override {
    const auto by_clock = first_id_of(clock_.now()).number;
    auto last = last_id_.load();
    auto mine = std::max(last + 1, by_clock);
    while (!last_id_.compare_exchange_weak(last, mine)) mine = std::max(last + 1, by_clock);
    return TaskId{mine};
  }

  asio::awaitable<Result<Admission>> admit(NewTask task, State state, Reply reply, AuditRecord audit) override {
    return wait_for<Admission>(
        [this, operation =
                   AdmitOperation{std::move(task), state, std::move(reply), std::move(audit), {}}](auto done) mutable {
          operation.done = std::move(done);
          writer_->submit(std::move(operation));
        });
  }

  asio::awaitable<Result<GroupAdmission>> admit_all(std::vector<Entrant> entrants) override {
    return wait_for<GroupAdmission>([this, operation = AdmitAllOperation{std::move(entrants), {}}](auto done) mutable {
      operation.done = std::move(done);
      writer_->submit(std::move(operation));
    });
  }

  asio::awaitable<Status> begin_sending(TaskId id) override {
    return wait_for<Done>([this, id](auto done) { writer_->submit(BeginSendingOperation{id, std::move(done)}); });
  }

  asio::awaitable<Status> conclude(TaskId id, Conclusion conclusion, AuditRecord audit) override {
    return wait_for<Done>(
        [this, operation = ConcludeOperation{id, std::move(conclusion), std::move(audit), {}}](auto done) mutable {
          operation.done = std::move(done);
          writer_->submit(std::move(operation));
        });
  }

  asio::awaitable<Status> plan(TaskId id, std::optional<Instant> due, AuditRecord audit) override {
    return wait_for<Done>([this, operation = PlanOperation{id, due, std::move(audit), {}}](auto done) mutable {
      operation.done = std::move(done);
      writer_->submit(std::move(operation));
    });
  }

  asio::awaitable<Status> record(AuditRecord audit) override {
    return wait_for<Done>([this, operation = RecordOperation{std::move(audit), {}}](auto done) mutable {
      operation.done = std::move(done);
      writer_->submit(std::move(operation));
    });
  }

  asio::awaitable<Result<std::size_t>> purge(seconds older_than, AuditRecord audit) override {
    const auto least = std::chrono::ceil<std::chrono::days>(least_retention(settings_)).count();
    if (older_than < least_retention(settings_)) {
      co_return fault(FaultKind::kInvalid, "tasks are kept at least " + std::to_string(least) +
                                               " days, so that repeats of their requests are told what they came to");
    }
    PurgeOperation operation{older_than, std::move(audit), {}};
    auto purged = wait_for<std::size_t>([this, operation = std::move(operation)](auto done) mutable {
      operation.done = std::move(done);
      writer_->submit(std::move(operation));
    });
    co_return co_await std::move(purged);
  }

  asio::awaitable<Result<StoredTask>> wait_until_final(TaskId id, SteadyTime deadline) override {
    return wait_for<StoredTask>([this, id, deadline](auto done) {
      writer_->submit(WaitOperation{id, deadline, std::move(done)});
    });
  }

  void let_go(TaskId id) override {
    if (!stopped_) writer_->let_go(id);  // after the stop the next start settles it
  }

  asio::awaitable<Result<std::optional<StoredTask>>> find(TaskId id) override {
    return wait_for<std::optional<StoredTask>>([this, id](auto done) {
      reader_->submit(FindOperation{id, std::move(done)});
    });
  }

  asio::awaitable<Result<Page>> search(Query query) override {
    return wait_for<Page>([this, operation = SearchOperation{std::move(query), {}}](auto done) mutable {
      operation.done = std::move(done);
      reader_->submit(std::move(operation));
    });
  }

  asio::awaitable<Result<std::vector<Backlog>>> backlog() override {
    return wait_for<std::vector<Backlog>>([this](auto done) { reader_->submit(BacklogOperation{std::move(done)}); });
  }

  [[nodiscard]] Status ready() const override { return writer_->ready(); }
  [[nodiscard]] Depth depth() const override { return writer_->depth(); }
  [[nodiscard]] Stats stats() const override { return writer_->stats(); }

  void stop() override { stop_threads(); }

 private:
  static long long count(std::size_t number) { return static_cast<long long>(number); }

  void stop_threads() {
    if (!writer_ || stopped_.exchange(true)) return;
    writer_->stop();
    if (reader_) reader_->stop();
    const auto ready = writer_->ready();
    if (ready || ready.error().kind != FaultKind::kStorageInDoubt) {
      recovered_.lock->write_end(FileLock::LastEnd::kStopped);
    }
  }

  Settings settings_;
  const Clock& clock_;
  Recovered recovered_;
  std::atomic<std::int64_t> last_id_{0};
  std::atomic<bool> stopped_{false};
  std::optional<Writer> writer_;  // before the reader goes, whose connection must not be the last
  std::optional<Reader> reader_;
};

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::open(const Settings& settings, const Clock& clock) {
  auto opened = std::make_unique<SqliteOutbox>(settings, clock);
  if (auto started = opened->start(); !started) return started.error();
  return std::unique_ptr<Outbox>{std::move(opened)};
}

}  // namespace gw::outbox
