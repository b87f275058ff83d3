// The coroutines that somebody started and must see end. Every co_spawn of the gateway goes through here, so that no
// failure is swallowed and stop() can wait. Must not know what the coroutines do.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "base/time.hpp"

namespace gw::net {

namespace asio = boost::asio;

/// Thread-safe. May be destroyed while tasks run: they go on and are counted no more.
class TaskGroup {
 public:
  /// `name` stands in the log line of an exception that a task let out.
  explicit TaskGroup(std::string name);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  /// Run `task` on `executor`. An exception out of it is a bug or exhaustion: it is logged and ends that task alone.
  void spawn(const asio::any_io_executor& executor, asio::awaitable<void> task);
  [[nodiscard]] std::size_t size() const;
  /// Block until no task is left or `limit` has passed; true when none is left. Never call from an io thread.
  bool wait_empty(milliseconds limit);
  /// Ask every task to end (terminal cancellation, on its own executor). Each next co_await of it throws.
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gw::net
