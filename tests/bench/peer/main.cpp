// gateway-bench: the processes around the gateway in a benchmark. tests/bench/run.py drives it; each command prints one
// JSON object.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "bench/peer/fill.hpp"
#include "bench/peer/load.hpp"
#include "bench/peer/stub.hpp"

using namespace gw::bench;

namespace {

void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string times(const Latencies& latencies) {
  return fmt::format(R"("p50_us":{:.1f},"p99_us":{:.1f},"p999_us":{:.1f},"max_us":{:.1f})", latencies.at_us(0.5),
                     latencies.at_us(0.99), latencies.at_us(0.999), latencies.most_us());
}

void print(const LoadResult& result) {
  std::cout
      << fmt::format(
             R"({{"requests":{},"seconds":{},"per_s":{:.1f},{},"refused":{},"refused_with":{},"broken":{},"unanswered":{}}})",
             result.latencies.total(), result.seconds, static_cast<double>(result.latencies.total()) / result.seconds,
             times(result.latencies), result.refused, result.refused_with, result.broken, result.unanswered)
      << '\n';
}

void print(const HandshakeResult& result) {
  std::cout << fmt::format(R"({{"handshakes":{},"seconds":{:.3f},"per_s":{:.1f},{},"resumed":{},"broken":{}}})",
                           result.latencies.total(), result.seconds,
                           static_cast<double>(result.latencies.total()) / result.seconds, times(result.latencies),
                           result.resumed, result.broken)
            << '\n';
}

/// The options that say where to connect.
void add_target(CLI::App& command, Target& target) {
  command.add_option("--host", target.host, "name in the server's certificate")->required();
  command.add_option("--port", target.port, "on 127.0.0.1")->required();
}

void add_files(CLI::App& command, Certificates& files) {
  command.add_option("--certificate", files.certificate)->required()->check(CLI::ExistingFile);
  command.add_option("--key", files.key)->required()->check(CLI::ExistingFile);
  command.add_option("--trust", files.trust)->required()->check(CLI::ExistingFile);
}

const std::map<std::string, Recipient> kRecipients{{"mailbox", Recipient::kMailbox},
                                                   {"endpoint", Recipient::kEndpoint}};
const std::map<std::string, Format> kFormats{{"json", Format::kJson}, {"xml", Format::kXml}};

}  // namespace

int main(int argc, char** argv) try {
  allow_many_files();
  CLI::App app{"Load generator, recipient stub and outbox filler of the benchmarks."};
  app.require_subcommand(1);
  Target target;
  Certificates stub_files;
  std::uint16_t stub_port = 0;
  LoadPlan load;
  HandshakePlan handshakes;
  FillPlan fill;
  double warm_up = load.warm_up.count();
  double measured = load.measured.count();
  std::size_t held = 100;

  auto* const stub_command = app.add_subcommand("stub", "serve as the recipient until SIGTERM");
  add_files(*stub_command, stub_files);
  stub_command->add_option("--port", stub_port, "on 127.0.0.1")->required();

  auto* const load_command = app.add_subcommand("load", "send tasks");
  add_target(*load_command, target);
  add_files(*load_command, target.files);
  load_command->add_option("--recipient", load.recipient)->transform(CLI::CheckedTransformer(kRecipients));
  load_command->add_option("--format", load.format)->transform(CLI::CheckedTransformer(kFormats));
  load_command->add_option("--connections", load.connections)->check(CLI::Range(1, 20'000));
  load_command->add_option("--rate", load.rate_per_s, "tasks a second, open loop; 0: closed loop");
  load_command->add_option("--warm-up", warm_up, "seconds not counted");
  load_command->add_option("--seconds", measured, "seconds measured, at most 240: tokens end");

  auto* const shake_command = app.add_subcommand("handshakes", "connect, shake hands, close");
  add_target(*shake_command, target);
  add_files(*shake_command, target.files);
  shake_command->add_flag("--resumed", handshakes.resumed, "resume the last session");
  shake_command->add_option("--connections", handshakes.connections);
  shake_command->add_option("--seconds", measured);

  auto* const hold_command = app.add_subcommand("hold", "open connections and keep them until standard input ends");
  add_target(*hold_command, target);
  add_files(*hold_command, target.files);
  hold_command->add_option("--recipient", load.recipient)->transform(CLI::CheckedTransformer(kRecipients));
  hold_command->add_option("--connections", held);

  auto* const fill_command = app.add_subcommand("fill", "make an outbox full of entries");
  fill_command->add_option("--outbox", fill.path)->required();
  fill_command->add_option("--entries", fill.entries)->required();
  fill_command->add_flag("--unfinished", fill.unfinished, "received, not delivered");
  fill_command->add_option("--body-bytes", fill.body_bytes);

  CLI11_PARSE(app, argc, argv);
  load.warm_up = std::chrono::duration<double>{warm_up};
  load.measured = handshakes.measured = std::chrono::duration<double>{measured};
  if (*stub_command) serve_stub(stub_files, stub_port);
  if (*load_command) print(run_load(target, load));
  if (*shake_command) print(run_handshakes(target, handshakes));
  if (*hold_command && !hold_connections(target, load.recipient, held)) return 1;
  if (*fill_command) fill_outbox(fill);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "gateway-bench: " << error.what() << '\n';
  return 3;
}
