// One io_context per core, each run by one thread. A session stays on the context it was accepted on.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace gw::net {

namespace asio = boost::asio;

class IoThreads {
 public:
  /// `count` 0 means one per core.
  explicit IoThreads(std::size_t count = 0);
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;
  ~IoThreads();

  [[nodiscard]] std::size_t size() const { return contexts_.size(); }
  [[nodiscard]] asio::io_context& context(std::size_t index) { return *contexts_[index]; }
  /// Which of this object's threads is running; size() when it is none of them.
  [[nodiscard]] std::size_t current() const;
  void start();
  /// Lets queued work end, then joins. Idempotent.
  void stop();

 private:
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace gw::net
