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

void add_outbox_resolve(CLI::App& outbox, Run& run) {
  auto& command = *outbox.add_subcommand("resolve", "Put on record what became of a task in doubt, also while it runs");
  const auto options = std::make_shared<OutboxResolveOptions>();
  add_config(command, options->config);
  command.add_option("id", options->id, "The task's id")->required();
  command.add_option("--as", options->as, "What was found out")
      ->required()
      ->check(CLI::IsMember({"delivered", "not-delivered"}));
  command.add_option("--reason", options->reason, "How it is known; one line, for the audit")
      ->required()
      ->type_name("TEXT");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      "Ask the recipient first: what you say is final, and is told to the sender's repeats.\n"
      "Exit code: 0 on record, 1 refused (not in doubt, unknown), 3 could not be written.\n"
      "Example:\n  gpconnect-gateway outbox resolve 38fs0a9c40000 --as delivered \\\n"
      "      --reason 'Dr Shah read it to me on the phone' --config gateway.toml");
  command.callback([options, &run] { run = [options] { return run_outbox_resolve(*options); }; });
}

void add_outbox_purge(CLI::App& outbox, Run& run) {
  auto& command = *outbox.add_subcommand("purge", "Delete tasks that were finished long ago, also while it runs");
  const auto options = std::make_shared<OutboxPurgeOptions>();
  add_config(command, options->config);
  command.add_option("--older-than", options->older_than_days, "What was finished so many days ago goes")
      ->required()
      ->check(CLI::Range(1, 36500))
      ->type_name("DAYS");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      "Unfinished tasks, those in doubt and the audit stay. A mailbox's tasks go too: nobody can read them here after\n"
      "that. [outbox] retention_days does the same by itself.\n"
      "Example:\n  gpconnect-gateway outbox purge --older-than 730 --config gateway.toml");
  command.callback([options, &run] { run = [options] { return run_outbox_purge(*options); }; });
}

void add_outbox_backup(CLI::App& outbox, Run& run) {
  auto& command = *outbox.add_subcommand("backup", "Copy the whole outbox into one file, also while it runs");
  const auto options = std::make_shared<OutboxBackupOptions>();
  command.add_option("file", options->file, "The copy; a new file")->required()->type_name("FILE");
  add_config(command, options->config);
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      "The copy is checked from end to end before it gets its name. It holds patients' data: keep it as you keep the\n"
      "outbox. To restore it, stop the gateway, remove outbox.db-wal and outbox.db-shm, and put it in outbox.db's "
      "place.\n"
      "Example:\n  gpconnect-gateway outbox backup /backup/outbox-2026-11-21.db --config gateway.toml");
  command.callback([options, &run] { run = [options] { return run_outbox_backup(*options); }; });
}

void add_outbox(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("outbox", "Look at the tasks in a gateway's outbox, also while it runs");
  command.require_subcommand(1);
  const auto options = std::make_shared<OutboxOptions>();
  auto& list = *command.add_subcommand("list", "One line for each task, the newest first");
  add_config(list, options->config);
  list.add_option("--state", options->state, "Only tasks in this state")
      ->check(CLI::IsMember({"received", "sending", "delivered", "rejected", "failed", "in-doubt", "abandoned",
                             "queued", "retry-wait", "expired"}));
  list.add_flag("--problems", options->problems,
                "Only what somebody should look into: in doubt, or delivered without its text");
  list.add_option("--after", options->after, "Begin after this task: the last one of the page before")->type_name("ID");
  list.add_option("--count", options->count, "At most so many")->capture_default_str()->check(CLI::Range(1, 100000));
  list.add_flag("--json", options->json, "One JSON object a line");
  list.footer(
      "States: received and sending are on their way; delivered, rejected (by the recipient), failed and abandoned\n"
      "(never sent) are final; in-doubt waits for `outbox resolve`.\n"
      "Examples:\n  gpconnect-gateway outbox list --config gateway.toml --problems\n"
      "  gpconnect-gateway outbox list --config gateway.toml --state failed --count 20 --after 38fs0a9c40000");
  list.callback([options, &run] { run = [options] { return run_outbox_list(*options); }; });
  auto& show = *command.add_subcommand("show", "Everything about one task");
  add_config(show, options->config);
  show.add_option("id", options->id, "The task's id")->required();
  show.add_flag("--json", options->json, "Answer in JSON");
  show.footer("Example:\n  gpconnect-gateway outbox show 38fs0a9c40000 --config gateway.toml");
  show.callback([options, &run] { run = [options] { return run_outbox_show(*options); }; });
  add_outbox_resolve(command, run);
  add_outbox_purge(command, run);
  add_outbox_backup(command, run);
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
