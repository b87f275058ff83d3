// One thread beside the io threads, for work that blocks: one piece after the other, and a bounded number that wait.
// Must not know what the work is.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "outbox/completion.hpp"
#include "outbox/work_queue.hpp"

namespace gw::console {

namespace asio = boost::asio;

/// Thread-safe.
class Aside {
 public:
  /// At most `waiting` pieces of work wait.
  explicit Aside(std::size_t waiting) : queue_(waiting), thread_(&Aside::work, this) {}
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  /// Waits for the work that was taken in.
  ~Aside() {
    queue_.close();
    thread_.join();
  }

  /// What `work` gives, which runs on the thread. Resumes on the caller's executor. Faults: those of the work, and
  /// kOverloaded, kClosed: it was not taken in.
  template <class T>
  asio::awaitable<Result<T>> run(std::function<Result<T>()> work) {
    auto start = [this, work = std::move(work)](auto handler) mutable {
      std::unique_ptr<Job> job =
          std::make_unique<JobOf<T>>(std::move(work), outbox::make_completion<T>(std::move(handler)));
      if (auto taken = queue_.push(job); !taken) job->refuse(taken.error());
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(std::move(start),
                                                                                            asio::use_awaitable);
  }

 private:
  struct Job {
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;
    virtual void run() = 0;
    virtual void refuse(Fault why) = 0;
  };

  template <class T>
  class JobOf final : public Job {
   public:
    JobOf(std::function<Result<T>()> work, outbox::CompletionPtr<T> done)
        : work_(std::move(work)), done_(std::move(done)) {}
    void run() override { finish(work_()); }
    void refuse(Fault why) override { finish(std::move(why)); }

   private:
    void finish(Result<T> result) {
      done_->set(std::move(result));
      outbox::ReadyWaiters ready;
      ready.add(std::move(done_));
      ready.post();
    }

    std::function<Result<T>()> work_;
    outbox::CompletionPtr<T> done_;
  };

  void work() {
    constexpr std::chrono::milliseconds patience{60'000};
    std::vector<std::unique_ptr<Job>> taken;
    while (queue_.take(taken, 1, patience)) {
      for (const auto& job : taken) job->run();
      taken.clear();
    }
  }

  outbox::WorkQueue<std::unique_ptr<Job>> queue_;
  std::thread thread_;  // the last: it begins with all else there
};

}  // namespace gw::console
