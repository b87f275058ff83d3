// Whose turn it is: in order per patient and recipient, a few at once per recipient, nobody waits for another's
// patient.
#include "delivery/lanes.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

using namespace gw;
using namespace gw::delivery;

namespace {

const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{9}};
const auto kLater = kNow + std::chrono::hours{1};

outbox::Planned task(std::int64_t id, const char* patient, const char* recipient = "B", Instant due = kNow,
                     Instant limit = kLater) {
  return {.id = TaskId{id}, .recipient = OdsCode{recipient}, .subject = patient, .due = due, .limit = limit};
}

std::set<std::int64_t> all_due(Lanes& lanes, Instant now) {
  std::set<std::int64_t> taken;
  while (const auto id = lanes.take(now)) taken.insert(id->number);
  return taken;
}

}  // namespace

TEST_CASE(
    "lanes: a later task waits for the end of the one before it, for the same patient and recipient alone (OUT-06)",
    "[delivery]") {
  Lanes lanes{{}};
  lanes.add(task(1, "p"));
  lanes.add(task(2, "p"));
  lanes.add(task(3, "q"));
  lanes.add(task(4, "p", "C"));
  CHECK(all_due(lanes, kNow) == std::set<std::int64_t>{1, 3, 4});
  SECTION("its next turn comes first") {
    lanes.put_back(TaskId{1}, kNow + seconds{10});
    CHECK(all_due(lanes, kNow + seconds{9}).empty());
    CHECK(all_due(lanes, kNow + seconds{10}) == std::set<std::int64_t>{1});
  }
  SECTION("its end lets the next one go") {
    lanes.remove(TaskId{1});
    CHECK(all_due(lanes, kNow) == std::set<std::int64_t>{2});
    lanes.remove(TaskId{2});
    lanes.remove(TaskId{3});
    lanes.remove(TaskId{4});
    CHECK(lanes.size() == 0);
    CHECK_FALSE(lanes.until_next(kNow));
  }
}

TEST_CASE("lanes: what came first goes first, in whatever order it is added; twice is once (OUT-05)", "[delivery]") {
  Lanes lanes{{}};
  for (const auto id : {3, 1, 2, 1}) lanes.add(task(id, "p"));
  CHECK(lanes.size() == 3);
  for (const auto id : {1, 2, 3}) {
    CHECK(lanes.take(kNow) == TaskId{id});
    CHECK_FALSE(lanes.take(kNow));
    lanes.remove(TaskId{id});
  }
}

TEST_CASE("lanes: of one recipient only so many are at work, and others do not wait for it (OUT-09)", "[delivery]") {
  Lanes lanes{{.at_once = 2, .waiting = 3}};
  for (int i = 0; i < 3; ++i) lanes.add(task(i + 1, std::string("p" + std::to_string(i)).c_str()));
  lanes.add(task(9, "p", "C"));
  CHECK(all_due(lanes, kNow).size() == 3);
  CHECK_FALSE(lanes.has_room(OdsCode{"B"}));
  CHECK(lanes.has_room(OdsCode{"C"}));
  CHECK(lanes.has_room(OdsCode{"D"}));
  CHECK_FALSE(lanes.until_next(kNow));  // not time, but an end lets the next one go
  lanes.remove(TaskId{1});
  CHECK(lanes.has_room(OdsCode{"B"}));
  CHECK(lanes.until_next(kNow) == milliseconds{0});
  CHECK(all_due(lanes, kNow).size() == 1);
}

TEST_CASE("lanes: a task whose time is up has its turn behind one that waits, and does not disturb the order (OUT-06)",
          "[delivery]") {
  Lanes lanes{{.last_try = seconds{3}}};
  lanes.add(task(1, "p", "B", kNow + std::chrono::minutes{10}));
  lanes.add(task(2, "p", "B", kNow, kNow + seconds{30}));
  lanes.add(task(3, "p"));
  CHECK_FALSE(lanes.take(kNow + seconds{27}));
  CHECK(lanes.until_next(kNow) == milliseconds{27'001});
  CHECK(lanes.take(kNow + milliseconds{27'001}) == TaskId{2});
  CHECK_FALSE(lanes.take(kNow + seconds{60}));
  lanes.remove(TaskId{2});
  CHECK_FALSE(lanes.take(kNow + seconds{60}));
  CHECK(lanes.take(kNow + std::chrono::minutes{10}) == TaskId{1});
}

TEST_CASE("lanes: an operator's wish brings a turn forward, within the order (OUT-06)", "[delivery]") {
  Lanes lanes{{}};
  lanes.add(task(1, "p", "B", kNow + seconds{60}));
  lanes.add(task(2, "p"));
  CHECK(lanes.hasten(TaskId{2}, kNow));
  CHECK_FALSE(lanes.take(kNow));
  CHECK(lanes.hasten(TaskId{1}, kNow));
  CHECK(lanes.take(kNow) == TaskId{1});
  CHECK(lanes.hasten(TaskId{1}, kNow));  // at work: its turn is now
  CHECK_FALSE(lanes.take(kNow));
  CHECK_FALSE(lanes.hasten(TaskId{7}, kNow));
}

TEST_CASE(
    "lanes: a task whose end could not be written has its next turn when that is due, not at once (OUT-06, OUT-09)",
    "[delivery]") {
  Lanes lanes{{}};
  lanes.add(task(1, "p", "B", kNow, kNow + seconds{30}));
  const auto late = kNow + seconds{40};
  REQUIRE(lanes.take(late) == TaskId{1});
  lanes.put_back(TaskId{1}, late + seconds{10});
  CHECK_FALSE(lanes.take(late));
  CHECK(lanes.until_next(late) == seconds{10});
  SECTION("when it is due") {
    CHECK(lanes.take(late + seconds{10}) == TaskId{1});
  }
  SECTION("when an operator wishes it") {
    CHECK(lanes.hasten(TaskId{1}, kNow));
    CHECK(lanes.take(late) == TaskId{1});
    lanes.remove(TaskId{1});
    CHECK_FALSE(lanes.until_next(late));
  }
}

TEST_CASE("lanes: an operator's wish for a task at work is not lost with that turn's end (OUT-06)", "[delivery]") {
  Lanes lanes{{}};
  lanes.add(task(1, "p"));
  lanes.add(task(2, "p"));
  REQUIRE(lanes.take(kNow) == TaskId{1});
  CHECK(lanes.hasten(TaskId{1}, kNow));
  lanes.remove(TaskId{1});
  CHECK(lanes.size() == 2);
  REQUIRE(lanes.take(kNow) == TaskId{1});
  lanes.remove(TaskId{1});
  CHECK(lanes.size() == 1);
  CHECK(lanes.take(kNow) == TaskId{2});
}

TEST_CASE("lanes: a clock that was set back keeps nobody waiting for longer than the longest delay", "[delivery]") {
  Lanes lanes{{.longest = seconds{900}}};
  lanes.add(task(1, "p", "B", kNow + seconds{900}));
  CHECK_FALSE(lanes.take(kNow));
  CHECK(lanes.take(kNow - std::chrono::hours{1}) == TaskId{1});
}

TEST_CASE("lanes: at random, no two of a lane are at work together, none overtakes, none is forgotten (OUT-06)",
          "[delivery]") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    Lanes lanes{{.at_once = 2}};
    std::map<std::int64_t, outbox::Planned> waiting, working;
    auto now = kNow;
    std::int64_t next = 1;
    for (int step = 0; step < 2'000; ++step) {
      const auto dice = random() % 10;
      if (dice < 3) {
        const char* const patients[] = {"p", "q", "r"};
        const char* const recipients[] = {"B", "C"};
        const auto one = task(next++, patients[random() % 3], recipients[random() % 2], now + seconds{random() % 20});
        lanes.add(one);
        waiting[one.id.number] = one;
      } else if (dice < 6) {
        const auto id = lanes.take(now);
        if (!id) continue;
        const auto one = waiting.at(id->number);
        REQUIRE(one.due <= now);
        std::size_t of_recipient = 0;
        for (const auto& [number, other] : working) {
          of_recipient += other.recipient == one.recipient ? 1U : 0U;
          REQUIRE_FALSE((other.recipient == one.recipient && other.subject == one.subject));
        }
        REQUIRE(of_recipient < 2);
        for (const auto& [number, other] : waiting) {
          REQUIRE_FALSE((number < id->number && other.recipient == one.recipient && other.subject == one.subject));
        }
        working[id->number] = one;
        waiting.erase(id->number);
      } else if (dice < 8 && !working.empty()) {
        auto one = working.begin()->second;
        working.erase(working.begin());
        if (random() % 2 == 0) {
          lanes.remove(one.id);
        } else {
          one.due = now + seconds{random() % 20};
          lanes.put_back(one.id, one.due);
          waiting[one.id.number] = one;
        }
      } else {
        now += seconds{random() % 5};
      }
    }
    REQUIRE(lanes.size() == waiting.size() + working.size());
    for (const auto& [number, one] : working) lanes.remove(one.id);
    now += seconds{60};
    while (const auto id = lanes.take(now)) lanes.remove(*id);
    REQUIRE(lanes.size() == 0);
  }
}
