#include "net/io_threads.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"

namespace gw::net {

namespace {

/// Which IoThreads the running thread belongs to.
struct Here {
  const IoThreads* owner = nullptr;
  std::size_t index = 0;
};

thread_local Here here;

/// Run until there is no work. An exception that leaves a handler is a bug in that handler; the thread goes on.
void run_context(const IoThreads& owner, asio::io_context& context, std::size_t index) {
  here = Here{&owner, index};
  for (;;) {
    try {
      context.run();
      break;
    } catch (const std::exception& error) {
      log::error("io_thread_exception", {{"what", std::string_view{error.what()}}});
    }
  }
  here = Here{};
}

}  // namespace

IoThreads::IoThreads(std::size_t count) {
  if (count == 0) count = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    guards_.push_back(asio::make_work_guard(*contexts_.back()));
  }
}

IoThreads::~IoThreads() {
  stop();
}

std::size_t IoThreads::current() const {
  return here.owner == this ? here.index : size();
}

void IoThreads::start() {
  if (!threads_.empty()) return;
  for (std::size_t i = 0; i < contexts_.size(); ++i) {
    threads_.emplace_back([this, i] { run_context(*this, *contexts_[i], i); });
  }
}

void IoThreads::stop() {
  for (auto& guard : guards_) guard.reset();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace gw::net
