// What runs a gateway, or looks at how it is set up: gpconnect-gateway serve, check-config, doctor, directory, console,
// demo.
#include <filesystem>
#include <memory>

#include "app/command_line.hpp"
#include "app/commands.hpp"

namespace gw::app {

void add_serve(CLI::App& app, Run& run) {
  auto& command =
      *app.add_subcommand("serve", "Run the gateway until SIGTERM; SIGHUP reloads certificates, directory and users");
  const auto options = std::make_shared<ServeOptions>();
  add_config(command, options->config);
  command.add_option("--ready-fd", options->ready_fd, "Write 'ready' to this file descriptor once it listens")
      ->type_name("N");
  command.footer(
      footer("", "  gpconnect-gateway serve --config /etc/gpconnect-gateway/gateway.toml",
             "70 means: a commit to the outbox failed; start it again, and what is on disk decides what is told."));
  command.callback([options, &run] { run = [options] { return run_serve(*options); }; });
}

void add_check_config(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("check-config", "Name every mistake of a configuration, with file and line");
  const auto config = std::make_shared<std::filesystem::path>();
  const auto json = std::make_shared<bool>(false);
  add_config(command, *config);
  command.add_flag("--json", *json, "Answer in JSON");
  command.footer(footer("it has mistakes", "  gpconnect-gateway check-config --config gateway.toml"));
  command.callback([config, json, &run] { run = [config, json] { return run_check_config(*config, *json); }; });
}

void add_doctor(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("doctor", "Check an installation from end to end; each fault with its mend");
  const auto options = std::make_shared<DoctorOptions>();
  add_config(command, options->config);
  command.add_flag("--local", options->local, "Ask nobody else: no recipient, no directory service");
  command
      .add_option("--within", options->within_s, "How long all recipients together may take; who is left over is told")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600))
      ->type_name("SECONDS");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      footer("something is at fault (warnings alone are no fault)",
             "  gpconnect-gateway doctor --config /etc/gpconnect-gateway/gateway.toml\n"
             "  gpconnect-gateway doctor --local --json --config gateway.toml",
             "Changes nothing; may run beside the gateway. Run it as the gateway's own user, who must be able to read\n"
             "the keys: sudo -u gpconnect-gateway gpconnect-gateway doctor ..."));
  command.callback([options, &run] { run = [options] { return run_doctor(*options); }; });
}

void add_directory(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("directory", "Look at who is who in a gateway's directory, also while it runs");
  command.require_subcommand(1);
  command.footer("Example:\n  gpconnect-gateway directory show U20002");
  const auto options = std::make_shared<DirectoryOptions>();
  auto& check = *command.add_subcommand("check", "Name every mistake of the directory's files, with file and line");
  add_config(check, options->config);
  check.add_flag("--json", options->json, "Answer in JSON");
  check.footer(footer(
      "it has mistakes (warnings alone are none)", "  gpconnect-gateway directory check --config gateway.toml",
      "A running gateway keeps the directory it has when the files that it reads on SIGHUP have mistakes. A warning\n"
      "is about what works otherwise than was probably meant: a system that nobody can send to, an FQDN that stands\n"
      "for several systems, an interaction that nobody serves, a patient of an unknown practice."));
  check.callback([options, &run] { run = [options] { return run_directory_check(*options); }; });
  auto& show = *command.add_subcommand("show", "One organisation or system, and all that follows from its entry");
  add_config(show, options->config);
  show.add_option("who", options->who, "Its ODS code, its ASID or the FQDN of its certificate")
      ->required()
      ->type_name("WHO");
  show.add_flag("--json", options->json, "Answer in JSON: a list, one object for each system");
  show.footer(footer("there is no such organisation",
                     "  gpconnect-gateway directory show U20002 --config gateway.toml\n"
                     "  gpconnect-gateway directory show 200000000102 --json --config gateway.toml"));
  show.callback([options, &run] { run = [options] { return run_directory_show(*options); }; });
}

void add_console(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("console", "What the web console's configuration needs");
  command.require_subcommand(1);
  command.footer("Example:\n  gpconnect-gateway console hash-password");
  auto& hash = *command.add_subcommand("hash-password", "Make of a password what [console.users] keeps of it");
  hash.footer(footer("the password is too short, or differs the second time",
                     "  gpconnect-gateway console hash-password",
                     "The password is one line of standard input; it is never an argument. On a terminal it is not\n"
                     "shown, and asked for twice. What is printed is libsodium's Argon2id hash."));
  hash.callback([&run] { run = [] { return run_console_hash_password(); }; });
}

void add_demo(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("demo", "A small world of gateways on this machine, and a tour through it");
  const auto options = std::make_shared<DemoOptions>();
  command.add_option("--dir", options->dir, "Where its files go")->required()->type_name("DIR");
  add_pki_script(command, options->pki_script);
  command.add_flag("--once", options->once, "Do the tour, then end: exit code 0 if every step did what it should");
  command.footer(footer("a step of the tour went wrong",
                        "  gpconnect-gateway demo --dir /tmp/world\n"
                        "  gpconnect-gateway demo --dir /tmp/world --pki-script certs/make-pki.sh --once"));
  command.callback([options, &run] { run = [options] { return run_demo(*options); }; });
}

}  // namespace gw::app
