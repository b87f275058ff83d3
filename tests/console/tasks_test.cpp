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
  CHECK(rows_of(world.get("/tasks?show=sent")) == 4);
  CHECK(rows_of(world.get("/tasks?show=received")) == 0);
  CHECK(rows_of(world.get("/tasks?show=sent-received")) == 2);
  CHECK(rows_of(world.get("/tasks?show=sent-error")) == 2);
  CHECK(rows_of(world.get("/tasks?show=sent-queued")) == 0);
  CHECK(rows_of(world.get("/tasks?show=sent-unconfirmed")) == 0);
  CHECK(rows_of(world.get("/tasks?other=C33333")) == 4);
  CHECK(rows_of(world.get("/tasks?other=E55555")) == 0);
  CHECK(rows_of(world.get("/tasks?from=2026-11-21&until=2026-11-21")) == 4);
  CHECK(rows_of(world.get("/tasks?until=2026-11-20")) == 0);
  CHECK(rows_of(world.get("/tasks?from=2026-11-22")) == 0);
  CHECK(rows_of(world.get("/tasks?from=nonsense&show=nonsense&sort=nonsense&page=-3")) == 4);
}

TEST_CASE("tasks: what the list is seldom filtered by is folded away until it is asked for (OPS-05)", "[console]") {
  constexpr std::string_view open = "app-filter__more\" open>";
  World world;
  fill(world, 1);
  CHECK_FALSE(shows(world.get("/tasks"), open));
  CHECK(shows(world.get("/tasks"), "1 task from 24-Oct-2026"));
  CHECK_FALSE(shows(world.get("/tasks?from=2026-10-24&show=sent"), open));
  for (const auto* const asked : {"other=C33333", "from=2026-11-21", "until=2026-11-21", "from="}) {
    CHECK(shows(world.get(std::string{"/tasks?"} + asked), open));
  }
}

TEST_CASE("tasks: a received one says where it is, not what its sender is told, and who wrote it (OPS-05)",
          "[console]") {
  World world;
  world.sign_in("shah");
  world.post("/send", "nhs-number=9990000018&to=E55555&type=2&text=Hello&identifier=" + random_uuid());
  CHECK(shows(world.get("/tasks"), ">Received</strong>"));
  const auto id = to_text(world.tasks().front().task.id);
  world.post("/sign-out", "");
  world.sign_in("elm");
  const auto page = world.get("/tasks?task=" + id);
  CHECK(rows_of(page) == 1);
  CHECK(shows(page, ">In your mailbox</strong>"));
  CHECK_FALSE(shows(page, ">Received</strong>"));
  CHECK_FALSE(shows(page, "The recipient"));
  CHECK(shows(page, R"(Written by</dt><dd class="nhsuk-summary-list__value">Dr Amina Shah</dd>)"));
}

TEST_CASE("tasks: who wrote a task is not guessed where the audit does not say (OPS-05)", "[console]") {
  World world;
  fill(world, 1);
  const auto id = to_text(world.tasks().front().task.id);
  world.store.path = world.files.path("elsewhere.db");
  const auto page = world.get("/tasks?task=" + id);
  CHECK(page.status == 200);
  CHECK(shows(page, "Cannot be looked up now"));
}

TEST_CASE("tasks: choosing one, and the way back, lead to its row (OPS-05)", "[console]") {
  World world;
  fill(world, 2);
  const auto id = to_text(world.tasks().front().task.id);
  const auto row = "row-" + id;
  CHECK(shows(world.get("/tasks"), "task=" + id + "#" + row));
  const auto page = world.get("/tasks?task=" + id);
  CHECK(shows(page, R"(id=")" + row + R"(" class="app-chosen")"));
  CHECK(shows(page, "#" + row + R"(">Back to the list)"));
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
  CHECK(shows(world.post("/tasks/patient", "nhs-number=9990000019"), "check digit of this NHS number is wrong"));
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
  const auto asked = "id=" + id + "&do=delivered&reason=they+read+it+to+me";
  const auto question = world.post("/delivery", asked);
  CHECK(shows(question, "This cannot be taken back."));
  CHECK(shows(question, "they read it to me"));
  CHECK_FALSE(shows(question, "APPLEBY"));
  CHECK(world.operations.asked.empty());
  CHECK(shows(world.post("/delivery", asked + "&confirmed=1"), "it is on record"));
  CHECK(world.operations.asked == std::vector<std::string>{id, "delivered", "they read it to me", "console:operator"});
}

TEST_CASE("delivery: what is not in doubt is not asked about (OPS-05)", "[console]") {
  World world;
  fill(world, 1);
  const auto id = to_text(world.tasks().front().task.id);
  world.post("/sign-out", "");
  world.sign_in("operator");
  for (const auto& each : {id, std::string{"nonsense"}}) {
    const auto page = world.post("/delivery", "id=" + each + "&do=not-delivered&reason=they+said+so");
    CHECK(shows(page, "This task is not in doubt any more"));
    CHECK_FALSE(shows(page, "This cannot be taken back."));
  }
  CHECK(world.operations.asked.empty());
}

}  // namespace gw::console::test
