#include "console/console_world.hpp"
#include "console/list_request.hpp"

namespace gw::console::test {

namespace {

/// So many tasks sent, every other one failed.
void fill(World& world, int count) {
  world.sign_in("shah");
  for (int i = 0; i < count; ++i) {
    const bool arrives = i % 2 == 0;
    world.courier.answer = [arrives] { return arrives ? World::delivered() : World::failed(); };
    world.send(random_uuid(), "Task " + std::to_string(i));
  }
}

std::size_t rows_of(const Response& page) {
  std::size_t rows = 0;
  for (auto at = page.body.find("app-row-link"); at != std::string::npos; at = page.body.find("app-row-link", at + 1)) {
    ++rows;
  }
  return rows;
}

}  // namespace

TEST_CASE("tasks: the list is filtered by direction, state, organisation and day (OPS-05)", "[console]") {
  World world;
  fill(world, 4);
  CHECK(rows_of(world.get("/tasks")) == 4);
  CHECK(rows_of(world.get("/tasks?direction=sent")) == 4);
  CHECK(rows_of(world.get("/tasks?direction=received")) == 0);
  CHECK(rows_of(world.get("/tasks?state=Received")) == 2);
  CHECK(rows_of(world.get("/tasks?state=Error")) == 2);
  CHECK(rows_of(world.get("/tasks?state=Queued")) == 0);
  CHECK(rows_of(world.get("/tasks?other=C33333")) == 4);
  CHECK(rows_of(world.get("/tasks?other=E55555")) == 0);
  CHECK(rows_of(world.get("/tasks?from=2026-11-21&until=2026-11-21")) == 4);
  CHECK(rows_of(world.get("/tasks?until=2026-11-20")) == 0);
  CHECK(rows_of(world.get("/tasks?from=2026-11-22")) == 0);
  CHECK(rows_of(world.get("/tasks?from=nonsense&state=nonsense&sort=nonsense&page=-3")) == 4);
}

TEST_CASE("tasks: the list is sorted by its columns and comes in pages (OPS-05)", "[console]") {
  World world;
  fill(world, static_cast<int>(kRowsOnPage) + 2);
  const auto first = world.get("/tasks");
  CHECK(rows_of(first) == kRowsOnPage);
  CHECK(shows(first, "Page 1 of 2"));
  CHECK(rows_of(world.get("/tasks?page=2")) == 2);
  const auto up = world.get("/tasks?sort=state&order=up");
  CHECK(shows(up, R"(aria-sort="ascending")"));
  CHECK(up.body.find(">Error</strong>") < up.body.find(">Received</strong>"));
  const auto down = world.get("/tasks?sort=state&order=down");
  CHECK(down.body.find(">Error</strong>") > down.body.find(">Received</strong>"));
}

TEST_CASE("tasks: a patient's tasks are found without their number in any address (OPS-05, AUD-04)", "[console]") {
  World world;
  fill(world, 2);
  const auto found = world.post("/tasks/patient", "nhs-number=999+000+0018");
  REQUIRE(found.status == 303);
  const std::string address{header_value(found.headers, "Location")};
  CHECK(address.find("999") == std::string::npos);
  CHECK(rows_of(world.get(address)) == 2);
  CHECK(shows(world.post("/tasks/patient", "nhs-number=9990004129"), "nobody with this NHS number"));
}

TEST_CASE("tasks: another organisation's tasks are neither listed nor shown (OPS-05)", "[console]") {
  World world;
  fill(world, 1);
  const auto id = to_text(world.tasks().front().task.id);
  CHECK(world.get("/tasks?task=" + id).status == 200);
  CHECK(world.get("/send?again=" + id).status == 200);
  world.post("/sign-out", "");
  world.sign_in("elm");
  CHECK(rows_of(world.get("/tasks")) == 0);
  CHECK(world.get("/tasks?task=" + id).status == 404);
}

TEST_CASE("tasks: one that failed is offered for sending again, as it was, under its identifier (OPS-05)",
          "[console]") {
  World world;
  world.sign_in("shah");
  world.courier.answer = [] { return World::failed(); };
  const auto identifier = random_uuid();
  world.send(identifier, "First line\nsecond & last");
  const auto id = to_text(world.tasks().front().task.id);
  CHECK(shows(world.get("/tasks?task=" + id), "/send?again=" + id));
  const auto form = world.get("/send?again=" + id);
  CHECK(shows(form, identifier));
  CHECK(shows(form, "First line\nsecond &amp; last"));
}

TEST_CASE("delivery: an operator resolves what is in doubt, with a reason, and sees no patient (OPS-05)", "[console]") {
  World world;
  world.sign_in("shah");
  world.courier.answer = [] { return World::in_doubt(); };
  world.send(random_uuid());
  const auto id = to_text(world.tasks().front().task.id);
  world.post("/sign-out", "");
  world.sign_in("operator");
  const auto page = world.get("/delivery");
  CHECK(shows(page, "In doubt"));
  CHECK(shows(page, id));
  CHECK_FALSE(shows(page, "APPLEBY"));
  CHECK_FALSE(shows(page, "999 000 0018"));
  CHECK(shows(world.post("/delivery", "id=" + id + "&do=delivered&reason="), "Say how it is known"));
  CHECK(world.operations.asked.empty());
  CHECK(shows(world.post("/delivery", "id=" + id + "&do=delivered&reason=they+read+it+to+me"), "it is on record"));
  CHECK(world.operations.asked == std::vector<std::string>{id, "delivered", "they read it to me", "console:operator"});
}

}  // namespace gw::console::test
