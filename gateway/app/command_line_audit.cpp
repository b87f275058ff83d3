// gpconnect-gateway audit ...
#include <memory>

#include "app/command_line.hpp"
#include "app/commands.hpp"

namespace gw::app {

namespace {

void add_audit_verify(CLI::App& audit, Run& run) {
  auto& command = *audit.add_subcommand("verify", "Read the whole audit; name the first record that is not right");
  const auto options = std::make_shared<AuditVerifyOptions>();
  add_config(command, options->config);
  command.add_option("--head", options->head, "A head printed before and kept elsewhere: it must still be there")
      ->type_name("NUMBER:HASH");
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(footer(
      "a record was changed, moved, put in or removed", "  gpconnect-gateway audit verify --config gateway.toml",
      "The gateway's own [audit] key_file and witness are used. Without a key, a chain made anew is found by nothing\n"
      "but a head that was printed before: keep it where nobody who can write the outbox can write."));
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
  command.footer(footer(
      "there is nothing to accept",
      "  gpconnect-gateway audit accept --config gateway.toml \\\n"
      "      --reason 'disk lost; backup of 02:00 restored; the practices were told to send again'",
      "A gateway is held when an older copy of its outbox was put in place, or records are missing: /readyz says "
      "which.\n"
      "Tasks that were answered since are not in this outbox, and a repeat of them would be delivered a second time:\n"
      "find out which they are first. The held gateway goes on by itself after this. A received log that names such\n"
      "tasks is kept beside the new one, as NAME.until-ID."));
  command.callback([options, &run] { run = [options] { return run_audit_accept(*options); }; });
}

void add_selection(CLI::App& command, AuditSelection& wanted) {
  add_config(command, wanted.config);
  command.add_option("--patient", wanted.patient, "Of this patient; spaces are passed over")->type_name("NHS_NUMBER");
  command.add_option("--task", wanted.task, "Of the task with this id")->type_name("ID");
  command
      .add_option("--identifier", wanted.identifier, "Of tasks with this Order.identifier, with its system or without")
      ->type_name("[SYSTEM|]VALUE");
  command.add_option("--trace", wanted.trace, "Of the request with this Ssp-TraceID")->type_name("GUID");
  command.add_option("--user", wanted.user, "By the user of exactly this id or name")->type_name("TEXT");
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
             "  gpconnect-gateway audit search --config gateway.toml --task 38fs0a9c40000 --json",
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
                        "      --output november.ndjson",
                        "The events hold patients' NHS numbers and users' names: keep them as you keep the outbox."));
  command.callback([options, &run] { run = [options] { return run_audit_export(*options); }; });
}

}  // namespace

void add_audit(CLI::App& app, Run& run) {
  auto& command = *app.add_subcommand("audit", "Check, search and export the audit of a gateway, also while it runs");
  command.require_subcommand(1);
  command.footer("Example:\n  gpconnect-gateway audit search --patient 9990000018 --newest");
  add_audit_verify(command, run);
  add_audit_search(command, run);
  add_audit_export(command, run);
  add_audit_accept(command, run);
}

}  // namespace gw::app
