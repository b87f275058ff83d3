// gpconnect-gateway: the one binary. This file only takes the command line apart; each command is a file of its own.
#include <CLI/CLI.hpp>
#include <exception>

#include "app/commands.hpp"
#include "base/version.hpp"

namespace {

using namespace gw::app;

/// Each add_* gives a subcommand its options, and sets `run` to what it does once the line is taken apart.
using Run = std::function<int()>;

CLI::Option* add_config(CLI::App& command, std::filesystem::path& config) {
  return command.add_option("-c,--config", config, "The gateway's configuration file (TOML)")
      ->required()
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
}

void add_serve(CLI::App& app, Run& run) {
  auto& command =
      *app.add_subcommand("serve", "Run the gateway until SIGTERM; SIGHUP reloads certificates and directory");
  const auto options = std::make_shared<ServeOptions>();
  add_config(command, options->config);
  command.add_option("--ready-fd", options->ready_fd, "Write 'ready' to this file descriptor once it serves")
      ->type_name("N");
  command.footer("Example:\n  gpconnect-gateway serve --config /etc/gpconnect-gateway/gateway.toml");
  command.callback([options, &run] { run = [options] { return run_serve(*options); }; });
}

void add_check_config(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("check-config", "Name every mistake of a configuration, with file and line");
  const auto config = std::make_shared<std::filesystem::path>();
  const auto json = std::make_shared<bool>(false);
  add_config(command, *config);
  command.add_flag("--json", *json, "Answer in JSON");
  command.footer("Example:\n  gpconnect-gateway check-config --config gateway.toml");
  command.callback([config, json, &run] { run = [config, json] { return run_check_config(*config, *json); }; });
}

void add_send(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("send", "Send a task through a gateway and say what became of it");
  const auto options = std::make_shared<SendOptions>();
  add_config(command, options->config);
  command.add_option("--from", options->from, "The sending organisation")->required()->type_name("ODS");
  command.add_option("--to", options->to, "The organisation the task is for")->required()->type_name("ODS");
  command.add_option("--patient", options->patient, "The patient the task is about")
      ->required()
      ->type_name("NHS_NUMBER");
  command.add_option("--type", options->type, "What is asked of the recipient")
      ->check(CLI::IsMember({"action", "info"}))
      ->capture_default_str();
  auto* const text = command.add_option("--text", options->text, "The task's text");
  command.add_option("--file", options->file, "Send this Order as it is, instead of making one from --type and --text")
      ->check(CLI::ExistingFile)
      ->excludes(text)
      ->type_name("FILE");
  command.add_option("--identifier", options->identifier, "Business identifier, a UUID; 'auto' makes one")
      ->type_name("UUID");
  command.add_option("--trace", options->trace, "Ssp-TraceID; without it a fresh one")->type_name("GUID");
  command.add_option("--print", options->print, "Print the request's headers or body instead of sending it")
      ->check(CLI::IsMember({"headers", "body"}));
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      "Exit code: 0 delivered, 1 refused or not delivered, 3 could not be sent.\n"
      "Example:\n  gpconnect-gateway send --config gateway.toml --from A20001 --to U20002 --patient 9990000018 \\\n"
      "      --type action --text 'Please ring her about the result.'");
  command.callback([options, &run] { run = [options] { return run_send(*options); }; });
}

void add_outbox(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("outbox", "Look at the tasks in a gateway's outbox, also while it runs");
  command.require_subcommand(1);
  const auto options = std::make_shared<OutboxOptions>();
  auto& list = *command.add_subcommand("list", "One line for each task: id, state, organisations, time");
  add_config(list, options->config);
  list.add_option("--state", options->state, "Only tasks in this state (delivered, in-doubt, failed, ...)");
  list.add_option("--count", options->count, "At most so many")->capture_default_str()->check(CLI::Range(1, 100000));
  list.add_flag("--json", options->json, "One JSON object a line");
  list.callback([options, &run] { run = [options] { return run_outbox_list(*options); }; });
  auto& show = *command.add_subcommand("show", "Everything about one task");
  add_config(show, options->config);
  show.add_option("id", options->id, "The task's id")->required();
  show.add_flag("--json", options->json, "Answer in JSON");
  show.callback([options, &run] { run = [options] { return run_outbox_show(*options); }; });
}

void add_audit(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("audit", "Check the audit of a gateway, also while it runs");
  command.require_subcommand(1);
  const auto options = std::make_shared<AuditOptions>();
  auto& verify = *command.add_subcommand("verify", "Read the whole audit; name the first record that is not right");
  add_config(verify, options->config);
  verify.add_option("--head", options->head, "A head printed before and kept elsewhere: it must still be there")
      ->type_name("NUMBER:HASH");
  verify.add_flag("--json", options->json, "Answer in JSON");
  verify.footer(
      "Exit code: 0 all right, 1 a record was changed, moved, put in or removed, 2 wrong use, 3 it could not be read.\n"
      "Keep the printed head where nobody who can write the outbox can write: only with it are a chain made anew and\n"
      "refusals cut off at the end found.\n"
      "Example:\n  gpconnect-gateway audit verify --config gateway.toml");
  verify.callback([options, &run] { run = [options] { return run_audit_verify(*options); }; });
}

void add_validate(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("validate", "Say what a gateway would say of a task, or of another resource");
  const auto options = std::make_shared<ValidateOptions>();
  command
      .add_option("files", options->files, "JSON or XML; '-' or none is standard input, a folder all files below it")
      ->type_name("FILE");
  command.add_option("--format", options->format, "Without it the content tells")
      ->check(CLI::IsMember({"json", "xml"}));
  command
      .add_option("--profile", options->profile,
                  "Hold it to this profile; without it an Order is held to the task's, all else to its base type")
      ->type_name("URL");
  command.add_option("--base", options->base, "The recipient's base, under which absolute references may stand")
      ->type_name("URL");
  command.add_flag("--any-date", options->any_date, "Let Order.date be another day than today (TASK-07)");
  command.add_option("--jobs", options->jobs, "Threads; without it one a core")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command.add_flag("--json", options->json, "One OperationOutcome a line, in the order of the files");
  command.footer(
      "Exit code: 0 all right, 1 some refused, 3 some could not be read.\n"
      "Example:\n  gpconnect-gateway validate --any-date task.json\n"
      "  gpconnect-gateway validate --json tasks/ > outcomes.ndjson");
  command.callback([options, &run] { run = [options] { return run_validate(*options); }; });
}

void add_demo(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("demo", "A small world of gateways on this machine, and a tour through it");
  const auto options = std::make_shared<DemoOptions>();
  command.add_option("--dir", options->dir, "Where its files go")->required()->type_name("DIR");
  command.add_option("--pki-script", options->pki_script, "certs/make-pki.sh of the source tree")
      ->required()
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  command.add_flag("--once", options->once, "Do the tour, then end: exit code 0 if every step did what it should");
  command.footer("Example:\n  gpconnect-gateway demo --dir /tmp/world --pki-script certs/make-pki.sh --once");
  command.callback([options, &run] { run = [options] { return run_demo(*options); }; });
}

int run_main(int argc, char** argv) {
  CLI::App app{
      "GP Connect task gateway: delivers each clinical task to the organisation it is for, once, and says the truth "
      "about it"};
  app.set_version_flag("--version", std::string{gw::kVersion});
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  Run run;
  add_serve(app, run);
  add_check_config(app, run);
  add_send(app, run);
  add_outbox(app, run);
  add_audit(app, run);
  add_validate(app, run);
  add_demo(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kExitDone : kExitUsage;
  }
  return run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpconnect-gateway: %s\n", error.what());
    return kExitFailed;
  }
}
