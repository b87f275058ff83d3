// gpconnect-gateway demo: makes the small world, runs the tour, shows every outbox, and stays up until Ctrl-C.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "app/commands.hpp"
#include "app/demo_tour.hpp"
#include "app/demo_world.hpp"
#include "app/stop_signals.hpp"

namespace gw::app {

namespace {

namespace fs = std::filesystem;

void show_outboxes(const DemoWorld& world) {
  for (const auto& party : world.parties()) {
    fmt::print("\nOutbox of {} ({}):\n", party.name, party.title);
    std::fflush(stdout);
    run_outbox_list(OutboxOptions{.config = world.config(party)});
  }
}

void print_consoles(const DemoWorld& world) {
  fmt::print(
      "The web consoles; a browser will warn of their development certificates. The password of each user is {}\n\n",
      world.console_password());
  for (const auto& party : world.parties()) {
    if (party.console_port == 0) continue;
    fmt::print("  https://localhost:{}/  {}\n", party.console_port, party.title);
    for (const auto& user : world.users()) {
      if (user.party == party.name) fmt::print("      {:<10} {}, {}\n", user.id, user.name, user.role);
    }
  }
  fmt::print("\n");
}

void print_how_to_send(const DemoWorld& world, const fs::path& program) {
  const auto& practice = world.party("practice-a");
  const auto& hub = world.party("hub");
  const auto choice = [&](std::string_view text) {
    return fmt::format("--config {} --from A20001 --to U20002 --patient {} --type action --text '{}'",
                       world.config(practice).string(), world.patients().front().nhs_number, text);
  };
  fmt::print("\nThe world is up; all its files are in {} (topology.json says where everything is).\n",
             world.dir().string());
  fmt::print("Send a task with the gateway's own command:\n\n  {} send {}\n\n", program.string(),
             choice("Please ring her."));
  fmt::print(
      "or with curl, from bash. For the next one take another text: the same task again within five minutes is taken\n"
      "for a blind repeat, and told as the first one.\n\n"
      "  task=({})\n",
      choice("Please ring him."));
  fmt::print("  curl -i --cert {0}/practice-a.pem --key {0}/practice-a.key --cacert {0}/trust.pem \\\n",
             world.pki().string());
  fmt::print(
      "    --resolve {0}:{1}:127.0.0.1 \\\n    -H @<({2} send --print headers \"${{task[@]}}\") \\\n"
      "    --data-binary @<({2} send --print body \"${{task[@]}}\") \\\n    {3}/Order\n\n",
      hub.fqdn, hub.port, program.string(), hub.base());
  print_consoles(world);
  fmt::print("Ctrl-C stops it.\n");
  std::fflush(stdout);
}

int fail(const Fault& fault) {
  fmt::print(stderr, "the demo cannot run: {}\n", fault.detail);
  return kExitFailed;
}

/// The gateways end with the world that owns them.
int stopped_early() {
  fmt::print(stderr, "the demo was stopped before its tour was over\n");
  return kExitFailed;
}

}  // namespace

int run_demo(const DemoOptions& options) {
  const StopSignals stop;
  const auto program = fs::read_symlink("/proc/self/exe");
  DemoWorld world{options.dir};
  if (auto claimed = world.claim(); !claimed) return fail(claimed.error());
  fmt::print("Making certificates and configurations in {} ...\n", world.dir().string());
  std::fflush(stdout);
  if (auto written = world.write(options.pki_script); !written) return fail(written.error());
  for (const auto& party : world.parties()) {
    if (stop.came()) return stopped_early();
    if (auto started = world.start(party.name, program); !started) return fail(started.error());
    fmt::print("{:<10} {:<28} {}\n", party.name, party.title, party.base());
  }
  fmt::print("\n");
  const bool right = run_tour(world, program, stop);
  if (stop.came()) return stopped_early();
  if (auto written = world.write_topology(); !written) return fail(written.error());
  show_outboxes(world);
  if (!options.once) {
    print_how_to_send(world, program);
    stop.wait();
  }
  world.remove_topology();
  for (const auto& party : world.parties()) world.stop(party.name);
  return right ? kExitDone : kExitRefused;
}

}  // namespace gw::app
