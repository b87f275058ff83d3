// An older copy of an outbox in the place of the right one: the gateway serves nothing, says why, and goes on once an
// operator has accepted it (RELIABILITY's crash point 16).
#include <signal.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "app/commands.hpp"
#include "app/waiting.hpp"
#include "support/blocking_peer.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;

std::string asked(std::uint16_t port, const std::string& path) {
  auto peer = connect_to_port(port);
  peer.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return peer.receive_to_end();
}

/// Waits until something listens there, some seconds at most.
bool answers(std::uint16_t port) {
  for (int i = 0; i < 500; ++i) {
    try {
      if (!asked(port, "/healthz").empty()) return true;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(milliseconds{10});
    }
  }
  return false;
}

/// `serve`'s own way to an instance, in this process: signals cannot be sent to one that is not there yet.
struct Serving {
  explicit Serving(const app::Config& config) {
    made = std::async(std::launch::async, [this, config] {
      return app::make_or_wait(config, clock, context, signals, [](std::string_view) {});
    });
  }
  SystemClock clock;
  asio::io_context context{1};
  asio::signal_set signals{context, SIGHUP, SIGTERM, SIGINT};
  std::future<Result<std::unique_ptr<app::Instance>>> made;
};

}  // namespace

TEST_CASE(
    "hold: an older copy of the outbox is not served, until an operator who knows why accepts it (OUT-05, AUD-02)",
    "[whole]") {
  auto& world = World::shared();
  auto& demo = world.demo();
  const auto& hub = demo.party("hub");
  const auto file = demo.config(hub);
  app::ConfigMistakes mistakes;
  const auto config = app::load_config(file, mistakes);
  REQUIRE(mistakes.lines.empty());
  const auto backup = demo.home(hub) / "older.db";

  REQUIRE(world.send(world.request(Way::kMailbox))->status == 201);
  demo.stop("hub");
  fs::copy_file(config.outbox.path, backup, fs::copy_options::overwrite_existing);
  world.restart("hub");
  REQUIRE(world.send(world.request(Way::kMailbox))->status == 201);
  CHECK(app::run_audit_accept({.config = file, .reason = "it runs", .json = false}) == app::kExitRefused);
  demo.stop("hub");
  CHECK(app::run_audit_verify({.config = file, .head = {}, .json = true}) == app::kExitDone);
  CHECK(app::run_audit_accept({.config = file, .reason = "nothing is wrong", .json = true}) == app::kExitRefused);
  CHECK(app::run_audit_accept({.config = file, .reason = "two\nlines", .json = false}) == app::kExitUsage);

  const auto right = demo.home(hub) / "right.db";
  fs::copy_file(config.outbox.path, right, fs::copy_options::overwrite_existing);
  fs::copy_file(backup, config.outbox.path, fs::copy_options::overwrite_existing);
  CHECK(app::run_audit_verify({.config = file, .head = {}, .json = true}) == app::kExitRefused);

  Serving serving{config};
  REQUIRE(answers(hub.admin_port));
  const auto ready = asked(hub.admin_port, "/readyz");
  CHECK_THAT(ready, Catch::StartsWith("HTTP/1.1 503"));
  CHECK_THAT(ready, Catch::Contains("held: the audit ends with record") && Catch::Contains("audit accept"));
  CHECK_THAT(asked(hub.admin_port, "/metrics"), Catch::Contains("gpconnect_held 1"));
  CHECK_FALSE(world.send(world.request(Way::kMailbox)).has_value());

  SECTION("accepted") {
    CHECK(app::run_audit_accept({.config = file, .reason = "disk lost, backup restored", .json = true}) ==
          app::kExitDone);
  }
  SECTION("the right one put back, and told so") {
    fs::copy_file(right, config.outbox.path, fs::copy_options::overwrite_existing);
    ::kill(::getpid(), SIGHUP);
  }
  auto made = serving.made.get();
  if (!made) FAIL(made.error().detail);
  made->reset();
  world.restart("hub");
  CHECK(world.send(world.request(Way::kMailbox))->status == 201);
  CHECK(app::run_audit_verify({.config = file, .head = {}, .json = true}) == app::kExitDone);
  fs::remove(right);
  fs::remove(backup);
}

TEST_CASE("hold: a held gateway stops when it is told to (OUT-10)", "[whole]") {
  auto& world = World::shared();
  auto& demo = world.demo();
  const auto& hub = demo.party("hub");
  app::ConfigMistakes mistakes;
  const auto config = app::load_config(demo.config(hub), mistakes);
  demo.stop("hub");
  const auto witness = config.outbox.audit.witness;
  const auto aside = demo.home(hub) / "witness.aside";
  fs::rename(witness, aside);
  {
    Serving serving{config};
    REQUIRE(answers(hub.admin_port));
    CHECK_THAT(asked(hub.admin_port, "/readyz"), Catch::Contains("gone, or empty"));
    ::kill(::getpid(), SIGTERM);
    const auto made = serving.made.get();
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().kind == FaultKind::kClosed);
  }
  fs::rename(aside, witness);
  world.restart("hub");
}
