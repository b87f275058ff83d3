// A disk that is full, read-only or damaged under a real gateway: no answer that is not on disk, a start that says what
// is wrong, and service again once there is room (OUT-01, OUT-05, OUT-09).
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include "fault/kill_books.hpp"
#include "support/blocking_peer.hpp"
#include "support/small_disk.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

constexpr int kExitCommitFailed = 70;

/// The hub, its outbox on a disk of its own. It has ended, and its config is as before, when this goes.
class HubOnSmallDisk {
 public:
  HubOnSmallDisk()
      : demo_(World::shared().demo()),
        config_(demo_.config(demo_.party("hub"))),
        before_(contents_of(config_)),
        disk_(demo_.dir() / "small-disk", 32) {
    stop();
  }
  HubOnSmallDisk(const HubOnSmallDisk&) = delete;
  HubOnSmallDisk& operator=(const HubOnSmallDisk&) = delete;
  ~HubOnSmallDisk() {
    stop();
    std::ofstream{config_} << before_;
  }

  [[nodiscard]] const SmallDisk& disk() const { return disk_; }
  [[nodiscard]] app::ChildProcess& process() { return demo_.process("hub"); }
  [[nodiscard]] std::filesystem::path outbox() const { return disk_.path() / "outbox.db"; }
  Status start(std::int64_t kept_back) {
    std::ofstream{config_} << replaced(
        before_, "path = \"outbox.db\"",
        "path = \"" + outbox().string() + "\"\nmin_free_bytes = " + std::to_string(kept_back));
    return demo_.start("hub", GW_BINARY);
  }

  static int send(const app::DemoClient::Request& request) {
    const auto answer = World::shared().send(request);
    return answer && answer->complete ? answer->status : 0;
  }
  static app::DemoClient::Request request() { return World::shared().request(Way::kMailbox); }
  static std::size_t received(const app::DemoClient::Request& request) {
    return World::shared().received("hub", trace_of(request));
  }
  /// What the admin listener says, with its status line.
  [[nodiscard]] std::string told(const std::string& path) const {
    auto peer = connect_to_port(demo_.party("hub").admin_port);
    peer.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    return peer.receive_to_end();
  }
  [[nodiscard]] std::string readiness() const { return told("/readyz"); }
  [[nodiscard]] bool becomes_ready() const {
    constexpr int patience_s = 30;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{patience_s};
    while (std::chrono::steady_clock::now() < until) {
      try {
        if (readiness().starts_with("HTTP/1.1 200 ")) return true;
      } catch (const std::runtime_error&) {
        // Between the one that waits for room and the one that serves nobody listens.
      }
      std::this_thread::yield();
    }
    return false;
  }

 private:
  void stop() {
    demo_.stop("hub");
    // It tells of another outbox than the next one.
    std::filesystem::remove(demo_.home(demo_.party("hub")) / "received.jsonl");
  }

  app::DemoWorld& demo_;
  std::filesystem::path config_;
  std::string before_;
  SmallDisk disk_;
};

/// Null where no disk of its own can be made.
std::unique_ptr<HubOnSmallDisk> hub_on_small_disk() {
  auto hub = std::make_unique<HubOnSmallDisk>();
  if (hub->disk().made()) return hub;
  WARN("not shown here: a disk of its own can only be made by the superuser");
  return nullptr;
}

}  // namespace

TEST_CASE(
    "disk trouble: filled faster than anybody looks, a commit fails and nothing is answered; the next start waits for "
    "room, says so, and then all that was told is there (OUT-01, OUT-05, OUT-09)",
    "[fault][disk]") {
  const auto hub = hub_on_small_disk();
  if (!hub) return;
  constexpr std::int64_t kept_back = 8 << 20;
  REQUIRE(hub->start(0).has_value());
  std::vector<app::DemoClient::Request> delivered;
  delivered.push_back(HubOnSmallDisk::request());
  REQUIRE(HubOnSmallDisk::send(delivered.back()) == 201);

  hub->disk().fill();
  // The log may still hold some without growing.
  constexpr int more_than_any_log_holds = 2'000;
  std::optional<app::DemoClient::Request> unanswered;
  for (int i = 0; i < more_than_any_log_holds && !unanswered; ++i) {
    auto request = HubOnSmallDisk::request();
    const auto told = HubOnSmallDisk::send(request);
    if (told == 201) delivered.push_back(std::move(request));
    if (told == 0) unanswered = std::move(request);
  }
  REQUIRE(unanswered);
  CHECK(hub->process().wait() == kExitCommitFailed);

  // Again and again: it is up each time, and changes nothing.
  for (int start = 0; start < 3; ++start) {
    const auto started = hub->start(kept_back);
    INFO((started ? std::string{} : started.error().detail));
    REQUIRE(started.has_value());
    CHECK_THAT(hub->readiness(), Catch::StartsWith("HTTP/1.1 503 ") && Contains("the disk is nearly full"));
    CHECK_THAT(hub->told("/metrics"), Catch::StartsWith("HTTP/1.1 200 ") && Contains("gpconnect_ready 0"));
    CHECK(HubOnSmallDisk::send(HubOnSmallDisk::request()) == 503);
    CHECK(hub->process().stop() == 0);
  }

  REQUIRE(hub->start(kept_back).has_value());
  hub->disk().make_room();
  REQUIRE(hub->becomes_ready());
  for (const auto& request : delivered) {
    CHECK(HubOnSmallDisk::send(request) == 201);
    CHECK(HubOnSmallDisk::received(request) == 1);
  }
  CHECK(HubOnSmallDisk::send(*unanswered) == 201);
  CHECK(HubOnSmallDisk::received(*unanswered) == 1);
  CHECK(HubOnSmallDisk::send(HubOnSmallDisk::request()) == 201);
}

TEST_CASE("disk trouble: nearly full, tasks are refused with 503 and /readyz says why, until there is room (OUT-09)",
          "[fault][disk]") {
  const auto hub = hub_on_small_disk();
  if (!hub) return;
  constexpr std::int64_t kept_back = 8 << 20;
  REQUIRE(hub->start(kept_back).has_value());
  const auto before = HubOnSmallDisk::request();
  REQUIRE(HubOnSmallDisk::send(before) == 201);
  hub->disk().fill(kept_back / 2);
  const auto refused = HubOnSmallDisk::request();
  // It looks at the disk every 50 ms at most, so one or two may slip in.
  constexpr int patience = 200;
  int told = 201;
  for (int i = 0; i < patience && told == 201; ++i) told = HubOnSmallDisk::send(HubOnSmallDisk::request());
  CHECK(told == 503);
  CHECK(HubOnSmallDisk::send(refused) == 503);
  CHECK(HubOnSmallDisk::received(refused) == 0);
  CHECK_THAT(hub->readiness(), Catch::StartsWith("HTTP/1.1 503 ") && Contains("the disk is nearly full"));
  CHECK(HubOnSmallDisk::send(before) == 201);
  hub->disk().make_room();
  REQUIRE(hub->becomes_ready());
  CHECK(HubOnSmallDisk::send(refused) == 201);
}

TEST_CASE("disk trouble: on a read-only file system it does not start, and says so (OPS-01)", "[fault][disk]") {
  const auto hub = hub_on_small_disk();
  if (!hub) return;
  constexpr std::int64_t kept_back = 1 << 20;
  REQUIRE(hub->start(kept_back).has_value());
  REQUIRE(hub->process().stop() == 0);
  REQUIRE(hub->disk().make_read_only());
  const auto started = hub->start(kept_back);
  REQUIRE_FALSE(started.has_value());
  CHECK_THAT(started.error().detail, Contains("Read-only file system") && Contains("outbox.db"));
}

TEST_CASE("disk trouble: a damaged file is found at the start, and the cure is named (OUT-05)", "[fault][disk]") {
  const auto hub = hub_on_small_disk();
  if (!hub) return;
  constexpr std::int64_t kept_back = 1 << 20;
  REQUIRE(hub->start(kept_back).has_value());
  for (int i = 0; i < 20; ++i) REQUIRE(HubOnSmallDisk::send(HubOnSmallDisk::request()) == 201);
  REQUIRE(hub->process().stop() == 0);
  constexpr int page_bytes = 4096;
  const auto whole = contents_of(hub->outbox());
  auto damaged = whole;
  SECTION("in its first page") {
    damaged.replace(0, 16, "not a database!!");
  }
  SECTION("in the others, after a commit that failed") {
    for (std::size_t page = 4; page < damaged.size() / page_bytes; ++page) {
      damaged.replace(page * page_bytes, 12, "damaged page");
    }
    std::ofstream{hub->outbox().string() + ".lock"} << "commit-failed\n";
  }
  std::ofstream{hub->outbox(), std::ios::binary} << damaged;
  const auto refused = hub->start(kept_back);
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().detail, Contains("is damaged") && Contains("outbox backup"));
  // With the copy in its place it serves again.
  std::ofstream{hub->outbox(), std::ios::binary} << whole;
  CHECK(hub->start(kept_back).has_value());
}
