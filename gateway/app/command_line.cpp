#include "app/command_line.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <system_error>

namespace gw::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigVariable = "GPCONNECT_GATEWAY_CONFIG";
constexpr const char* kPackagedConfig = "/etc/gpconnect-gateway/gateway.toml";
constexpr const char* kPackagedPkiScript = "/usr/share/gpconnect-gateway/make-pki.sh";

/// `file` where it is there, or where this user may not see whether it is: the command then says so; else empty.
fs::path where_there(const char* file) {
  std::error_code error;
  const bool there = fs::exists(file, error);
  return there || error == std::errc::permission_denied ? fs::path{file} : fs::path{};
}

fs::path usual_config() {
  const char* const named = std::getenv(kConfigVariable);
  return named != nullptr && *named != '\0' ? fs::path{named} : where_there(kPackagedConfig);
}

/// Until it is given, `file` is what `usual` finds; where that is nothing it has to be given. Looked for when the
/// command is there, so that what is printed of all commands is the same on every machine.
void or_usual(CLI::App& command, CLI::Option* option, fs::path& file, fs::path (*usual)()) {
  command.preparse_callback([option, &file, usual](std::size_t) {
    file = usual();
    option->required(file.empty());
  });
}

}  // namespace

std::string footer(std::string_view no, std::string_view examples, std::string_view notes) {
  return fmt::format("Exit codes: 0 done, {}2 wrong use, 3 could not be done.\nExample:\n{}{}{}",
                     no.empty() ? std::string{} : fmt::format("1 {}, ", no), examples, notes.empty() ? "" : "\n\n",
                     notes);
}

CLI::Option* add_config(CLI::App& command, fs::path& config) {
  auto* const option =
      command
          .add_option(
              "-c,--config", config,
              fmt::format("The gateway's configuration file (TOML); without it ${}, else {} where that is there",
                          kConfigVariable, kPackagedConfig))
          ->check(CLI::ExistingFile)
          ->type_name("FILE");
  or_usual(command, option, config, usual_config);
  return option;
}

CLI::Option* add_pki_script(CLI::App& command, fs::path& script) {
  auto* const option =
      command
          .add_option("--pki-script", script,
                      fmt::format("certs/make-pki.sh of the source tree; without it {} where that is there",
                                  kPackagedPkiScript))
          ->check(CLI::ExistingFile)
          ->type_name("FILE");
  or_usual(command, option, script, [] { return where_there(kPackagedPkiScript); });
  return option;
}

}  // namespace gw::app
