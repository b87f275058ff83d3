// Kills a process at each of the outbox's failpoints and holds what it was told against what is found afterwards.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "base/failpoint.hpp"
#include "outbox/audit_verify.hpp"
#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::audit_of;
using gw::outbox::test::World;

namespace {

// What the killed process was told was durable.
enum class Told : int { kAdmitted = 1, kSending = 2, kDelivered = 3, kInMailbox = 4 };

struct LedgerLine {
  std::int64_t id;
  Told told;
};

void tell(int ledger, TaskId id, Told told) {
  const LedgerLine line{id.number, told};
  if (write(ledger, &line, sizeof line) != sizeof line) std::_Exit(2);
}

// Arguments of a co_await are named first: GCC 12 destroys brace-made temporaries in such an expression twice.
asio::awaitable<void> relay(World& world, int number, int ledger) {
  auto task = world.task(number);
  const auto id = task.id;
  auto received = audit_of("state", "received");
  Reply none;
  const auto admitted =
      co_await world.outbox->admit(std::move(task), State::kReceived, std::move(none), std::move(received));
  if (!admitted) co_return;
  tell(ledger, id, Told::kAdmitted);
  if (!co_await world.outbox->begin_sending(id)) co_return;
  tell(ledger, id, Told::kSending);
  if (number % 5 == 0) co_return;
  Conclusion delivered{Event::kRecipientStored, {201, {}, "stored"}, ""};
  auto concluded = audit_of("request", "delivered");
  if (!co_await world.outbox->conclude(id, std::move(delivered), std::move(concluded))) co_return;
  tell(ledger, id, Told::kDelivered);
}

asio::awaitable<void> keep_in_mailbox(World& world, int number, int ledger) {
  auto task = world.task(number);
  const auto id = task.id;
  Reply reply{.status = 201};
  auto stored = audit_of("request", "stored");
  if (!co_await world.outbox->admit(std::move(task), State::kDelivered, std::move(reply), std::move(stored))) co_return;
  tell(ledger, id, Told::kInMailbox);
}

// In a process of its own, with `failpoint` armed. Gives the signal that ended it, or 0.
int crash(World& world, const std::string& failpoint, int first_number, std::map<std::int64_t, Told>& told) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    if (!arm_failpoint(failpoint)) std::_Exit(3);
    auto opened = world.try_open();
    if (!opened) std::_Exit(4);
    world.outbox = std::move(*opened);
    for (int i = first_number; i < first_number + 30; ++i) {
      asio::co_spawn(world.context, relay(world, 2 * i, ends[1]), test::rethrow);
      asio::co_spawn(world.context, keep_in_mailbox(world, 2 * i + 1, ends[1]), test::rethrow);
      if (i % 3 == 0) world.drain();
    }
    world.drain();
    std::_Exit(0);
  }
  close(ends[1]);
  for (LedgerLine line{}; read(ends[0], &line, sizeof line) == sizeof line;) {
    auto& latest = told[line.id];
    latest = std::max(latest, line.told);
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

bool agrees(Told told, State found) {
  switch (told) {
    case Told::kAdmitted:
      return found == State::kAbandoned || found == State::kInDoubt;
    case Told::kSending:
      return found == State::kInDoubt || found == State::kDelivered;
    case Told::kDelivered:
    case Told::kInMailbox:
      return found == State::kDelivered;
  }
  return false;
}

// After a restart: nothing told is lost or untrue, nothing is unfinished, the audit is whole, the log is complete.
void check(World& world, const std::map<std::int64_t, Told>& told) {
  world.open();
  for (const auto& [number, latest] : told) {
    INFO("told " << static_cast<int>(latest) << " of " << number);
    const auto found = world.run(world.outbox->find(TaskId{number}));
    REQUIRE((found && *found));
    CHECK(agrees(latest, (*found)->state));
  }
  CHECK(world.outbox->depth().received == 0);
  CHECK(world.outbox->depth().sending == 0);
  const auto verdict = verify_audit(world.settings.path);
  REQUIRE(verdict);
  CHECK_FALSE(verdict->flaw);
  CHECK(world.sql("PRAGMA integrity_check") == "ok");
  std::ifstream log{world.settings.received_log};
  const std::string text{std::istreambuf_iterator<char>{log}, {}};
  const auto lines = std::count(text.begin(), text.end(), '\n');
  CHECK(std::to_string(lines) == world.sql("SELECT count(*) FROM task WHERE mailbox = 1"));
  for (const auto& [number, latest] : told) {
    if (latest == Told::kInMailbox) CHECK(text.find(to_text(TaskId{number})) != std::string::npos);
  }
  world.close();
}

struct CrashWorld : World {
  CrashWorld() {
    settings.checkpoint_pages = 10;
    settings.received_log = folder / "received.jsonl";
  }
};

}  // namespace

TEST_CASE("crash: killed at any point of a batch or checkpoint, nothing told is lost or untrue (OUT-01, OUT-05)",
          "[outbox][crash]") {
  for (const auto name : {"outbox.before_begin", "outbox.after_apply", "outbox.before_commit", "outbox.after_commit",
                          "outbox.before_resume", "outbox.before_checkpoint", "outbox.after_checkpoint"}) {
    CrashWorld world;
    std::map<std::int64_t, Told> told;
    int first_number = 0;
    for (const int nth : {1, 2, 4, 7}) {
      INFO(name << ":" << nth);
      REQUIRE(crash(world, std::string{name} + ":" + std::to_string(nth), first_number, told) == SIGKILL);
      check(world, told);
      first_number += 100;
    }
  }
}

TEST_CASE("crash: killed in recovery, again and again, the next start ends where one would have (OUT-05)",
          "[outbox][crash]") {
  for (const auto name : {"outbox.in_recovery", "outbox.after_recovery_commit"}) {
    INFO(name);
    CrashWorld world;
    std::map<std::int64_t, Told> told;
    REQUIRE(crash(world, "outbox.after_commit:5", 0, told) == SIGKILL);
    for (int i = 0; i < 5; ++i) REQUIRE(crash(world, name, 100, told) == SIGKILL);
    check(world, told);
  }
}

TEST_CASE("crash: the workload itself, with nothing armed, runs to its end", "[outbox][crash]") {
  CrashWorld world;
  std::map<std::int64_t, Told> told;
  REQUIRE(crash(world, "", 0, told) == 0);
  CHECK(told.size() == 60);
  check(world, told);
}

TEST_CASE("failpoint: a name that does not exist ends the process at its start with code 64", "[base]") {
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) std::_Exit(2);
    setenv("GW_FAILPOINT", "outbox.no_such_point", 1);
    execl("/proc/self/exe", "test", "--list-tests", nullptr);
    std::_Exit(2);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 64);
}

TEST_CASE("failpoint: every listed name can be armed, and a wrong number cannot", "[base]") {
  for (const auto name : kFailpoints) CHECK(arm_failpoint(name));
  CHECK(arm_failpoint("outbox.after_commit:12"));
  for (const auto* const wrong :
       {"outbox", "outbox.after_commit:", "outbox.after_commit:0", "outbox.after_commit:x", "outbox.after_commit:1x"}) {
    CHECK_FALSE(arm_failpoint(wrong));
  }
  CHECK(arm_failpoint(""));
}
