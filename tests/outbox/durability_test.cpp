#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <deque>
#include <set>
#include <thread>

#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

TEST_CASE("outbox: what was admitted and concluded is there after a reopen, byte for byte (OUT-01)", "[outbox]") {
  World world;
  world.open();
  auto task = world.task(1);
  task.body = std::string{"\0\xff{}", 4};
  task.body_hash = sha256(task.body);
  task.text_hash = sha256("text");
  task.fingerprint = sha256("print");
  task.identifier_value = "no system";
  const auto id = world.admitted(task);
  REQUIRE(world.run(world.outbox->begin_sending(id)));
  REQUIRE(world.conclude(id, Event::kRecipientRefused, 422, "refused"));
  world.reopen();
  const auto found = world.run(world.outbox->find(id));
  REQUIRE((found && *found));
  const auto& stored = **found;
  CHECK(stored.state == State::kRejected);
  CHECK(stored.attempts == 1);
  CHECK(stored.version == 1);
  CHECK(stored.note == "n");
  CHECK(stored.reply.status == 422);
  CHECK(stored.reply.body == "refused");
  CHECK(stored.task.body == task.body);
  CHECK(stored.task.body_hash == task.body_hash);
  CHECK(stored.task.text_hash == task.text_hash);
  CHECK(stored.task.fingerprint == task.fingerprint);
  CHECK(stored.task.trace == task.trace);
  CHECK(stored.task.from == task.from);
  CHECK(stored.task.to == task.to);
  CHECK(stored.task.sender == task.sender);
  CHECK(stored.task.recipient == task.recipient);
  CHECK(stored.task.subject == task.subject);
  CHECK(stored.task.date == task.date);
  CHECK(stored.task.identifier_value == task.identifier_value);
  CHECK_FALSE(stored.task.identifier_system);
  CHECK(stored.task.received_at == task.received_at);
}

TEST_CASE("outbox: many that wait share few commits, and each is there", "[outbox]") {
  World world;
  world.settings.checkpoint_pages = 20;
  world.open();
  constexpr int count = 600;
  std::deque<std::optional<Result<Admission>>> admissions(count);
  std::vector<TaskId> ids;
  for (int i = 0; i < count; ++i) {
    auto task = world.task(i);
    ids.push_back(task.id);
    world.start(world.outbox->admit(std::move(task), State::kDelivered, Reply{.status = 201}, {}),
                admissions[static_cast<std::size_t>(i)]);
  }
  world.drain();
  const auto stats = world.outbox->stats();
  CHECK(stats.operations == count);
  CHECK(stats.commits < count / 10);
  CHECK(stats.checkpoints > 0);
  for (const auto& admission : admissions) REQUIRE((*admission && std::holds_alternative<Admitted>(**admission)));
  for (const auto id : ids) REQUIRE(world.state_of(id) == State::kDelivered);
}

TEST_CASE("outbox: the waiter is resumed on its own executor's thread", "[outbox]") {
  asio::io_context other;  // before the outbox, whose thread posts to it
  World world;
  world.open();
  std::optional<Result<Admission>> here, there;
  std::thread::id resumed_on;
  world.start(world.outbox->admit(world.task(1), State::kReceived, {}, {}), here);
  asio::co_spawn(other, test::keep(world.outbox->admit(world.task(2), State::kReceived, {}, {}), there),
                 [&](std::exception_ptr thrown) {
                   test::rethrow(thrown);
                   resumed_on = std::this_thread::get_id();
                 });
  std::thread runner{[&] { other.run(); }};
  const auto runner_id = runner.get_id();
  runner.join();
  world.drain();
  CHECK(resumed_on == runner_id);
  CHECK((here->has_value() && there->has_value()));
}

TEST_CASE("outbox: a change that the state does not allow is refused and leaves no trace (OUT-02)", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1));
  CHECK(world.conclude(id, Event::kRecipientStored, 201).error().kind == FaultKind::kInternal);
  REQUIRE(world.conclude(id, Event::kCertainFailure, 502));
  const auto audited = world.sql("SELECT count(*) FROM audit");
  CHECK(world.conclude(id, Event::kRecipientStored, 201).error().kind == FaultKind::kInternal);
  CHECK(world.conclude(id, Event::kResolvedDelivered, 201).error().kind == FaultKind::kInternal);
  CHECK(world.conclude(id, Event::kRestart, 0).error().kind == FaultKind::kInternal);
  CHECK(world.run(world.outbox->begin_sending(id)).error().kind == FaultKind::kInternal);
  CHECK(world.run(world.outbox->begin_sending(TaskId{7})).error().kind == FaultKind::kNotFound);
  CHECK(world.sql("SELECT count(*) FROM audit") == audited);
  CHECK(world.state_of(id) == State::kFailed);
}

TEST_CASE("outbox: the file itself refuses a change to a final task (OUT-02)", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kDelivered, 201);
  CHECK(world.sql("UPDATE task SET state = 5").find("a final task never changes") != std::string::npos);
  CHECK(world.sql("UPDATE task SET reply_status = 500").find("a final task never changes") != std::string::npos);
  CHECK(world.sql("UPDATE content SET body = x'00'").find("never changes") != std::string::npos);
  CHECK(world.state_of(id) == State::kDelivered);
}

TEST_CASE("outbox: an entry in doubt ends when a person says how, and its repeat is then told so (OUT-04)",
          "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kSending);
  REQUIRE(world.conclude(id, Event::kUnknownOutcome, 504));
  CHECK(world.outbox->depth().in_doubt == 1);
  REQUIRE(world.conclude(id, Event::kResolvedDelivered, 201));
  CHECK(world.outbox->depth().in_doubt == 0);
  const auto admission = world.admit(world.task(1));
  CHECK(std::get<Repeat>(*admission).earlier.reply.status == 201);
}

TEST_CASE("outbox: whoever waits is woken when the entry is concluded, in doubt, or final already (OUT-03)",
          "[outbox]") {
  World world;
  world.open();
  const auto first = world.admitted(world.task(1), State::kSending);
  const auto second = world.admitted(world.task(2), State::kSending);
  std::optional<Result<StoredTask>> a, b, c;
  std::optional<Status> done, doubt;
  world.start(world.outbox->wait_until_final(first), a);
  world.start(world.outbox->wait_until_final(first), b);
  world.start(world.outbox->wait_until_final(second), c);
  world.start(world.outbox->conclude(first, {Event::kRecipientStored, {201, {}, "x"}, ""}, {}), done);
  world.start(world.outbox->conclude(second, {Event::kUnknownOutcome, {504, {}, ""}, ""}, {}), doubt);
  world.drain();
  CHECK((*a)->state == State::kDelivered);
  CHECK((*a)->reply.body == "x");
  CHECK((*b)->state == State::kDelivered);
  CHECK((*c)->state == State::kInDoubt);
  CHECK(world.run(world.outbox->wait_until_final(first))->reply.status == 201);
  CHECK(world.run(world.outbox->wait_until_final(TaskId{5})).error().kind == FaultKind::kNotFound);
}

TEST_CASE("outbox: stop commits what waits, and closes who waits for a final state (OUT-10)", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kSending);
  std::optional<Result<StoredTask>> waiting;
  std::optional<Result<Admission>> admission;
  world.start(world.outbox->wait_until_final(id), waiting);
  world.start(world.outbox->admit(world.task(2), State::kDelivered, {201, {}, ""}, {}), admission);
  world.context.restart();
  world.context.poll();
  world.outbox->stop();
  world.drain();
  CHECK(waiting->error().kind == FaultKind::kClosed);
  REQUIRE(admission->has_value());
  CHECK(world.admit(world.task(3)).error().kind == FaultKind::kClosed);
  CHECK(world.run(world.outbox->find(id)).error().kind == FaultKind::kClosed);
}

TEST_CASE("outbox: ids grow across restarts and a clock set back", "[outbox]") {
  World world;
  world.open();
  std::set<TaskId> seen;
  for (int i = 0; i < 100; ++i) seen.insert(world.outbox->next_id());
  CHECK(seen.size() == 100);
  const auto last = world.admitted(world.task(1), State::kDelivered, 201);
  CHECK(*seen.rbegin() < last);
  world.clock.advance(-std::chrono::hours{48});
  world.reopen();
  CHECK(last < world.outbox->next_id());
}

TEST_CASE("outbox: unfinished entries are counted by state, also after a restart", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1));
  world.admitted(world.task(2), State::kSending);
  world.admitted(world.task(3), State::kQueued, 202);
  world.admitted(world.task(4), State::kDelivered, 201);
  CHECK(world.outbox->depth().received == 1);
  CHECK(world.outbox->depth().sending == 1);
  CHECK(world.outbox->depth().queued == 1);
  world.reopen();
  CHECK(world.outbox->depth().received == 0);
  CHECK(world.outbox->depth().sending == 0);
  CHECK(world.outbox->depth().in_doubt == 1);
  CHECK(world.outbox->depth().queued == 1);
}

TEST_CASE(
    "recovery: received becomes abandoned, sending in doubt, queued goes on; ten restarts change no more (OUT-05)",
    "[outbox]") {
  World world;
  world.open();
  const auto received = world.admitted(world.task(1));
  const auto sending = world.admitted(world.task(2), State::kSending);
  const auto queued = world.admitted(world.task(3), State::kQueued, 202);
  world.reopen();
  CHECK(world.outbox->recovery().abandoned == 1);
  CHECK(world.outbox->recovery().in_doubt == 1);
  CHECK(world.outbox->recovery().requeued == 1);
  CHECK(world.sql("SELECT count(*) FROM audit WHERE kind = 'recovery'") == "2");
  const auto audited = world.sql("SELECT hex(hash) FROM audit ORDER BY seq DESC LIMIT 1");
  for (int i = 0; i < 10; ++i) {
    world.reopen();
    CHECK(world.outbox->recovery().abandoned == 0);
    CHECK(world.outbox->recovery().in_doubt == 0);
    CHECK(world.state_of(received) == State::kAbandoned);
    CHECK(world.state_of(sending) == State::kInDoubt);
    CHECK(world.state_of(queued) == State::kQueued);
  }
  CHECK(world.sql("SELECT hex(hash) FROM audit ORDER BY seq DESC LIMIT 1") == audited);
}

TEST_CASE("outbox: a second gateway on the same file is refused", "[outbox]") {
  World world;
  world.open();
  const auto second = world.try_open();
  REQUIRE_FALSE(second);
  CHECK(second.error().detail.find("another gateway has this outbox open") != std::string::npos);
}

TEST_CASE("outbox: a file of a newer gateway, or of another program, is refused with the reason", "[outbox]") {
  World world;
  world.open();
  world.close();
  world.sql("PRAGMA user_version = 99");
  CHECK(world.try_open().error().detail.find("its schema is 99") != std::string::npos);
  world.settings.path = world.folder / "other.db";
  world.sql("CREATE TABLE other (a)");
  CHECK(world.try_open().error().detail.find("not an outbox") != std::string::npos);
}

TEST_CASE("outbox: with its queue full it says so at once (OUT-09)", "[outbox]") {
  World world;
  world.settings.queue_limit = 4;
  world.open();
  std::deque<std::optional<Status>> outcomes(3000);
  for (auto& outcome : outcomes) world.start(world.outbox->record(audit_of("request", "x")), outcome);
  world.drain();
  std::size_t overloaded = 0, recorded = 0;
  for (const auto& outcome : outcomes) {
    if (*outcome) {
      ++recorded;
    } else {
      CHECK(outcome->error().kind == FaultKind::kOverloaded);
      ++overloaded;
    }
  }
  CHECK(overloaded > 0);
  CHECK(std::to_string(recorded) == world.sql("SELECT count(*) FROM audit"));
}

TEST_CASE("outbox: an attempt that found no connection is counted as one", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1));
  REQUIRE(world.conclude(id, Event::kCertainFailure, 502));
  CHECK((*world.run(world.outbox->find(id)))->attempts == 1);
  const auto sent = world.admitted(world.task(2), State::kSending);
  REQUIRE(world.conclude(sent, Event::kCertainFailure, 502));
  CHECK((*world.run(world.outbox->find(sent)))->attempts == 1);
}

TEST_CASE("outbox: its files are for their owner alone (AUD-04)", "[outbox]") {
  World world;
  const auto before = umask(0);
  world.open();
  umask(before);
  world.admitted(world.task(1));
  for (const std::string end : {"", "-wal", ".lock"}) {
    CAPTURE(end);
    const auto mode = std::filesystem::status(world.settings.path.string() + end).permissions();
    CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
  }
}
