// The command line taken apart by CLI11: each add_* gives a subcommand its options and its --help, and sets `run` to
// what it does (commands.hpp) once the line is read.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace gw::app {

/// Gives the exit code.
using Run = std::function<int()>;

void add_serve(CLI::App& app, Run& run);
void add_check_config(CLI::App& app, Run& run);
void add_send(CLI::App& app, Run& run);
void add_outbox(CLI::App& app, Run& run);
void add_directory(CLI::App& app, Run& run);
void add_audit(CLI::App& app, Run& run);
void add_console(CLI::App& app, Run& run);
void add_validate(CLI::App& app, Run& run);
void add_lint_jwt(CLI::App& app, Run& run);
void add_demo(CLI::App& app, Run& run);
void add_doctor(CLI::App& app, Run& run);

/// The end of a command's --help: what exit code 1 means for it (commands.hpp has them all), how it is called, and what
/// else is to be known.
std::string footer(std::string_view no, std::string_view examples, std::string_view notes = {});

/// -c, --config FILE; until it is given the environment's, or the packaged service's.
CLI::Option* add_config(CLI::App& command, std::filesystem::path& config);
/// --pki-script FILE; until it is given the packaged one.
CLI::Option* add_pki_script(CLI::App& command, std::filesystem::path& script);

}  // namespace gw::app
