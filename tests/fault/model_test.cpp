// A seeded random walk over senders, recipients, repeats and crashes, against the real gateway, dispatcher and store:
// what was answered 201 is at the recipient; what was answered with a failure never comes; a repeat makes no second
// task (OUT-01, OUT-02, OUT-03, OUT-05); what was taken for deferred delivery comes to an end that its sender learns
// (OUT-06).
//
// GW_FAULT_STEPS: how many steps (default: the short form). GW_FAULT_SEED: where the walks start; a failing walk names
// its seed, and the same seed walks the same way.
#include <catch2/catch.hpp>

#include "fault/fault_settings.hpp"
#include "fault/model_world.hpp"

using namespace gw::test;

TEST_CASE("model: no walk loses a task, delivers one twice, or tells a sender what is not so (OUT-01 to OUT-06)",
          "[fault][model]") {
  constexpr std::uint64_t steps_of_a_walk = 500;
  const auto wanted = count_from_environment("GW_FAULT_STEPS", 5'000);
  const auto first_seed = seed_from_environment(20261121);
  ModelWorld::Counts all;
  Progress progress{"steps", wanted};
  auto seed = first_seed;
  for (std::uint64_t done = 0; done < wanted; ++seed) {
    ModelWorld world{seed};
    INFO("GW_FAULT_SEED=" << seed);
    for (std::uint64_t i = 0; i < steps_of_a_walk && done < wanted; ++i, ++done) {
      const auto broken = world.step();
      INFO("step " << i);
      REQUIRE(broken == std::vector<std::string>{});
    }
    REQUIRE(world.finish() == std::vector<std::string>{});
    progress.reached(done);
    all.tasks += world.counts().tasks;
    all.repeats += world.counts().repeats;
    all.crashes += world.counts().crashes;
    all.deliveries += world.counts().deliveries;
    all.deferred += world.counts().deferred;
    all.polls += world.counts().polls;
    all.expired += world.counts().expired;
  }
  WARN(wanted << " steps from seed " << first_seed << ": " << all.tasks << " tasks, " << all.repeats << " repeats, "
              << all.deliveries << " deliveries, " << all.crashes << " crashes; deferred: " << all.deferred
              << " tasks, " << all.polls << " polls, " << all.expired
              << " told that their time is up; no promise was broken");
  CHECK(all.crashes > 0);
  CHECK(all.deferred > 0);
  CHECK(all.expired > 0);
}

TEST_CASE("model: each fault that is seeded is found", "[fault][model]") {
  const auto seeded =
      GENERATE(SeededFault::kHalfIsStored, SeededFault::kDoubtIsSentAgain, SeededFault::kDoubtIsToldAsFailed,
               SeededFault::kDoubtIsToldAsStored, SeededFault::kDiskLies);
  CAPTURE(static_cast<int>(seeded));
  constexpr int steps = 1'500;
  ModelWorld world{1, seeded};
  std::vector<std::string> broken;
  for (int i = 0; i < steps && broken.empty(); ++i) broken = world.step();
  if (broken.empty()) broken = world.finish();
  CHECK_FALSE(broken.empty());
}
