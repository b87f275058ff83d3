#include "net/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"

namespace gw::net {

namespace {

/// One running task. `signal` and `ended` are touched on the task's executor only.
struct Task {
  asio::any_io_executor executor;
  asio::cancellation_signal signal;
  bool ended = false;
};

void log_exception(const std::string& group, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) return;  // cancel() ends tasks this way
    log::error("task_exception", {{"group", std::string_view{group}}, {"what", std::string_view{error.what()}}});
  } catch (const std::exception& error) {
    log::error("task_exception", {{"group", std::string_view{group}}, {"what", std::string_view{error.what()}}});
  } catch (...) {
    log::error("task_exception", {{"group", std::string_view{group}}, {"what", std::string_view{"not a std type"}}});
  }
}

}  // namespace

struct TaskGroup::State {
  explicit State(std::string text) : name(std::move(text)) {}
  const std::string name;
  std::mutex mutex;
  std::condition_variable emptied;
  std::unordered_set<std::shared_ptr<Task>> tasks;
};

TaskGroup::TaskGroup(std::string name) : state_(std::make_shared<State>(std::move(name))) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(const asio::any_io_executor& executor, asio::awaitable<void> task) {
  auto entry = std::make_shared<Task>();
  entry->executor = executor;
  {
    const std::lock_guard lock(state_->mutex);
    state_->tasks.insert(entry);
  }
  auto on_end = [state = state_, entry](const std::exception_ptr& failure) {
    entry->ended = true;
    if (failure) log_exception(state->name, failure);
    const std::lock_guard lock(state->mutex);
    state->tasks.erase(entry);
    if (state->tasks.empty()) state->emptied.notify_all();
  };
  asio::co_spawn(executor, std::move(task), asio::bind_cancellation_slot(entry->signal.slot(), std::move(on_end)));
}

std::size_t TaskGroup::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->tasks.size();
}

bool TaskGroup::wait_empty(milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  return state_->emptied.wait_for(lock, limit, [this] { return state_->tasks.empty(); });
}

void TaskGroup::cancel() {
  const std::lock_guard lock(state_->mutex);
  for (const auto& task : state_->tasks) {
    asio::post(task->executor, [task] {
      if (!task->ended) task->signal.emit(asio::cancellation_type::terminal);
    });
  }
}

}  // namespace gw::net
