// A commit is told when the log was synced: nothing of it is told or seen before, and nothing at all where that fails.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <deque>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "fault/power_vfs.hpp"
#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;
using gw::test::PowerVfs;

namespace {

enum class Gate : unsigned char { kOpen, kShut, kBroken };

/// An outbox that commits each task alone, and whose log reaches the disk only while the gate is open.
struct GatedWorld : World {
  GatedWorld() {
    settings.batch_limit = 1;
    vfs.set_log_gate([this] {
      ++waiting;
      gate.wait(Gate::kShut);
      --waiting;
      return gate != Gate::kBroken;
    });
    vfs.watch(settings.path.parent_path(), [](std::uint64_t) {});
  }
  GatedWorld(const GatedWorld&) = delete;
  GatedWorld& operator=(const GatedWorld&) = delete;
  ~GatedWorld() {
    set(Gate::kOpen);
    close();
  }

  void set(Gate to) {
    gate = to;
    gate.notify_all();
  }
  /// Open it, and have one task on disk: so the log has its head, and what is synced next are commits alone.
  void open_with_one() {
    open();
    admitted(task(100));
  }
  /// Hand in `count` tasks at once, and wait for nothing.
  void hand_in(int count) {
    for (int i = 0; i < count; ++i) {
      auto& admission = told.emplace_back();
      start(outbox->admit(task(i), State::kReceived, {}, audit_of("state", "received")), admission);
    }
    context.restart();
    context.poll();
  }
  /// How many who handed in a task have been told that it is safe, or anything else.
  int told_by_now() {
    context.restart();
    context.poll();
    return static_cast<int>(std::count_if(told.begin(), told.end(), [](const auto& one) { return one.has_value(); }));
  }
  /// Waits until the log is being synced.
  bool is_syncing() {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (waiting == 0) {
      if (std::chrono::steady_clock::now() > patience) return false;
      std::this_thread::yield();
    }
    return true;
  }

  PowerVfs vfs;
  std::atomic<Gate> gate{Gate::kOpen};
  std::atomic<int> waiting{0};  ///< syncs, for the gate
  std::deque<std::optional<Result<Admission>>> told;
};

}  // namespace

TEST_CASE("sync: until the log is on disk nobody is told of a task, and nobody sees it (OUT-01)", "[fault][outbox]") {
  GatedWorld world;
  world.open_with_one();
  world.set(Gate::kShut);
  world.hand_in(3);
  REQUIRE(world.is_syncing());
  CHECK(world.told_by_now() == 0);
  CHECK(world.sql("SELECT count(*) FROM task") == "1");

  world.set(Gate::kOpen);
  world.drain();
  CHECK(world.told_by_now() == 3);
  for (const auto& one : world.told) CHECK(std::holds_alternative<Admitted>(one->value()));
  CHECK(world.sql("SELECT count(*) FROM task") == "4");
}

TEST_CASE("sync: after one that failed nobody is told anything, and the process is to end (OUT-01)",
          "[fault][outbox]") {
  constexpr int tasks = 3;
  GatedWorld world;
  std::promise<Fault> failed;
  std::atomic<int> failures{0};
  world.settings.on_commit_failure = [&](const Fault& cause) {
    if (++failures == 1) failed.set_value(cause);
  };
  world.open_with_one();
  world.set(Gate::kBroken);
  world.hand_in(tasks);
  auto cause = failed.get_future();
  REQUIRE(cause.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
  CHECK(cause.get().kind == FaultKind::kStorageInDoubt);
  CHECK(world.outbox->ready().error().kind == FaultKind::kStorageInDoubt);

  world.outbox->stop();
  CHECK(world.told_by_now() == 0);
  CHECK(failures == 1);

  world.close();
  std::ifstream lock{world.settings.path.string() + ".lock"};
  std::string last_end;
  std::getline(lock, last_end);
  CHECK(last_end == "commit-failed");
  world.set(Gate::kOpen);
  world.settings.on_commit_failure = {};
  world.open();
  CHECK(world.outbox->depth().received == 0);
  const auto stored = world.run(world.outbox->search({}));
  REQUIRE(stored);
  CHECK_FALSE(stored->tasks.empty());
  for (const auto& one : stored->tasks) CHECK(one.state == State::kAbandoned);
}
