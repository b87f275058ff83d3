// gpconnect-gateway outbox ...
#include <memory>

#include "app/command_line.hpp"
#include "app/commands.hpp"

namespace gw::app {

namespace {

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
  command.footer(footer("there is no such task, or it is not in doubt",
                        "  gpconnect-gateway outbox resolve 38fs0a9c40000 --as delivered \\\n"
                        "      --reason 'Dr Shah read it to me on the phone' --config gateway.toml",
                        "Ask the recipient first: what you say is final, and is told to the sender's repeats."));
  command.callback([options, &run] { run = [options] { return run_outbox_resolve(*options); }; });
}

void add_outbox_redrive(CLI::App& outbox, Run& run) {
  auto& command = *outbox.add_subcommand("redrive", "Have a deferred task tried now, also while the gateway runs");
  const auto options = std::make_shared<OutboxRedriveOptions>();
  add_config(command, options->config);
  command.add_option("id", options->id, "The task's id")->required();
  command.add_option("--reason", options->reason, "Why now; one line, for the audit")->required()->type_name("TEXT");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      footer("there is no such task, or it is none that can be tried",
             "  gpconnect-gateway outbox redrive 38fs0a9c40000 --reason 'their system is back' \\\n"
             "      --config gateway.toml",
             "For tasks that are queued, in retry-wait, or deferred and in doubt. One in doubt is looked for at its\n"
             "recipient, as If-None-Exist and searches by identifier allow; it is never just sent again. A task whose\n"
             "sender is told that it failed (failed, rejected, abandoned, expired) is refused: by now the sender may\n"
             "have used another channel."));
  command.callback([options, &run] { run = [options] { return run_outbox_redrive(*options); }; });
}

void add_outbox_purge(CLI::App& outbox, Run& run) {
  auto& command = *outbox.add_subcommand("purge", "Delete tasks that were finished long ago, also while it runs");
  const auto options = std::make_shared<OutboxPurgeOptions>();
  add_config(command, options->config);
  command
      .add_option("--older-than", options->older_than_days,
                  "What was finished so many days ago goes; 90 at least, unless [outbox] says otherwise")
      ->required()
      ->check(CLI::Range(1, 36500))
      ->type_name("DAYS");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(footer(
      "tasks are kept longer than that", "  gpconnect-gateway outbox purge --older-than 730 --config gateway.toml",
      "Unfinished tasks, those in doubt and the audit stay. A mailbox's tasks go too: nobody can read them here after\n"
      "that. Fewer days than repeats are known for are refused: [outbox] repeat_window_s and identifier_window_s, 90\n"
      "days as they are.\n"
      "[outbox] retention_days does the same by itself."));
  command.callback([options, &run] { run = [options] { return run_outbox_purge(*options); }; });
}

void add_outbox_backup(CLI::App& outbox, Run& run) {
  auto& command = *outbox.add_subcommand("backup", "Copy the whole outbox into one file, also while it runs");
  const auto options = std::make_shared<OutboxBackupOptions>();
  command.add_option("file", options->file, "The copy; a new file")->required()->type_name("FILE");
  add_config(command, options->config);
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(footer(
      "", "  gpconnect-gateway outbox backup /backup/outbox-2026-11-21.db --config gateway.toml",
      "The copy is checked from end to end before it gets its name. It holds patients' data: keep it as you keep the\n"
      "outbox. To restore it, stop the gateway, remove outbox.db-wal and outbox.db-shm, put it in outbox.db's place "
      "and\n"
      "start the gateway: it is held, since what came after the copy is missing, until `audit accept`."));
  command.callback([options, &run] { run = [options] { return run_outbox_backup(*options); }; });
}

}  // namespace

void add_outbox(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("outbox", "Look at the tasks in a gateway's outbox, also while it runs");
  command.require_subcommand(1);
  command.footer("Example:\n  gpconnect-gateway outbox list --problems");
  const auto options = std::make_shared<OutboxOptions>();
  auto& list = *command.add_subcommand("list", "One line for each task, the newest first");
  add_config(list, options->config);
  list.add_option("--state", options->state, "Only tasks in this state")
      ->check(CLI::IsMember({"received", "sending", "delivered", "rejected", "failed", "in-doubt", "abandoned",
                             "queued", "retry-wait", "expired"}));
  list.add_flag("--problems", options->problems,
                "Only what somebody should look into: in doubt, expired, or delivered without its text");
  list.add_option("--after", options->after, "Begin after this task: the last one of the page before")->type_name("ID");
  list.add_option("--count", options->count, "At most so many")->capture_default_str()->check(CLI::Range(1, 100000));
  list.add_flag("--json", options->json, "One JSON object a line");
  list.footer(
      footer("",
             "  gpconnect-gateway outbox list --config gateway.toml --problems\n"
             "  gpconnect-gateway outbox list --config gateway.toml --state failed --count 20 --after 38fs0a9c40000",
             "States: received and sending are on their way; delivered, rejected (by the recipient), failed and\n"
             "abandoned (never sent) are final; in-doubt waits for `outbox resolve`. Deferred tasks are queued, in\n"
             "retry-wait after a try that failed, and expired (final) when their time is up; see `outbox redrive`."));
  list.callback([options, &run] { run = [options] { return run_outbox_list(*options); }; });
  auto& show = *command.add_subcommand("show", "Everything about one task");
  add_config(show, options->config);
  show.add_option("id", options->id, "The task's id")->required();
  show.add_flag("--json", options->json, "Answer in JSON");
  show.footer(footer("there is no such task",
                     "  gpconnect-gateway outbox list --config gateway.toml --count 1   (its first column is the id)\n"
                     "  gpconnect-gateway outbox show --config gateway.toml ID"));
  show.callback([options, &run] { run = [options] { return run_outbox_show(*options); }; });
  add_outbox_resolve(command, run);
  add_outbox_redrive(command, run);
  add_outbox_purge(command, run);
  add_outbox_backup(command, run);
}

}  // namespace gw::app
