#include "delivery/deferred_worker.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>

#include "base/failpoint.hpp"
#include "net/io_threads.hpp"
#include "net/task_group.hpp"

namespace gw::delivery {

struct DeferredWorker::Core : std::enable_shared_from_this<Core> {
  Core(net::IoThreads& threads_in, const Clock& clock_in, Carrier& carrier_in, const DeferredSettings& settings_in)
      : threads(threads_in),
        clock(clock_in),
        carrier(carrier_in),
        settings(settings_in),
        alarm(threads.context(0)),
        lanes({.at_once = settings.at_once_per_recipient,
               .waiting = settings.waiting_per_recipient,
               .longest = settings.backoff.longest,
               .last_try = settings.backoff.last_try}) {}

  net::IoThreads& threads;
  const Clock& clock;
  Carrier& carrier;
  const DeferredSettings settings;
  std::atomic<bool> stopping{false};
  asio::steady_timer alarm;  // on the first io thread
  std::size_t turn = 0;      // there too
  net::TaskGroup tasks{"deferred"};
  mutable std::mutex mutex;  // guards what follows
  Lanes lanes;

  void wake() {
    asio::post(threads.context(0), [core = shared_from_this()] { core->alarm.cancel(); });
  }

  /// A turn that is not told its end ends with this: the task has another one soon.
  class Turn {
   public:
    Turn(std::shared_ptr<Core> core, TaskId id) : core_(std::move(core)), id_(id) {
      due_ = core_->clock.now() + core_->settings.backoff.first;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      {
        const std::lock_guard lock{core_->mutex};
        if (due_) {
          core_->lanes.put_back(id_, *due_);
        } else {
          core_->lanes.remove(id_);
        }
      }
      if (!core_->stopping) core_->wake();
    }
    void ended(std::optional<Instant> due) { due_ = due; }

   private:
    std::shared_ptr<Core> core_;
    TaskId id_;
    std::optional<Instant> due_;
  };

  static asio::awaitable<void> run_turn(std::shared_ptr<Core> core, TaskId id) {
    Turn turn{core, id};
    failpoint("deferred.before_turn");
    const auto due = co_await core->carrier.carry(id);
    turn.ended(due);
  }

  void begin_due_turns() {
    for (;;) {
      std::optional<TaskId> id;
      {
        const std::lock_guard lock{mutex};
        if (stopping) return;
        id = lanes.take(clock.now());
      }
      if (!id) return;
      tasks.spawn(threads.context(turn++ % threads.size()).get_executor(), run_turn(shared_from_this(), *id));
    }
  }

  [[nodiscard]] std::optional<milliseconds> until_next() const {
    const std::lock_guard lock{mutex};
    return lanes.until_next(clock.now());
  }

  static asio::awaitable<void> watch(std::shared_ptr<Core> core) {
    while (!core->stopping) {
      core->begin_due_turns();
      // The wall clock may be set: it is looked at again and again, and only while somebody waits for it.
      const auto wait = core->until_next();
      if (wait) {
        core->alarm.expires_after(std::clamp(*wait, milliseconds{1}, core->settings.look));
      } else {
        core->alarm.expires_at(asio::steady_timer::time_point::max());
      }
      co_await core->alarm.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
};

DeferredWorker::DeferredWorker(net::IoThreads& threads, const Clock& clock, Carrier& carrier,
                               const DeferredSettings& settings)
    : core_(std::make_shared<Core>(threads, clock, carrier, settings)) {}

DeferredWorker::~DeferredWorker() {
  core_->stopping = true;
}

void DeferredWorker::start(const std::vector<outbox::Planned>& left) {
  {
    const std::lock_guard lock{core_->mutex};
    for (const auto& task : left) core_->lanes.add(task);
  }
  core_->tasks.spawn(core_->threads.context(0).get_executor(), Core::watch(core_));
}

bool DeferredWorker::has_room(const OdsCode& recipient) const {
  const std::lock_guard lock{core_->mutex};
  return core_->lanes.has_room(recipient);
}

void DeferredWorker::add(const outbox::Planned& task) {
  {
    const std::lock_guard lock{core_->mutex};
    core_->lanes.add(task);
  }
  core_->wake();
}

void DeferredWorker::hasten(const outbox::Planned& task) {
  {
    const std::lock_guard lock{core_->mutex};
    if (!core_->lanes.hasten(task.id, task.due)) core_->lanes.add(task);
  }
  core_->wake();
}

void DeferredWorker::look() {
  core_->wake();
}

void DeferredWorker::close() {
  {
    const std::lock_guard lock{core_->mutex};
    if (core_->stopping.exchange(true)) return;
  }
  core_->wake();
}

void DeferredWorker::stop(milliseconds patience) {
  close();
  if (!core_->tasks.wait_empty(patience)) {
    core_->tasks.cancel();
    core_->tasks.wait_empty(patience);
  }
}

std::size_t DeferredWorker::waiting() const {
  const std::lock_guard lock{core_->mutex};
  return core_->lanes.size();
}

}  // namespace gw::delivery
