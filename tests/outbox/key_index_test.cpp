// Keys that may come again: whatever is sorted, written, forgotten or lost by a crash, a key leads to what was put
// last.
#include "outbox/key_index.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "base/digest.hpp"
#include "outbox/outbox_world.hpp"
#include "outbox/schema.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::World;

namespace {

constexpr std::size_t kRunKeys = 32;

RepeatKey key_of(std::uint64_t number) {
  const auto hash = sha256(std::to_string(number));
  RepeatKey key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

/// An index in a file of its own, and what it should say.
struct IndexWorld {
  World world;
  std::unique_ptr<Connection> connection;
  std::optional<KeyIndex> index;
  std::map<std::uint64_t, std::int64_t> model;
  std::int64_t puts = 0;
  std::size_t run_keys;

  explicit IndexWorld(std::size_t keys = kRunKeys) : run_keys(keys) { open(); }

  void open() {
    index.reset();
    connection.reset();
    auto opened = open_for_writing(world.settings.path);
    if (!opened) FAIL(opened.error().detail);
    connection = std::move(*opened);
    index.emplace(*connection, "trace", run_keys);
    index->load();
  }

  void put(std::uint64_t number, std::int64_t day = 0) {
    model[number] = ++puts;
    index->put(key_of(number), {TaskId{puts}, day});
  }

  void transaction(const char* end, std::uint64_t first, std::uint64_t count, std::int64_t day = 0) {
    REQUIRE(connection->execute("BEGIN"));
    for (auto number = first; number < first + count; ++number) put(number, day);
    REQUIRE(connection->status());
    REQUIRE(connection->execute(end));
  }

  [[nodiscard]] std::int64_t found(std::uint64_t number) {
    const auto there = index->find(key_of(number));
    return there ? there->task.number : 0;
  }

  void check_all() {
    for (const auto& [number, task] : model) {
      CAPTURE(number);
      REQUIRE(found(number) == task);
    }
    REQUIRE(connection->status());
  }
};

}  // namespace

TEST_CASE("key index: a key leads to what was put last, through runs, rollbacks and crashes (OUT-03)", "[outbox]") {
  const auto seed = GENERATE(range(1U, 9U));
  const std::size_t run_keys =
      GENERATE(16U, 33U, 543U);  // written with each key; every two; every 32, which divide no run
  CAPTURE(seed, run_keys);
  std::mt19937 random{seed};
  IndexWorld world{run_keys};
  for (int step = 0; step < 150; ++step) {
    const std::uint64_t first = random() % 600;
    const std::uint64_t count = 1 + random() % 40;
    const auto what = random() % 10;
    if (what == 0) {
      const auto before = world.model;
      world.transaction("ROLLBACK", first, count);
      world.model = before;
      world.index->load();
    } else {
      world.transaction("COMMIT", first, count);
    }
    if (what == 1) world.open();  // as after a crash: nothing was said at the end
    if (step % 10 == 0) world.check_all();
  }
  world.check_all();
  CHECK(world.found(1'000'000) == 0);
  CHECK(std::stoul(world.world.sql("SELECT count(*) FROM trace_run")) >= 1000 / run_keys);
}

TEST_CASE("key index: the log of new keys stays short", "[outbox]") {
  const std::size_t run_keys = GENERATE(16U, 47U, 512U);
  IndexWorld world{run_keys};
  for (std::uint64_t first = 0; first < 4000; first += 100) {
    world.transaction("COMMIT", first, 100);
    REQUIRE(std::stoul(world.world.sql("SELECT count(*) FROM trace_recent")) <= 2 * run_keys);
  }
}

TEST_CASE("key index: no key is lost when the only run goes while the next one is written (OUT-03)", "[outbox]") {
  constexpr std::int64_t old_day = 100;
  constexpr std::int64_t today = 200;
  IndexWorld world;
  world.transaction("COMMIT", 0, kRunKeys + kRunKeys / 2, old_day);  // one run, and its part of the log gone
  REQUIRE(world.world.sql("SELECT count(*) FROM trace_run") == "1");
  world.model.clear();
  world.transaction("COMMIT", 1000, kRunKeys / 2 + 3, today);  // the next is begun
  REQUIRE(world.world.sql("SELECT count(DISTINCT run) FROM trace_key") == "2");
  const bool crash = GENERATE(false, true);
  if (crash) world.open();
  const auto keep_none = [](TaskId) { return false; };
  REQUIRE(world.connection->execute("BEGIN"));
  while (world.index->prune(today, keep_none)) {
  }
  REQUIRE(world.connection->execute("COMMIT"));
  world.transaction("COMMIT", 2000, 3 * kRunKeys, today);
  world.check_all();
  world.open();
  world.check_all();
}

TEST_CASE("key index: what was sealed is written also where no more keys come, and a key put again adds no end",
          "[outbox]") {
  IndexWorld world;
  for (std::uint64_t life = 0; life < 20; ++life) {
    world.transaction("COMMIT", life * 5, 5);  // five keys in the life of each process
    world.transaction("COMMIT", 0, 1);
    world.open();
    REQUIRE(world.connection->execute("BEGIN"));
    while (world.index->prune(0, [](TaskId) { return true; })) {
    }
    REQUIRE(world.connection->execute("COMMIT"));
    REQUIRE(std::stoul(world.world.sql("SELECT count(*) FROM trace_recent")) <= 2 * kRunKeys);
  }
  CHECK(std::stoi(world.world.sql("SELECT count(*) FROM trace_run")) >= 3);
  world.check_all();
}

TEST_CASE("key index: a run whose time is over goes, but for the keys that are still wanted (OUT-03, OUT-04)",
          "[outbox]") {
  constexpr std::int64_t old_day = 100;
  constexpr std::int64_t today = 200;
  constexpr std::uint64_t wanted = 7;
  IndexWorld world;
  world.transaction("COMMIT", 0, 600, old_day);
  world.transaction("COMMIT", 1000, 600, today);
  const auto keep = [&world, wanted_task = world.model[wanted]](TaskId id) { return id.number == wanted_task; };
  REQUIRE(world.connection->execute("BEGIN"));
  while (world.index->prune(today, keep)) {
  }
  REQUIRE(world.connection->status());
  REQUIRE(world.connection->execute("COMMIT"));
  const auto old_ones = [&world] {
    std::size_t count = 0;
    for (std::uint64_t number = 0; number < 600; ++number) count += static_cast<std::size_t>(world.found(number) != 0);
    return count;
  };
  CHECK(old_ones() <= 1 + 2 * kRunKeys);  // a run that today's keys share goes with them
  CHECK(world.found(wanted) == world.model[wanted]);
  world.open();
  CHECK(world.found(wanted) == world.model[wanted]);
  for (std::uint64_t number = 1000; number < 1600; ++number) REQUIRE(world.found(number) == world.model[number]);
}

TEST_CASE("key filter: never wrong about a key that is in it, seldom about another", "[outbox]") {
  constexpr std::uint64_t keys = 5000;
  KeyFilter filter{keys};
  for (std::uint64_t number = 0; number < keys; ++number) filter.add(key_of(number));
  const auto again = KeyFilter::from(filter.bytes());
  REQUIRE(again);
  std::uint64_t wrong = 0;
  for (std::uint64_t number = 0; number < keys; ++number) {
    REQUIRE(again->may_contain(key_of(number)));
    wrong += static_cast<std::uint64_t>(again->may_contain(key_of(keys + number)));
  }
  CHECK(wrong < keys / 100);
}

TEST_CASE("key filter: bytes of a wrong length are no filter", "[outbox]") {
  const std::vector<std::uint8_t> bytes(65);
  CHECK_FALSE(KeyFilter::from(bytes));
  CHECK_FALSE(KeyFilter::from({}));
}
