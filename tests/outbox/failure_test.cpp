// The disk refuses: what may still be said then.
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

namespace {

/// No file of this process may grow beyond `bytes`, while this object lives: writes there fail.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

/// Another program holds the write lock on the file, while this object lives.
class WriteLock {
 public:
  explicit WriteLock(const World& world) {
    sqlite3_open(world.settings.path.c_str(), &handle_);
    REQUIRE(sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;
  ~WriteLock() {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(handle_);
  }

 private:
  sqlite3* handle_ = nullptr;
};

std::string lock_line(const World& world) {
  std::ifstream file{world.settings.path.string() + ".lock"};
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

TEST_CASE("failure: after a commit that failed nothing is answered, and the next start checks the file (OUT-01)",
          "[outbox]") {
  World world;
  std::promise<Fault> told;
  world.settings.on_commit_failure = [&](const Fault& cause) { told.set_value(cause); };
  world.open();
  std::optional<Result<Admission>> admission, later;
  {
    constexpr rlim_t first_page = 4096;
    const FileSizeLimit limit{first_page};
    world.start(world.outbox->admit(world.task(1), State::kReceived, {}, audit_of("state", "received")), admission);
    world.context.restart();
    world.context.poll();
    auto cause = told.get_future();
    REQUIRE(cause.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
    CHECK(cause.get().kind == FaultKind::kStorageInDoubt);
    CHECK(world.outbox->ready().error().kind == FaultKind::kStorageInDoubt);
    world.start(world.outbox->admit(world.task(2), State::kReceived, {}, audit_of("state", "received")), later);
    world.outbox->stop();
    world.context.poll();
  }
  CHECK_FALSE(admission);
  CHECK_FALSE(later);
  world.close();
  CHECK(lock_line(world) == "commit-failed");
  world.settings.on_commit_failure = {};
  world.open();
  CHECK(world.outbox->depth().received == 0);
  world.admitted(world.task(3));
  world.close();
  CHECK(lock_line(world).substr(0, 7) == "stopped");
}

TEST_CASE("failure: when one step fails the whole batch is refused and nothing of it is on disk", "[outbox]") {
  World world;
  world.open();
  world.sql("CREATE TRIGGER boom BEFORE INSERT ON audit WHEN NEW.kind = 'boom' BEGIN SELECT RAISE(ABORT, 'boom'); END");
  auto bad = world.task(1);
  const auto id = bad.id;
  const auto refused = world.run(world.outbox->admit(std::move(bad), State::kReceived, {}, audit_of("boom", "")));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FaultKind::kStorage);
  CHECK(world.outbox->stats().rollbacks == 1);
  CHECK_FALSE(*world.run(world.outbox->find(id)));
  CHECK(world.sql("SELECT count(*) FROM trace_recent") == "0");
  CHECK(world.outbox->depth().received == 0);
  SECTION("and the next one works, with the audit's numbers unbroken") {
    world.admitted(world.task(1));
    CHECK(world.sql("SELECT max(seq) FROM audit") == "1");
    CHECK(world.outbox->ready());
  }
}

TEST_CASE("failure: while nothing can be written it is not ready, and it heals by itself", "[outbox]") {
  World world;
  world.open();
  {
    const WriteLock lock{world};
    CHECK(world.admit(world.task(1)).error().kind == FaultKind::kStorage);
    CHECK(world.outbox->ready().error().kind == FaultKind::kStorage);
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!world.outbox->ready() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  REQUIRE(world.outbox->ready());
  world.admitted(world.task(1));
}

TEST_CASE("failure: with the disk nearly full new tasks are refused, and outcomes still go through", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kQueued, 202);
  world.close();
  world.settings.min_free_bytes = std::numeric_limits<std::int64_t>::max();
  world.open();
  const auto refused = world.admit(world.task(2));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FaultKind::kStorage);
  CHECK(refused.error().detail.find("nearly full") != std::string::npos);
  CHECK_FALSE(world.outbox->ready());
  CHECK(world.run(world.outbox->begin_sending(id)));
  CHECK(world.conclude(id, Event::kRecipientStored, 201));
  CHECK(world.run(world.outbox->record(audit_of("request", "refused"))));
}

TEST_CASE("failure: a repeat is told what is on record also where nothing new can be taken in (OUT-03)", "[outbox]") {
  World world;
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  const auto status_of_repeat = [&world] {
    const auto again = world.admit(world.task(1), State::kDelivered, 201);
    REQUIRE(again);
    REQUIRE(std::holds_alternative<Repeat>(*again));
    return std::get<Repeat>(*again).earlier.reply.status;
  };
  SECTION("the disk is nearly full") {
    world.close();
    world.settings.min_free_bytes = std::numeric_limits<std::int64_t>::max();
    world.open();
    CHECK(status_of_repeat() == 201);
    CHECK(world.admit(world.task(2)).error().kind == FaultKind::kStorage);
  }
  SECTION("nothing can be written") {
    const WriteLock lock{world};
    CHECK(status_of_repeat() == 201);
    CHECK(world.admit(world.task(2)).error().kind == FaultKind::kStorage);
  }
}

TEST_CASE("failure: an entry beyond all bounds is refused alone", "[outbox]") {
  World world;
  world.open();
  auto task = world.task(1);
  task.body.assign(4U << 20U, 'x');
  CHECK(world.admit(std::move(task)).error().kind == FaultKind::kTooLarge);
  CHECK(world.outbox->ready());
  world.admitted(world.task(2));
}

TEST_CASE("failure: a damaged file is found at the start after a failed commit, and refused", "[outbox]") {
  World world;
  world.open();
  for (int i = 0; i < 50; ++i) world.admitted(world.task(i), State::kDelivered, 201);
  world.close();
  {
    std::fstream file{world.settings.path, std::ios::in | std::ios::out | std::ios::binary};
    const auto pages = std::filesystem::file_size(world.settings.path) / 4096;
    for (std::uintmax_t page = 5; page < pages; ++page) {
      file.seekp(static_cast<std::streamoff>(page * 4096));
      file << "damaged page";
    }
    std::ofstream{world.settings.path.string() + ".lock"} << "commit-failed\n";
  }
  CHECK_FALSE(world.try_open());
  CHECK(lock_line(world) == "commit-failed");
}

TEST_CASE("failure: an entry that was given up becomes what a restart would make of it, and wakes who waits (OUT-05)",
          "[outbox]") {
  World world;
  world.open();
  const auto unsent = world.admitted(world.task(1));
  const auto sent = world.admitted(world.task(2), State::kSending);
  const auto done = world.admitted(world.task(3), State::kDelivered, 201);
  std::optional<Result<StoredTask>> of_unsent, of_sent;
  world.start(world.outbox->wait_until_final(unsent), of_unsent);
  world.start(world.outbox->wait_until_final(sent), of_sent);
  for (const auto id : {unsent, sent, done}) world.outbox->let_go(id);
  world.drain();
  REQUIRE(of_unsent->has_value());
  CHECK((*of_unsent)->state == State::kAbandoned);
  REQUIRE(of_sent->has_value());
  CHECK((*of_sent)->state == State::kInDoubt);
  CHECK((*of_sent)->note.find("given up") != std::string::npos);
  CHECK(world.state_of(done) == State::kDelivered);
  CHECK(world.sql("SELECT group_concat(outcome) FROM audit WHERE kind = 'recovery'") == "abandoned,in-doubt");
  CHECK(std::holds_alternative<Admitted>(*world.admit(world.task(1))));
  CHECK(std::holds_alternative<Repeat>(*world.admit(world.task(2))));
}

TEST_CASE("failure: what was given up while nothing could be written is settled once it can", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kSending);
  std::optional<Result<StoredTask>> settled;
  {
    const WriteLock lock{world};
    REQUIRE(world.conclude(id, Event::kRecipientStored, 201).error().kind == FaultKind::kStorage);
    world.start(world.outbox->wait_until_final(id), settled);
    world.outbox->let_go(id);
    CHECK_FALSE(world.outbox->ready());
  }
  world.drain();
  REQUIRE(settled->has_value());
  CHECK((*settled)->state == State::kInDoubt);
}

TEST_CASE("failure: a stop settles what was given up just before (OUT-10)", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kSending);
  world.outbox->let_go(id);
  world.reopen();
  CHECK(world.outbox->recovery().in_doubt == 0);
  CHECK(world.state_of(id) == State::kInDoubt);
}

TEST_CASE("failure: whoever waits for an entry that goes on and on is told so at the deadline", "[outbox]") {
  World world;
  world.open();
  const auto id = world.admitted(world.task(1), State::kSending);
  const auto told = world.run(world.outbox->wait_until_final(id, std::chrono::steady_clock::now()));
  REQUIRE_FALSE(told);
  CHECK(told.error().kind == FaultKind::kTimeout);
  CHECK(world.state_of(id) == State::kSending);
}

TEST_CASE("failure: an entry that was taken in gets its outcome written also when the queue is full (OUT-01, OUT-09)",
          "[outbox]") {
  World world;
  world.settings.queue_limit = 2;
  world.open();
  const auto id = world.admitted(world.task(1));
  std::vector<std::optional<Status>> records(20);
  std::optional<Status> sending, concluded;
  {
    const WriteLock lock{world};  // while the writer waits for it, the queue fills
    for (auto& outcome : records) world.start(world.outbox->record(audit_of("request", "x")), outcome);
    world.start(world.outbox->begin_sending(id), sending);
    world.start(world.outbox->conclude(id, {Event::kRecipientStored, {201, {}, ""}, ""}, {}), concluded);
    world.context.restart();
    world.context.poll();
  }
  world.drain();
  CHECK(std::any_of(records.begin(), records.end(),
                    [](const auto& outcome) { return !*outcome && outcome->error().kind == FaultKind::kOverloaded; }));
  CHECK(sending->has_value());
  CHECK(concluded->has_value());
}
