// What makes or judges one message: gpconnect-gateway send, validate, lint-jwt.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "app/command_line.hpp"
#include "app/commands.hpp"

namespace gw::app {

namespace {

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

}  // namespace

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
  command
      .add_option("--user", options->user,
                  "In whose name, for the recipient and both audits; without these three it is a test that the "
                  "gateway's operator makes: 'Gateway Operator Test', no SDS user id (UNK), systems support (R8015)")
      ->type_name("NAME");
  command.add_option("--sds-id", options->sds_id, "That user's SDS user id; UNK without it")
      ->needs("--user")
      ->type_name("ID");
  command.add_option("--role", options->role, "That user's SDS job role; R8015 without it")
      ->needs("--user")
      ->type_name("CODE");
  command.add_option("--print", options->print, "Print the request's headers or body instead of sending it")
      ->check(CLI::IsMember({"headers", "body"}));
  command.add_flag("--json", options->json, "Answer in JSON");
  command.footer(
      footer("the gateway answered that it was refused, not delivered, or that this is not known",
             "  gpconnect-gateway send --config gateway.toml --from A20001 --to U20002 --patient 9990000018 \\\n"
             "      --type action --text 'Please ring her about the result.'",
             "Without an answer the exit code is 3, and the words say whether the task was certainly not delivered.\n"
             "It connects with this gateway's own certificate: --from must have that FQDN in the directory."));
  command.callback([options, &run] { run = [options] { return run_send(*options); }; });
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
             "  my-system print-token | gpconnect-gateway lint-jwt --interaction read:order --json",
             "The token is never an argument: other users of the machine could read it in the process list.\n"
             "Checked as for a sender without settings of its own."));
  command.callback([options, &run] { run = [options] { return run_lint_jwt(*options); }; });
}

}  // namespace gw::app
