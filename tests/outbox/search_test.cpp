#include <catch2/catch.hpp>
#include <vector>

#include "outbox/outbox_world.hpp"
#include "outbox/view.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::World;

namespace {

std::vector<TaskId> ids_of(const Result<Page>& found) {
  REQUIRE(found);
  std::vector<TaskId> ids;
  for (const auto& stored : found->tasks) ids.push_back(stored.task.id);
  return ids;
}

using Ids = std::vector<TaskId>;

}  // namespace

TEST_CASE("search: each filter finds what it names and no more (ANS-09)", "[outbox]") {
  World world;
  world.open();
  auto one = world.task(1);
  one.identifier_system = "urn:s";
  one.identifier_value = "I1";
  const auto a = world.admitted(one, State::kDelivered, 201);
  auto two = world.task(2);
  two.sender = OdsCode{"C33333"};
  two.source = "Organization/9";
  two.given_identifier = "urn:uuid:2";
  const auto b = world.admitted(two, State::kDelivered, 201);
  auto three = world.task(3);
  three.recipient = OdsCode{"D44444"};
  three.target = "Organization/8";
  three.date = "2026-11-22";
  const auto c = world.admitted(three);
  const auto search = [&](const Query& query) { return ids_of(world.run(world.outbox->search(query))); };
  CHECK(search({}) == Ids{a, b, c});
  CHECK(search({.state = State::kDelivered}) == Ids{a, b});
  CHECK(search({.state = State::kReceived}) == Ids{c});
  CHECK(search({.party = "A11111"}) == Ids{a, c});
  CHECK(search({.party = "B22222"}) == Ids{a, b});
  CHECK(search({.party = "D44444"}) == Ids{c});
  CHECK(search({.recipient = "B22222"}) == Ids{a, b});
  CHECK(search({.party = "C33333", .recipient = "B22222"}) == Ids{b});
  CHECK(search({.subject = "Patient/2"}) == Ids{b});
  CHECK(search({.source = "Organization/9"}) == Ids{b});
  CHECK(search({.target = "Organization/8"}) == Ids{c});
  CHECK(search({.identifier_system = "urn:s", .identifier_value = "I1"}) == Ids{a});
  CHECK(search({.identifier_system = "urn:t", .identifier_value = "I1"}).empty());
  CHECK(search({.identifier_value = "urn:uuid:2"}) == Ids{b});
  CHECK(search({.recipient = "B22222", .subject = "Patient/3"}).empty());
  const auto day = Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
  CHECK(search({.dated_from = day}) == Ids{c});
  CHECK(search({.dated_before = day}) == Ids{a, b});
  CHECK(search({.dated_from = day, .dated_before = day + std::chrono::hours{24}, .dated_outside = true}) == Ids{a, b});
}

TEST_CASE("search: a requester finds the tasks that it may see, and may_see says the same of each (ANS-09)",
          "[outbox]") {
  World world;
  world.open();
  int number = 0;
  for (const std::string source : {"Organization/1", "Organization/3", "Practitioner/7", "Organization/10"}) {
    for (const std::string sender : {"A11111", "C33333"}) {
      auto task = world.task(++number);
      task.source = source;
      task.sender = OdsCode{sender};
      task.from = Asid{sender == "A11111" ? "200000000001" : "200000000003"};
      world.admitted(task, State::kDelivered, 201);
    }
  }
  const auto all = world.run(world.outbox->search({}));
  REQUIRE(all);
  const auto seen_by = [&](const Requester& requester) {
    std::string seen;
    Ids ids;
    for (const auto& stored : all->tasks) {
      if (!may_see(requester, stored.task)) continue;
      seen += stored.task.source + " by " + stored.task.sender.text() + "; ";
      ids.push_back(stored.task.id);
    }
    CHECK(ids_of(world.run(world.outbox->search({.requester = requester}))) == ids);
    return seen;
  };
  const std::string of_one = "Organization/1 by A11111; Organization/1 by C33333; ";
  CHECK(seen_by({"A11111", "Organization/1", "200000000001", "Organization/1"}) ==
        of_one + "Practitioner/7 by A11111; ");
  CHECK(seen_by({"A11111", "Organization/1", "200000000001", "Organization/3"}) ==
        of_one + "Organization/3 by A11111; Practitioner/7 by A11111; ");
  CHECK(seen_by({"A11111", "Organization/1", "200000000001", ""}) == of_one + "Practitioner/7 by A11111; ");
  CHECK(seen_by({"D44444", "Organization/4", "200000000004", "Organization/1"}).empty());
  CHECK(seen_by({"B22222", "Organization/2", "200000000002", ""}) ==
        of_one +
            "Organization/3 by A11111; Organization/3 by C33333; Practitioner/7 by A11111; Practitioner/7 by C33333; "
            "Organization/10 by A11111; Organization/10 by C33333; ");
}

TEST_CASE("search: pages follow each other without gap or overlap (ANS-09)", "[outbox]") {
  World world;
  world.open();
  Ids all;
  for (int i = 0; i < 7; ++i) all.push_back(world.admitted(world.task(i), State::kDelivered, 201));
  Ids paged;
  Query query{.recipient = "B22222", .count = 3};
  for (auto page = ids_of(world.run(world.outbox->search(query))); !page.empty();
       page = ids_of(world.run(world.outbox->search(query)))) {
    CHECK(page.size() <= 3);
    paged.insert(paged.end(), page.begin(), page.end());
    query.after = page.back();
  }
  CHECK(paged == all);
}

TEST_CASE("search: problems are what is in doubt, expired, or delivered without its text (OUT-04, OUT-12)",
          "[outbox]") {
  World world;
  world.open();
  const auto sent = [&world](int number, Event event, bool text_lost = false) {
    const auto id = world.admitted(world.task(number), State::kSending);
    Conclusion conclusion{.event = event, .reply = {201, {}, ""}, .note = "", .text_lost = text_lost};
    REQUIRE(world.run(world.outbox->conclude(id, std::move(conclusion), {})));
    return id;
  };
  sent(1, Event::kRecipientStored);
  sent(2, Event::kRecipientRefused);
  const auto doubtful = sent(3, Event::kUnknownOutcome);
  const auto textless = sent(4, Event::kRecipientStored, true);
  const auto expired = world.admitted(world.task(5), State::kQueued, 202);
  REQUIRE(world.conclude(expired, Event::kTimeUp, 504));
  const auto page = world.run(world.outbox->search({.problems = true}));
  CHECK(ids_of(page) == Ids{doubtful, textless, expired});
  CHECK_FALSE(page->tasks[0].text_lost);
  CHECK(page->tasks[1].text_lost);
}

TEST_CASE("search: newest first pages backwards, and the last page says that it is (OPS-04)", "[outbox]") {
  World world;
  world.open();
  Ids all;
  for (int i = 0; i < 4; ++i) all.insert(all.begin(), world.admitted(world.task(i), State::kDelivered, 201));
  Query query{.newest_first = true, .count = 2};
  const auto first = world.run(world.outbox->search(query));
  CHECK(ids_of(first) == Ids{all[0], all[1]});
  CHECK(first->more);
  query.after = first->tasks.back().task.id;
  const auto last = world.run(world.outbox->search(query));
  CHECK(ids_of(last) == Ids{all[2], all[3]});
  CHECK_FALSE(last->more);
}

TEST_CASE("search: a page ends when its bodies are enough, and holds no answers' bodies (OUT-09)", "[outbox]") {
  World world;
  world.open();
  constexpr std::size_t body = kMaxPageBytes / 2;
  Ids all;
  for (int i = 0; i < 4; ++i) {
    auto task = world.task(i);
    task.body.assign(body, 'x');
    all.push_back(world.admitted(std::move(task), State::kSending));
    REQUIRE(world.conclude(all.back(), Event::kRecipientStored, 201, "the answer"));
  }
  const auto page = world.run(world.outbox->search({}));
  CHECK(ids_of(page) == Ids{all[0], all[1], all[2]});
  CHECK(page->more);
  CHECK(page->tasks.front().reply.body.empty());
  CHECK(page->tasks.front().task.body.size() == body);
  const auto bare = world.run(world.outbox->search({.with_body = false}));
  CHECK(ids_of(bare) == all);
  CHECK(bare->tasks.front().task.body.empty());
}

TEST_CASE("search: text from outside stays text", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  CHECK(ids_of(world.run(world.outbox->search({.subject = "' OR 1=1 --"}))).empty());
}

TEST_CASE("find: an id that is not there gives nothing", "[outbox]") {
  World world;
  world.open();
  const auto found = world.run(world.outbox->find(TaskId{42}));
  REQUIRE(found);
  CHECK_FALSE(*found);
}

TEST_CASE("view: an operator's tool reads beside the gateway, and after it", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kDelivered, 201);
  {
    auto view = View::open(world.settings.path);
    REQUIRE(view);
    CHECK((*view)->find(id)->has_value());
  }
  world.close();
  auto view = View::open(world.settings.path);
  REQUIRE(view);
  CHECK(ids_of((*view)->search({.state = State::kDelivered})) == Ids{id});
  CHECK_FALSE(View::open(world.folder / "none.db"));
}
