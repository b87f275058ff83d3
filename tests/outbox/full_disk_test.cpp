// A disk that runs full under the outbox, and has room again.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "outbox/outbox_world.hpp"
#include "support/small_disk.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::Folder;
using gw::outbox::test::World;
using gw::test::SmallDisk;

namespace {

constexpr std::int64_t kKeptBack = 4 << 20;

/// An open outbox on a disk of its own.
struct OnSmallDisk {
  Folder place;
  SmallDisk disk{place / "disk"};
  World world;

  OnSmallDisk() {
    world.settings.path = place / "disk" / "outbox.db";
    world.settings.min_free_bytes = kKeptBack;
    if (disk.made()) world.open();
  }
  [[nodiscard]] bool made() const {
    if (!disk.made()) WARN("not shown here: a disk of its own can only be made by the superuser");
    return disk.made();
  }
};

bool comes_to_be(const World& world, bool ready) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (world.outbox->ready().has_value() != ready) {
    if (std::chrono::steady_clock::now() > patience) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE(
    "full disk: new tasks are refused, what is at work ends well, and with room all is as before (OUT-01, OUT-09)",
    "[outbox]") {
  OnSmallDisk small;
  if (!small.made()) return;
  auto& world = small.world;
  const auto& disk = small.disk;
  world.admitted(world.task(1), State::kDelivered, 201);
  const auto at_work = world.admitted(world.task(2), State::kSending);

  disk.fill(kKeptBack / 2);
  REQUIRE(comes_to_be(world, false));
  CHECK(world.outbox->ready().error().detail.find("nearly full") != std::string::npos);
  CHECK(world.admit(world.task(3)).error().kind == FaultKind::kStorage);
  const auto repeat = world.admit(world.task(1), State::kDelivered, 201);
  REQUIRE(repeat);
  CHECK(std::holds_alternative<Repeat>(*repeat));
  CHECK(world.run(world.outbox->record(audit_of("request", "repeat"))));
  CHECK(world.conclude(at_work, Event::kRecipientStored, 201, "stored"));

  disk.make_room();
  REQUIRE(comes_to_be(world, true));
  world.admitted(world.task(3), State::kDelivered, 201);
  CHECK(world.state_of(at_work) == State::kDelivered);
  world.close();
}

TEST_CASE("full disk: room that a purge made inside the file is room again (OPS-04, OUT-09)", "[outbox]") {
  OnSmallDisk small;
  if (!small.made()) return;
  auto& world = small.world;
  const auto& disk = small.disk;
  const auto large = [&world](int number) {
    auto task = world.task(number);
    task.body.resize(100'000, ' ');
    return task;
  };
  constexpr std::chrono::days long_after{400};
  const auto come_and_go = [&](int first, bool on_full_disk) {
    for (int number = first; number < first + 20; ++number) world.admitted(large(number), State::kDelivered, 201);
    if (on_full_disk) {
      disk.fill(kKeptBack - kKeptBack / 8);
      REQUIRE(comes_to_be(world, false));
    }
    world.clock.advance(long_after);
    CHECK(*world.run(world.outbox->purge(long_after - seconds{1}, audit_of("operator", ""))) == 20);
  };
  come_and_go(0, false);  // from now on the log is as long as it gets
  come_and_go(50, true);
  REQUIRE(comes_to_be(world, true));
  for (int number = 100; number < 110; ++number) world.admitted(large(number), State::kDelivered, 201);
  CHECK(world.outbox->ready());
}
