// Runs awaitables to their end, for tests that wait for one thing after another.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <utility>

namespace gw::test {

/// Lives longer than whoever resumes a waiter from a thread of its own (an outbox, a directory): that thread is still
/// inside its post for a moment after the waiter ran.
class Loop {
 public:
  /// Gives what `wanted` gives, and throws what it throws.
  template <class T>
  T run(boost::asio::awaitable<T> wanted) {
    auto done = boost::asio::co_spawn(context_, std::move(wanted), boost::asio::use_future);
    context_.restart();
    context_.run();
    return done.get();
  }

 private:
  boost::asio::io_context context_{1};
};

}  // namespace gw::test
