// The worker with a carrier that does as the test says, on real io threads and a clock that is set.
#include "delivery/deferred_worker.hpp"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "net/io_threads.hpp"

using namespace gw;
using namespace gw::delivery;

namespace {

class SetClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{milliseconds{now_.load()}}; }
  void advance(milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'800'000'000'000};
};

/// Keeps who had a turn, and does with it what the test says.
class TestCarrier final : public Carrier {
 public:
  std::function<asio::awaitable<std::optional<Instant>>(TaskId)> what;  ///< its object outlives each turn

  asio::awaitable<std::optional<Instant>> carry(TaskId id) override {
    {
      const std::lock_guard lock{mutex_};
      turns_.push_back(id.number);
    }
    changed_.notify_all();
    co_return co_await what(id);
  }
  /// The turns so far, once there are so many.
  std::vector<std::int64_t> turns(std::size_t count) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, seconds{30}, [&] { return turns_.size() >= count; }));
    return turns_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::int64_t> turns_;
};

struct Bench {
  Bench() { threads.start(); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() {
    worker.stop(seconds{10});
    threads.stop();
  }
  [[nodiscard]] outbox::Planned task(std::int64_t id, const char* patient, milliseconds in = milliseconds{0}) const {
    return {.id = TaskId{id},
            .recipient = OdsCode{"B"},
            .subject = patient,
            .due = clock.now() + in,
            .limit = clock.now() + std::chrono::hours{1}};
  }

  SetClock clock;
  net::IoThreads threads{2};
  TestCarrier carrier;
  DeferredSettings settings{.look = milliseconds{5}};
  DeferredWorker worker{threads, clock, carrier, settings};
};

using Next = std::optional<Instant>;

asio::awaitable<Next> at_its_end(TaskId) {
  co_return std::nullopt;
}

asio::awaitable<Next> after_a_while(std::atomic<bool>& ended) {
  asio::steady_timer timer{co_await asio::this_coro::executor, milliseconds{50}};
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  ended = true;
  co_return std::nullopt;
}

asio::awaitable<Next> never(TaskId) {
  asio::steady_timer timer{co_await asio::this_coro::executor, std::chrono::hours{1}};
  co_await timer.async_wait(asio::use_awaitable);
  co_return std::nullopt;
}

}  // namespace

TEST_CASE("worker: goes on with what is left, in order, and with what is added (OUT-05, OUT-06)", "[delivery]") {
  Bench bench;
  bench.carrier.what = at_its_end;
  bench.worker.start({bench.task(1, "p"), bench.task(2, "p")});
  CHECK(bench.carrier.turns(2) == std::vector<std::int64_t>{1, 2});
  bench.worker.add(bench.task(3, "p"));
  CHECK(bench.carrier.turns(3) == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("worker: a turn comes when the clock says so, or an operator (OUT-06)", "[delivery]") {
  Bench bench;
  bench.carrier.what = at_its_end;
  bench.worker.start({bench.task(1, "p", seconds{60}), bench.task(2, "q", seconds{120}), bench.task(3, "r")});
  CHECK(bench.carrier.turns(1) == std::vector<std::int64_t>{3});
  CHECK(bench.worker.waiting() >= 2);
  bench.clock.advance(seconds{60});
  CHECK(bench.carrier.turns(2) == std::vector<std::int64_t>{3, 1});
  bench.worker.hasten(bench.task(2, "q"));
  CHECK(bench.carrier.turns(3) == std::vector<std::int64_t>{3, 1, 2});
  bench.worker.hasten(bench.task(4, "q"));  // one that rested
  CHECK(bench.carrier.turns(4) == std::vector<std::int64_t>{3, 1, 2, 4});
}

TEST_CASE("worker: a turn that ends with an exception is followed by another, and by those behind it", "[delivery]") {
  Bench bench;
  std::atomic<int> turns{0};
  bench.carrier.what = [&](TaskId) -> asio::awaitable<Next> {
    if (++turns == 1) throw std::runtime_error("a bug");
    return at_its_end(TaskId{});
  };
  bench.worker.start({bench.task(1, "p"), bench.task(2, "p")});
  (void)bench.carrier.turns(1);
  while (bench.worker.waiting() == 2) {
    bench.clock.advance(seconds{1});
    bench.worker.look();
    std::this_thread::yield();
  }
  CHECK(bench.carrier.turns(3) == std::vector<std::int64_t>{1, 1, 2});
}

TEST_CASE("worker: a stop waits for running turns, and begins no new ones (OUT-10)", "[delivery]") {
  Bench bench;
  std::atomic<bool> ended{false};
  bench.carrier.what = [&](TaskId) { return after_a_while(ended); };
  bench.worker.start({bench.task(1, "p"), bench.task(2, "p")});
  (void)bench.carrier.turns(1);
  bench.worker.stop(seconds{30});
  CHECK(ended);
  CHECK(bench.carrier.turns(1).size() == 1);
  CHECK(bench.worker.waiting() == 1);
}

TEST_CASE("worker: once it is closed no turn begins, and what is added waits on disk (OUT-10)", "[delivery]") {
  Bench bench;
  std::atomic<bool> ended{false};
  bench.carrier.what = [&](TaskId) { return after_a_while(ended); };
  bench.worker.start({bench.task(1, "p"), bench.task(2, "p")});
  (void)bench.carrier.turns(1);
  bench.worker.close();
  bench.worker.add(bench.task(3, "q"));
  bench.worker.stop(seconds{30});
  CHECK(ended);
  CHECK(bench.carrier.turns(1) == std::vector<std::int64_t>{1});
  CHECK(bench.worker.waiting() == 2);
}

TEST_CASE("worker: a stop cuts off what does not end in time (OUT-10)", "[delivery]") {
  Bench bench;
  bench.carrier.what = never;
  bench.worker.start({bench.task(1, "p")});
  (void)bench.carrier.turns(1);
  bench.worker.stop(milliseconds{20});
  CHECK(bench.worker.waiting() == 1);
}
