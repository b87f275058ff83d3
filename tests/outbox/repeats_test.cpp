// A repeat is known as one whatever became of the transactions in which the keys were sorted and pruned.
#include "outbox/repeats.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "outbox/outbox_world.hpp"
#include "outbox/schema.hpp"
#include "outbox/store.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

namespace {

constexpr int kRunKeys = 16;

std::vector<NewTask> tasks_of(World& world, int count) {
  world.open();
  std::vector<NewTask> tasks;
  for (int number = 1; number <= count; ++number) tasks.push_back(world.task(number));
  world.close();
  return tasks;
}

}  // namespace

TEST_CASE(
    "repeats: one is known also after the transaction that pruned, and sorted the last keys, was rolled back (OUT-03)",
    "[outbox]") {
  World world;
  const auto tasks = tasks_of(world, kRunKeys);
  auto connection = open_for_writing(world.settings.path);
  REQUIRE(connection);
  const RepeatWindows windows{.trace = std::chrono::days{1}, .identifier = std::chrono::days{1}, .run_keys = kRunKeys};
  Store store{**connection, world.clock, windows, {}};
  REQUIRE(store.load());
  REQUIRE(store.begin());
  for (const auto& task : tasks) REQUIRE(store.admit(task, State::kDelivered, {.status = 201}, audit_of("task", "")));
  REQUIRE(store.commit());
  REQUIRE(world.sql("SELECT count(*) FROM trace_run") == "0");

  REQUIRE(store.begin());
  CHECK_FALSE(store.prune());  // nothing is left to do: the run has its filter, and the log is empty
  REQUIRE(store.roll_back());
  CHECK(world.sql("SELECT count(*) FROM trace_run") == "0");
  for (const auto& task : tasks) {
    const auto repeat = store.repeat_of(task);
    REQUIRE(repeat);
    REQUIRE(*repeat);
    CHECK(std::holds_alternative<Repeat>(**repeat));
  }
}
