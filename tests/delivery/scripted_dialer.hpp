// Connections that behave as a test says, and a courier over them. No sockets.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "delivery/courier.hpp"
#include "delivery/dialer.hpp"
#include "net/io_threads.hpp"

namespace gw::test {

namespace asio = boost::asio;
using TimePoint = std::chrono::steady_clock::time_point;

inline TimePoint in(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

/// How one connection behaves, shared by the test and the connection.
struct Line {
  std::atomic<int> exchanges{0};
  std::atomic<bool> peer_closed{false};
  std::atomic<bool> hangs{false};  ///< an exchange ends by close() alone
  std::atomic<bool> closed{false};
  net::ExchangeResult result;  ///< of every exchange
  std::atomic<int>* live = nullptr;
};

inline net::ExchangeResult answered_with(int status, Headers headers = {}, bool complete = true) {
  net::ExchangeResult result;
  result.progress = net::Progress::kAnswered;
  result.answer = net::WireAnswer{.status = status, .headers = std::move(headers), .body = "", .complete = complete};
  return result;
}

inline net::ExchangeResult broken_at(net::Progress progress) {
  net::ExchangeResult result;
  result.progress = progress;
  result.fault = fault(FaultKind::kReset, "connection reset by peer");
  return result;
}

class ScriptedConnection final : public net::ClientConnection {
 public:
  ScriptedConnection(asio::any_io_executor executor, std::shared_ptr<Line> line)
      : line_(std::move(line)), hang_(std::move(executor)) {
    ++*line_->live;
  }
  ScriptedConnection(const ScriptedConnection&) = delete;
  ScriptedConnection& operator=(const ScriptedConnection&) = delete;
  ~ScriptedConnection() override { --*line_->live; }

  asio::awaitable<net::ExchangeResult> exchange(const net::WireRequest&, const net::ClientTimeouts&,
                                                const net::ClientLimits&) override {
    ++line_->exchanges;
    if (line_->hangs) {
      hang_.expires_after(std::chrono::hours{1});
      co_await hang_.async_wait(asio::as_tuple(asio::use_awaitable));
      co_return broken_at(net::Progress::kAllSent);
    }
    co_return line_->result;
  }
  /// As exchange(); the answer has no body.
  asio::awaitable<net::ExchangeResult> begin(const net::WireRequest& request, net::BodySource&,
                                             const net::ClientTimeouts& timeouts,
                                             const net::ClientLimits& limits) override {
    return exchange(request, timeouts, limits);
  }
  net::BodySource& answer_body() override { throw std::logic_error("a scripted answer has no body"); }
  bool may_be_kept() override { return !line_->closed; }
  bool reusable() override { return !line_->peer_closed && !line_->closed; }
  void close() override {
    line_->closed = true;
    hang_.cancel();
  }

 private:
  const std::shared_ptr<Line> line_;
  asio::steady_timer hang_;
};

/// Fails as often as told, then connects. Thread-safe.
class ScriptedDialer final : public delivery::Dialer {
  template <class Work>
  auto with_lock(Work work) {
    const std::scoped_lock lock(mutex_);
    return work();
  }

 public:
  asio::awaitable<Result<std::unique_ptr<net::ClientConnection>>> dial(asio::any_io_executor executor,
                                                                       const net::Target&,
                                                                       net::ClientTimeouts timeouts) override {
    std::shared_ptr<asio::steady_timer> held;
    {
      const std::scoped_lock lock(mutex_);
      ++dials_;
      most_connecting_ = std::max(most_connecting_, ++connecting_);
      last_timeouts_ = timeouts;
      if (holds_) {
        held = std::make_shared<asio::steady_timer>(executor, std::chrono::hours{1});
        held_.push_back(held);
      }
    }
    if (held) {
      co_await held->async_wait(asio::as_tuple(asio::use_awaitable));
    } else {
      co_await asio::post(executor, asio::use_awaitable);  // as others may run while a socket connects
    }
    co_return made(executor);
  }

  /// From now on an attempt to connect comes to its end when it is told to.
  void hold() {
    with_lock([&] { holds_ = true; });
  }
  /// Let the attempt end that began first.
  void end_one() {
    const auto first = with_lock([&] {
      auto timer = held_.front();
      held_.pop_front();
      return timer;
    });
    asio::post(first->get_executor(), [first] { first->cancel(); });
  }
  /// Let all attempts end, those to come too.
  void let_go() {
    with_lock([&] { holds_ = false; });
    while (held() != 0) end_one();
  }
  [[nodiscard]] std::size_t held() {
    return with_lock([&] { return held_.size(); });
  }

  void fail_next(Fault fault) {
    with_lock([&] { faults_.push_back(std::move(fault)); });
  }
  void fail_always(Fault fault) {
    with_lock([&] { always_ = std::move(fault); });
  }
  void work_again() {
    with_lock([&] { always_.reset(); });
  }
  void answer_with(net::ExchangeResult result) {
    with_lock([&] { result_ = std::move(result); });
  }
  void hang() {
    with_lock([&] { hangs_ = true; });
  }
  [[nodiscard]] int dials() {
    return with_lock([&] { return dials_; });
  }
  [[nodiscard]] int most_live() {
    return with_lock([&] { return most_live_; });
  }
  [[nodiscard]] int most_connecting() {
    return with_lock([&] { return most_connecting_; });
  }
  [[nodiscard]] int live() const { return live_; }
  [[nodiscard]] net::ClientTimeouts last_timeouts() {
    return with_lock([&] { return last_timeouts_; });
  }
  [[nodiscard]] std::shared_ptr<Line> line(std::size_t index) {
    return with_lock([&] { return lines_.at(index); });
  }

 private:
  Result<std::unique_ptr<net::ClientConnection>> made(asio::any_io_executor executor) {
    const std::scoped_lock lock(mutex_);
    --connecting_;
    if (always_) return *always_;
    if (!faults_.empty()) {
      auto next = std::move(faults_.front());
      faults_.pop_front();
      return next;
    }
    auto line = std::make_shared<Line>();
    line->result = result_;
    line->hangs = hangs_;
    line->live = &live_;
    lines_.push_back(line);
    most_live_ = std::max(most_live_, live_ + 1);
    return std::make_unique<ScriptedConnection>(std::move(executor), line);
  }

  std::mutex mutex_;
  std::deque<Fault> faults_;
  std::optional<Fault> always_;
  net::ExchangeResult result_ = answered_with(201);
  bool hangs_ = false;
  bool holds_ = false;
  std::deque<std::shared_ptr<asio::steady_timer>> held_;
  int dials_ = 0;
  int connecting_ = 0;
  int most_connecting_ = 0;
  std::atomic<int> live_{0};
  int most_live_ = 0;
  net::ClientTimeouts last_timeouts_;
  std::vector<std::shared_ptr<Line>> lines_;
};

using LeaseResult = Result<std::unique_ptr<delivery::Lease>>;

inline asio::awaitable<bool> drop(std::unique_ptr<delivery::Lease> lease) {
  lease.reset();
  co_return true;
}

inline asio::awaitable<delivery::Delivery> send_and_drop(std::unique_ptr<delivery::Lease> lease, TimePoint deadline) {
  const net::WireRequest request{.method = "POST", .target = "/Order", .headers = {}, .body = "{}"};
  auto delivery = co_await lease->send(request, deadline);
  lease.reset();
  co_return delivery;
}

inline asio::awaitable<std::unique_ptr<delivery::Lease>> take_now(delivery::Courier& courier, delivery::Route route) {
  co_return courier.take(route);
}

/// Runs coroutines on a chosen io thread and waits for them, at most 20 s.
class Runner {
 public:
  explicit Runner(std::size_t count) : threads_(count) { threads_.start(); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() { threads_.stop(); }

  [[nodiscard]] net::IoThreads& threads() { return threads_; }

  template <class T>
  std::future<T> start(std::size_t thread, asio::awaitable<T> work) {
    return asio::co_spawn(threads_.context(thread), std::move(work), asio::use_future);
  }
  template <class T>
  static T finish(std::future<T> running) {
    if (running.wait_for(seconds{20}) != std::future_status::ready) throw std::runtime_error("did not end in 20 s");
    return running.get();
  }
  template <class T>
  T run(std::size_t thread, asio::awaitable<T> work) {
    return finish(start(thread, std::move(work)));
  }

 private:
  net::IoThreads threads_;
};

/// Waits for `condition`, at most 20 s.
template <class Condition>
bool eventually(Condition condition) {
  const auto limit = in(seconds{20});
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace gw::test
