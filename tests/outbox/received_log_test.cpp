#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "outbox/outbox_world.hpp"

using namespace gw;
using namespace gw::outbox;
using gw::outbox::test::World;

namespace {

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

struct LoggedWorld : World {
  LoggedWorld() {
    settings.received_log = folder / "received.jsonl";
    open();
  }
  [[nodiscard]] std::vector<std::string> lines() const { return lines_of(settings.received_log); }
};

bool names(const std::string& line, TaskId id) {
  return line.find("\"id\":\"" + to_text(id) + "\"") != std::string::npos;
}

}  // namespace

TEST_CASE("received log: one line for each task in a mailbox, none for others or repeats (OUT-07)", "[outbox]") {
  LoggedWorld world;
  auto task = world.task(1);
  task.identifier_system = "urn:s";
  task.identifier_value = "a\"b";
  const auto hash = to_hex(task.body_hash);
  const auto id = world.admitted(task, State::kDelivered, 201);
  REQUIRE(world.admit(task, State::kDelivered, 201));
  world.admitted(world.task(2));
  REQUIRE(world.lines().size() == 1);
  CHECK(world.lines()[0] == R"({"received":"2026-11-21T10:00:00.000Z","trace_id":"trace-1","identifier":"urn:s|a\"b",)"
                            R"("body_sha256":")" +
                                hash + R"(","id":")" + to_text(id) + R"(","recipient":"B22222"})");
}

TEST_CASE("received log: lines lost in a crash are made up at open, once and in order", "[outbox]") {
  LoggedWorld world;
  std::vector<TaskId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(world.admitted(world.task(i), State::kDelivered, 201));
  world.close();
  const auto whole = world.lines();
  REQUIRE(whole.size() == 5);
  SECTION("the last two are gone, and one is torn") {
    std::ofstream file{world.settings.received_log, std::ios::trunc};
    for (std::size_t i = 0; i < 3; ++i) file << whole[i] << '\n';
    file << whole[3].substr(0, 20);
  }
  SECTION("the whole file is gone") {
    std::filesystem::remove(world.settings.received_log);
  }
  SECTION("nothing is gone") {}
  world.open();
  CHECK(world.lines() == whole);
  ids.push_back(world.admitted(world.task(9), State::kDelivered, 201));
  REQUIRE(world.lines().size() == 6);
  for (std::size_t i = 0; i < ids.size(); ++i) CHECK(names(world.lines()[i], ids[i]));
}

TEST_CASE("received log: a file of another outbox is refused", "[outbox]") {
  LoggedWorld world;
  world.admitted(world.task(1), State::kDelivered, 201);
  world.close();
  world.settings.path = world.folder / "other.db";
  const auto opened = world.try_open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().detail.find("move the log away") != std::string::npos);
}

TEST_CASE("received log: that of an outbox which an operator replaced is kept beside a new one (OUT-05)", "[outbox]") {
  World world;
  world.settings.received_log = world.folder / "received.jsonl";
  world.settings.audit.witness = world.folder / "witness";
  world.open();
  world.admitted(world.task(1), State::kDelivered, 201);
  world.close();
  const auto older = world.folder / "older.db";
  std::filesystem::copy_file(world.settings.path, older);
  world.open();
  const auto id = world.admitted(world.task(2), State::kDelivered, 201);
  world.close();
  const auto lines = lines_of(world.settings.received_log);
  std::filesystem::rename(older, world.settings.path);
  world.settings.audit.accept = AcceptedAudit{"uid 0", "root", "backup restored"};
  world.open();
  CHECK(lines_of(world.settings.received_log) == std::vector<std::string>{lines.front()});
  auto aside = world.settings.received_log;
  aside += ".until-" + to_text(id);
  CHECK(lines_of(aside) == lines);
}
