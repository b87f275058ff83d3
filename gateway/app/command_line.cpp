#include "app/command_line.hpp"

#include <fmt/format.h>

namespace gw::app {

std::string footer(std::string_view no, std::string_view examples) {
  return fmt::format("Exit codes: 0 done, {}2 wrong use, 3 could not be done.\nExample:\n{}",
                     no.empty() ? std::string{} : fmt::format("1 {}, ", no), examples);
}

CLI::Option* add_config(CLI::App& command, std::filesystem::path& config) {
  return command.add_option("-c,--config", config, "The gateway's configuration file (TOML)")
      ->required()
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
}

}  // namespace gw::app
