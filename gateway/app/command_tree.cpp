#include "app/command_tree.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/version.hpp"

namespace gw::app {

namespace {

/// A command and the words that lead to it: "outbox list"; empty for the program itself.
struct Command {
  std::string path;
  const CLI::App* app;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Command>& commands) {
  commands.push_back({path, &app});
  for (const auto* const below : app.get_subcommands({})) {
    if (below->get_name().empty()) {
      continue;  // a group of options: add_options() takes those
    }
    collect(*below, path.empty() ? below->get_name() : path + " " + below->get_name(), commands);
  }
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> commands;
  collect(app, "", commands);
  return commands;
}

void add_options(const CLI::App& app, std::vector<const CLI::Option*>& options) {
  for (const auto* const option : app.get_options({})) {
    if (option != app.get_help_ptr()) options.push_back(option);
  }
  for (const auto* const group : app.get_subcommands({})) {
    if (group->get_name().empty()) add_options(*group, options);
  }
}

/// Those of the command, its groups' too, in the order they were added; without --help, which all have.
std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  std::vector<const CLI::Option*> options;
  add_options(app, options);
  return options;
}

/// "--config" and "-c"; none for a positional.
std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

/// The few words that an option takes: "action info" of the type "TEXT:{action,info}"; empty when it takes others.
std::string values_of(const CLI::Option& option) {
  const auto type = option.get_type_name();
  const auto begin = type.find('{');
  const auto end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  auto values = type.substr(begin + 1, end - begin - 1);
  std::replace(values.begin(), values.end(), ',', ' ');
  return values;
}

bool takes_file(const CLI::Option& option) {
  const auto type = option.get_type_name();
  return type.find("FILE") != std::string::npos || type.find("DIR") != std::string::npos;
}

/// One arm of the script's `case "$path|$before"`: what may stand after an option.
void append_value_arm(const Command& command, const CLI::Option& option, std::string& script) {
  if (!takes_value(option) || option.get_positional()) return;
  std::string patterns;
  for (const auto& name : names_of(option)) {
    patterns += fmt::format("{}'{}|{}'", patterns.empty() ? "" : " | ", command.path, name);
  }
  const auto values = values_of(option);
  if (!values.empty()) {
    script += fmt::format("    {})\n      COMPREPLY=($(compgen -W '{}' -- \"$current\"))\n      return ;;\n", patterns,
                          values);
  } else if (takes_file(option)) {
    script += fmt::format("    {}) return ;;\n", patterns);
  } else {
    script += fmt::format("    {})\n      compopt +o default 2>/dev/null\n      return ;;\n", patterns);
  }
}

/// Whether a file may stand after it, without an option before.
bool takes_bare_file(const Command& command) {
  const auto options = options_of(*command.app);
  return std::any_of(options.begin(), options.end(),
                     [](const auto* option) { return option->get_positional() && takes_file(*option); });
}

std::string words_after(const Command& command) {
  std::string words;
  for (const auto* const below : command.app->get_subcommands({})) {
    if (!below->get_name().empty()) words += below->get_name() + " ";
  }
  for (const auto* const option : options_of(*command.app)) {
    for (const auto& name : names_of(*option)) words += name + " ";
  }
  return words + "--help";
}

/// Text as roff: nothing in it is taken for a request or an escape.
std::string roff(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

std::string shown_type(const CLI::Option& option) {
  if (!takes_value(option)) return {};
  const auto values = values_of(option);
  if (values.empty()) return option.get_type_name().substr(0, option.get_type_name().find(':'));
  auto choice = values;
  std::replace(choice.begin(), choice.end(), ' ', '|');
  return choice;
}

void append_option(const CLI::Option& option, std::string& page) {
  const auto names = names_of(option);
  const auto type = shown_type(option);
  const auto name = names.empty() ? option.get_name(true) : fmt::format("{}", fmt::join(names, ", "));
  const auto standard = option.get_default_str();
  page += fmt::format(".TP\n.B {}", roff(name));
  if (!type.empty()) page += fmt::format(" \\fI{}\\fR", roff(type));
  page += fmt::format("\n{}{}{}.\n", roff(option.get_description()), option.get_required() ? " (required)" : "",
                      standard.empty() ? "" : fmt::format(" (default: {})", roff(standard)));
}

void append_command(const Command& command, std::string_view program, std::string& page) {
  page += fmt::format(".SS {} {}\n{}.\n", program, roff(command.path), roff(command.app->get_description()));
  for (const auto* const option : options_of(*command.app)) append_option(*option, page);
  const auto footer = command.app->get_footer();
  if (!footer.empty()) page += fmt::format(".PP\n.nf\n{}\n.fi\n", roff(footer));
}

}  // namespace

std::string bash_completion(const CLI::App& app, std::string_view program) {
  const auto commands = commands_of(app);
  std::string paths;
  std::string values;
  std::string words;
  std::string files;
  for (const auto& command : commands) {
    if (!command.path.empty()) paths += fmt::format("{}'{}'", paths.empty() ? "" : " | ", command.path);
    for (const auto* const option : options_of(*command.app)) append_value_arm(command, *option, values);
    words += fmt::format("    '{}') words='{}' ;;\n", command.path, words_after(command));
    if (takes_bare_file(command)) files += fmt::format("{}'{}'", files.empty() ? "" : " | ", command.path);
  }
  return fmt::format(
      R"(# bash completion for {0}, as `{0} completion` prints it: made from the program's own options.
_gpconnect_gateway() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD - 1]}}" path='' longer='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="${{path:+$path }}${{COMP_WORDS[i]}}"
    case "$longer" in
    {1}) path="$longer" ;;
    esac
  done
  case "$path|$before" in
{2}  esac
  case "$path" in
{3}  esac
  case "$path" in
  {4}) [[ "$current" == -* ]] || return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _gpconnect_gateway {0}
)",
      program, paths, values, words, files);
}

std::string manual_page(const CLI::App& app, std::string_view program, std::string_view date) {
  std::string page = fmt::format(
      ".TH {} 1 \"{}\" \"{} {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n"
      "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n{}.\n.SH COMMANDS\n",
      "GPCONNECT\\-GATEWAY", date, program, kVersion, roff(program), "GP Connect task gateway", roff(program),
      roff(app.get_description()));
  page += "Each command has \\fB\\-\\-help\\fR, which says the same as this page.\n";
  for (const auto& command : commands_of(app)) {
    const bool leads_on = command.app->get_require_subcommand_min() > 0;
    if (!command.path.empty() && !leads_on) append_command(command, roff(program), page);
  }
  page +=
      ".SH EXIT STATUS\nThe same for every command.\n"
      ".TP\n.B 0\nDone; the answer is yes.\n"
      ".TP\n.B 1\nThe answer is no: a task was refused or not delivered, a file is not right, there is no such task.\n"
      ".TP\n.B 2\nWrong use of the command line; nothing was done.\n"
      ".TP\n.B 3\nIt could not be done: the configuration is not right, a file cannot be read, no gateway is there.\n"
      ".TP\n.B 70\nOf \\fBserve\\fR alone: a commit to the outbox failed; the next start settles what is on disk.\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B GPCONNECT_GATEWAY_CONFIG\nThe configuration, where \\fB\\-\\-config\\fR is not given.\n"
      ".SH FILES\n"
      ".TP\n.I /etc/gpconnect\\-gateway/gateway.toml\nThe configuration of the packaged service.\n"
      ".TP\n.I /var/lib/gpconnect\\-gateway\nIts outbox and audit.\n"
      ".TP\n.I /usr/share/doc/gpconnect\\-gateway\nREADME, and in gateway/guides: deploying, certificates, errors, "
      "runbook.\n"
      ".SH SIGNALS\n\\fBserve\\fR reads certificates, directory, token keys and the console's users again on SIGHUP, "
      "and ends in order on\n"
      "SIGTERM and SIGINT.\n";
  return page;
}

}  // namespace gw::app
