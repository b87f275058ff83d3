// What waits, by recipient and state, as /metrics tells it.
#include <catch2/catch.hpp>
#include <string>

#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::World;

TEST_CASE("backlog: unfinished entries by recipient and state, the oldest first, finished ones never (OPS-02)",
          "[outbox]") {
  World world;
  world.open();
  const auto admit = [&](int number, const char* recipient, State state, int received_minute) {
    auto task = world.task(number);
    task.recipient = OdsCode{recipient};
    task.received_at = Instant{std::chrono::minutes{received_minute}};
    (void)world.admitted(task, state, state == State::kDelivered ? 201 : 0);
  };
  admit(1, "B20003", State::kReceived, 30);
  admit(2, "B20003", State::kReceived, 20);
  admit(3, "B20003", State::kSending, 40);
  admit(4, "C20004", State::kReceived, 10);
  admit(5, "D20005", State::kDelivered, 5);
  const auto backlog = world.run(world.outbox->backlog());
  REQUIRE(backlog.has_value());
  REQUIRE(backlog->size() == 3);
  const auto is = [&](std::size_t at, const char* recipient, State state, std::size_t entries, int minute) {
    const auto& row = backlog->at(at);
    CAPTURE(at, row.recipient.text(), row.entries);
    CHECK(row.recipient.text() == recipient);
    CHECK(row.state == state);
    CHECK(row.entries == entries);
    CHECK(row.oldest == Instant{std::chrono::minutes{minute}});
  };
  is(0, "C20004", State::kReceived, 1, 10);
  is(1, "B20003", State::kReceived, 2, 20);
  is(2, "B20003", State::kSending, 1, 40);
  CHECK(world.outbox->stats().commit_times.sum.count() > 0);
}
