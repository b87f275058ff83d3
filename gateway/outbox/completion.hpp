// Whoever waits for an operation, as the threads of the outbox see them: something that takes a result, and is resumed
// later on the executor it came from. Boost 1.81 has no any_completion_handler; this is the little that is needed here.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace gw::outbox {

namespace asio = boost::asio;

/// A waiter whose result is known or will be. Destroyed unresumed only when the outbox itself goes.
class Waiter {
 public:
  explicit Waiter(asio::any_io_executor executor) : work_(std::move(executor)) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter() = default;

  [[nodiscard]] asio::any_io_executor executor() const { return work_.get_executor(); }
  /// Once, on that executor, after the result was set.
  virtual void resume() = 0;

 private:
  asio::executor_work_guard<asio::any_io_executor> work_;
};

/// A waiter for a Result<T>.
template <class T>
class Completion : public Waiter {
 public:
  using Waiter::Waiter;
  void set(Result<T> result) { result_ = std::move(result); }
  [[nodiscard]] bool is_set() const { return result_.has_value(); }

 protected:
  std::optional<Result<T>> result_;
};

template <class T>
using CompletionPtr = std::unique_ptr<Completion<T>>;

/// Wrap an Asio completion handler of signature void(Result<T>).
template <class T, class Handler>
CompletionPtr<T> make_completion(Handler handler) {
  class Bound final : public Completion<T> {
   public:
    explicit Bound(Handler wrapped)
        : Completion<T>(asio::get_associated_executor(wrapped)), handler_(std::move(wrapped)) {}
    void resume() override {
      auto handler = std::move(handler_);
      handler(std::move(*this->result_));
    }

   private:
    Handler handler_;
  };
  return std::make_unique<Bound>(std::move(handler));
}

/// Waiters that are ready, resumed with one post for each executor they came from: fewer wake-ups.
class ReadyWaiters {
 public:
  void add(std::unique_ptr<Waiter> waiter);
  /// Post them all, and be empty.
  void post();

 private:
  struct Group {
    asio::any_io_executor executor;
    std::vector<std::unique_ptr<Waiter>> waiters;
  };
  std::vector<Group> groups_;
};

}  // namespace gw::outbox
