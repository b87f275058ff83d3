// gpconnect-gateway: the one binary. This file only takes the command line apart; each command is a file of its own.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <exception>
#include <string_view>

#include "app/command_tree.hpp"
#include "app/commands.hpp"
#include "app/unknown_command.hpp"
#include "base/version.hpp"
#include "outbox/state.hpp"

namespace {

using namespace gw::app;

/// Each add_* gives a subcommand its options, and sets `run` to what it does once the line is taken apart.
using Run = std::function<int()>;

constexpr std::string_view kProgram = "gpconnect-gateway";

/// The end of a command's --help: what exit code 1 means for it (commands.hpp has them all), and how it is called.
std::string footer(std::string_view no, std::string_view examples) {
  return fmt::format("Exit codes: 0 done, {}2 wrong use, 3 could not be done.\nExample:\n{}",
                     no.empty() ? std::string{} : fmt::format("1 {}, ", no), examples);
}

/// Refuses a value that `is_right` does not hold for.
CLI::Validator check(bool (*is_right)(std::string_view), std::string what) {
  return CLI::Validator{[is_right, what](std::string& value) {
                          return is_right(value) ? std::string{} : fmt::format("'{}' is not {}", value, what);
                        },
                        ""};
}

bool is_guid(std::string_view text) {
  constexpr std::string_view form = "00000000-0000-0000-0000-000000000000";
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), [](char c, char as) {
           return as == '-' ? c == '-' : std::isxdigit(static_cast<unsigned char>(c)) != 0;
         });
}

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
  command.footer(
      footer("", "  gpconnect-gateway serve --config /etc/gpconnect-gateway/gateway.toml") +
      "\n70 means: a commit to the outbox failed; start it again, and what is on disk decides what is told.");
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

void add_send(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("send", "Send a task through a gateway and say what became of it");
  const auto options = std::make_shared<SendOptions>();
  add_config(command, options->config);
  command.add_option("--from", options->from, "The sending organisation")->required()->type_name("ODS");
  command.add_option("--to", options->to, "The organisation the task is for")->required()->type_name("ODS");
  command.add_option("--patient", options->patient, "The patient the task is about")
      ->required()
      ->type_name("NHS_NUMBER");
  auto* const type = command.add_option("--type", options->type, "What is asked of the recipient")
                         ->check(CLI::IsMember({"action", "info"}))
                         ->capture_default_str();
  auto* const identifier =
      command.add_option("--identifier", options->identifier, "Business identifier, a UUID; 'auto' makes one")
          ->check(check([](std::string_view text) { return text == "auto" || is_guid(text); },
                        "a UUID (8-4-4-4-12 hexadecimal digits), nor 'auto'"))
          ->type_name("UUID");
  command.add_option("--trace", options->trace, "Ssp-TraceID; without it a fresh one")
      ->check(check(is_guid, "a GUID (8-4-4-4-12 hexadecimal digits)"))
      ->type_name("GUID");
  auto& content = *command.add_option_group("What is sent: one of");
  content.add_option("--text", options->text, "The task's text")
      ->check(check([](std::string_view text) { return text.find_first_not_of(" \t\r\n") != std::string_view::npos; },
                    "a text: it is blank"));
  content.add_option("--file", options->file, "This Order as it is, instead of one made from --type and --text")
      ->check(CLI::ExistingFile)
      ->excludes(type)
      ->excludes(identifier)
      ->type_name("FILE");
  content.require_option(1);
  command.add_option("--print", options->print, "Print the request's headers or body instead of sending it")
      ->check(CLI::IsMember({"headers", "body"}));
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(footer("refused or not delivered",
                        "  gpconnect-gateway send --config gateway.toml --from A20001 --to U20002 --patient 9990000018 "
                        "\\\n      --type action --text 'Please ring her about the result.'"));
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

void add_outbox_redrive(CLI::App& outbox, Run& run) {
  auto& command = *outbox.add_subcommand("redrive", "Have a deferred task tried now, also while the gateway runs");
  const auto options = std::make_shared<OutboxRedriveOptions>();
  add_config(command, options->config);
  command.add_option("id", options->id, "The task's id")->required();
  command.add_option("--reason", options->reason, "Why now; one line, for the audit")->required()->type_name("TEXT");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      "For tasks that are queued, in retry-wait, or deferred and in doubt. One in doubt is looked for at its\n"
      "recipient, as If-None-Exist and searches by identifier allow; it is never just sent again. A task whose\n"
      "sender is told that it failed (failed, rejected, abandoned, expired) is refused: by now the sender may\n"
      "have used another channel.\n"
      "Exit code: 0 it is tried, 1 refused, 3 could not be written.\n"
      "Example:\n  gpconnect-gateway outbox redrive 38fs0a9c40000 --reason 'their system is back' \\\n"
      "      --config gateway.toml");
  command.callback([options, &run] { run = [options] { return run_outbox_redrive(*options); }; });
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
      "outbox. To restore it, stop the gateway, remove outbox.db-wal and outbox.db-shm, put it in outbox.db's place "
      "and\n"
      "start the gateway: it is held, since what came after the copy is missing, until `audit accept`.\n"
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
                "Only what somebody should look into: in doubt, expired, or delivered without its text");
  list.add_option("--after", options->after, "Begin after this task: the last one of the page before")->type_name("ID");
  list.add_option("--count", options->count, "At most so many")->capture_default_str()->check(CLI::Range(1, 100000));
  list.add_flag("--json", options->json, "One JSON object a line");
  list.footer(
      footer("",
             "  gpconnect-gateway outbox list --config gateway.toml --problems\n"
             "  gpconnect-gateway outbox list --config gateway.toml --state failed --count 20 --after 38fs0a9c40000\n"
             "\n"
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

void add_directory(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("directory", "Look at who is who in a gateway's directory, also while it runs");
  command.require_subcommand(1);
  const auto options = std::make_shared<DirectoryOptions>();
  auto& check = *command.add_subcommand("check", "Name every mistake of the directory's files, with file and line");
  add_config(check, options->config);
  check.add_flag("--json", options->json, "Answer in JSON");
  check.footer(footer(
      "it has mistakes (warnings alone are none)",
      "  gpconnect-gateway directory check --config gateway.toml\n"
      "\n"
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

void add_audit_verify(CLI::App& audit, Run& run) {
  auto& command = *audit.add_subcommand("verify", "Read the whole audit; name the first record that is not right");
  const auto options = std::make_shared<AuditVerifyOptions>();
  add_config(command, options->config);
  command.add_option("--head", options->head, "A head printed before and kept elsewhere: it must still be there")
      ->type_name("NUMBER:HASH");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      "Exit code: 0 all right, 1 a record was changed, moved, put in or removed, 2 wrong use, 3 it could not be read,\n"
      "or its key is not there. The gateway's own [audit] key_file and witness are used. Without a key, a chain made "
      "anew\n"
      "is found by nothing but a head that was printed before: keep it where nobody who can write the outbox can "
      "write.\n"
      "Example:\n  gpconnect-gateway audit verify --config gateway.toml");
  command.callback([options, &run] { run = [options] { return run_audit_verify(*options); }; });
}

void add_audit_accept(CLI::App& audit, Run& run) {
  auto& command =
      *audit.add_subcommand("accept", "Take an outbox whose gateway is held, since its audit is not as left");
  const auto options = std::make_shared<AuditAcceptOptions>();
  add_config(command, options->config);
  command.add_option("--reason", options->reason, "What happened, and how it is known; one line, for the audit")
      ->required()
      ->type_name("TEXT");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      "A gateway is held when an older copy of its outbox was put in place, or records are missing: /readyz says "
      "which.\n"
      "Tasks that were answered since are not in this outbox, and a repeat of them would be delivered a second time:\n"
      "find out which they are first. The held gateway goes on by itself after this.\n"
      "Exit code: 0 taken, 1 there is nothing to accept, 2 wrong use, 3 could not be done.\n"
      "Example:\n  gpconnect-gateway audit accept --config gateway.toml \\\n"
      "      --reason 'disk lost; backup of 02:00 restored; the practices were told to send again'");
  command.callback([options, &run] { run = [options] { return run_audit_accept(*options); }; });
}

void add_selection(CLI::App& command, AuditSelection& wanted) {
  add_config(command, wanted.config);
  command.add_option("--patient", wanted.patient, "Of this patient")->type_name("NHS_NUMBER");
  command.add_option("--task", wanted.task, "Of the task with this id")->type_name("ID");
  command
      .add_option("--identifier", wanted.identifier, "Of tasks with this Order.identifier, with its system or without")
      ->type_name("[SYSTEM|]VALUE");
  command.add_option("--trace", wanted.trace, "Of the request with this Ssp-TraceID")->type_name("GUID");
  command.add_option("--user", wanted.user, "By the user of this id or name")->type_name("TEXT");
  command.add_option("--organisation", wanted.organisation, "By a user of this ODS code; or from or to this ASID")
      ->type_name("CODE");
  command.add_option("--from", wanted.from, "From this day (London's) or moment on")->type_name("TIME");
  command.add_option("--to", wanted.to, "Until the end of this day, or until this moment")->type_name("TIME");
}

void add_audit_search(CLI::App& audit, Run& run) {
  auto& command = *audit.add_subcommand("search", "Records by patient, task, user, organisation, time");
  const auto options = std::make_shared<AuditSearchOptions>();
  add_selection(command, options->wanted);
  command.add_flag("--newest", options->newest_first, "The newest first; without it as they were written");
  command.add_option("--after", options->after, "Begin after this record: the last one of the page before")
      ->check(CLI::PositiveNumber)
      ->type_name("NUMBER");
  command.add_option("--count", options->count, "At most so many")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  command.add_flag("--json", options->json, "One JSON object a line");
  command.footer(
      footer("there are none",
             "  gpconnect-gateway audit search --config gateway.toml --patient 9990000018 --from 2026-11-01\n"
             "  gpconnect-gateway audit search --config gateway.toml --task 38fs0a9c40000 --json\n"
             "\n"
             "With --from, --to or --task a search reads what lies in that time, else the whole audit: some\n"
             "seconds for each million records."));
  command.callback([options, &run] { run = [options] { return run_audit_search(*options); }; });
}

void add_audit_export(CLI::App& audit, Run& run) {
  auto& command = *audit.add_subcommand("export", "Records as DSTU2 AuditEvents, one JSON resource a line");
  const auto options = std::make_shared<AuditExportOptions>();
  add_selection(command, options->wanted);
  command.add_option("--output", options->output, "Into this new file, for its owner alone; without it to stdout")
      ->type_name("FILE");
  command.footer(footer("",
                        "  gpconnect-gateway audit export --config gateway.toml --from 2026-11-01 --to 2026-11-30 \\\n"
                        "      --output november.ndjson\n"
                        "\n"
                        "The events hold patients' NHS numbers and users' names: keep them as you keep the outbox."));
  command.callback([options, &run] { run = [options] { return run_audit_export(*options); }; });
}

void add_audit(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("audit", "Check, search and export the audit of a gateway, also while it runs");
  command.require_subcommand(1);
  add_audit_verify(command, run);
  add_audit_search(command, run);
  add_audit_export(command, run);
  add_audit_accept(command, run);
}

void add_console(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("console", "What the web console's configuration needs");
  command.require_subcommand(1);
  auto& hash = *command.add_subcommand("hash-password", "Make of a password what [console.users] keeps of it");
  hash.footer(footer("the password is too short",
                     "  gpconnect-gateway console hash-password\n"
                     "\n"
                     "The password is one line of standard input, not shown where that is a terminal; it is never an\n"
                     "argument. What is printed is libsodium's Argon2id hash."));
  hash.callback([&run] { run = [] { return run_console_hash_password(); }; });
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
  command.footer(footer("some are not right",
                        "  gpconnect-gateway validate --any-date task.json\n"
                        "  gpconnect-gateway validate --json tasks/ > outcomes.ndjson"));
  command.callback([options, &run] { run = [options] { return run_validate(*options); }; });
}

void add_lint_jwt(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("lint-jwt", "Say what a gateway would say of an audit token, claim by claim");
  const auto options = std::make_shared<LintJwtOptions>();
  command
      .add_option("file", options->file,
                  "Holds the token, with or without 'Bearer ' before it; '-' or none is standard input")
      ->type_name("FILE");
  command
      .add_option("--interaction", options->interaction,
                  "What is asked with it: what stands after 'rest:' or 'operation:' in Ssp-InteractionID, or all of it")
      ->capture_default_str()
      ->type_name("NAME");
  command
      .add_option("--at", options->at,
                  "Check it as of this moment (2026-11-21T09:00:00Z), not of now: for captured ones")
      ->type_name("TIME");
  command.add_flag("--show", options->show, "Show the patient's NHS number in full");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      footer("the token is not right",
             "  gpconnect-gateway lint-jwt token.txt\n"
             "  my-system print-token | gpconnect-gateway lint-jwt --interaction read:order --json\n"
             "\n"
             "The token is never an argument: other users of the machine could read it in the process list.\n"
             "Checked as for a sender without settings of its own."));
  command.callback([options, &run] { run = [options] { return run_lint_jwt(*options); }; });
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
  command.footer(footer("a step of the tour went wrong",
                        "  gpconnect-gateway demo --dir /tmp/world --pki-script certs/make-pki.sh --once"));
  command.callback([options, &run] { run = [options] { return run_demo(*options); }; });
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
             "  gpconnect-gateway doctor --local --json --config gateway.toml\n"
             "\n"
             "Changes nothing; may run beside the gateway. Run it as the gateway's own user, who must be able to read\n"
             "the keys: sudo -u gpconnect-gateway gpconnect-gateway doctor ..."));
  command.callback([options, &run] { run = [options] { return run_doctor(*options); }; });
}

/// Both print what this file says of the commands, in another form.
void add_texts(CLI::App& app, Run& run) {
  auto& completion = *app.add_subcommand("completion", "Print bash's completion of these commands");
  completion.footer(
      footer("",
             "  gpconnect-gateway completion > ~/.local/share/bash-completion/completions/gpconnect-gateway\n"
             "  source <(gpconnect-gateway completion)"));
  completion.callback([&app, &run] {
    run = [&app] {
      fmt::print("{}", bash_completion(app, kProgram));
      return kExitDone;
    };
  });
  auto& manual = *app.add_subcommand("manual", "Print the manual page of these commands");
  manual.footer(footer("", "  gpconnect-gateway manual | man -l -"));
  manual.callback([&app, &run] {
    run = [&app] {
      fmt::print("{}", manual_page(app, kProgram, gw::kReleaseDate));
      return kExitDone;
    };
  });
}

/// Whether the line begins with a word that is no command; says so.
bool begins_with_no_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || std::string_view{argv[1]}.starts_with('-')) return false;
  std::vector<std::string> commands;
  for (const auto* command : app.get_subcommands({})) commands.push_back(command->get_name());
  if (std::find(commands.begin(), commands.end(), argv[1]) != commands.end()) return false;
  fmt::print(stderr, "gpconnect-gateway: {}.\n", unknown_command(argv[1], commands));
  return true;
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
  add_directory(app, run);
  add_audit(app, run);
  add_console(app, run);
  add_validate(app, run);
  add_lint_jwt(app, run);
  add_doctor(app, run);
  add_demo(app, run);
  add_texts(app, run);
  if (begins_with_no_command(app, argc, argv)) return kExitUsage;
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
