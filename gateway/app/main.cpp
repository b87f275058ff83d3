// gpconnect-gateway: the one binary. This file only puts the command line together; each command is a file of its own.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_line.hpp"
#include "app/command_tree.hpp"
#include "app/commands.hpp"
#include "app/unknown_command.hpp"
#include "base/version.hpp"

namespace {

using namespace gw::app;

constexpr std::string_view kProgram = "gpconnect-gateway";

/// Both print what --help says of the commands, in another form.
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
