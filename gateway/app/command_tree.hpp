// The command line told in other forms: bash's completion and the manual page, both made from the commands as the
// parser holds them, so that neither can say anything else than --help. Pure; must not know what a command does.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace gw::app {

/// A script for bash that completes commands, options, and the values of those that take one of a few.
[[nodiscard]] std::string bash_completion(const CLI::App& app, std::string_view program);

/// A manual page for section 1 (roff, man macros). `date`: "2026-11-21".
[[nodiscard]] std::string manual_page(const CLI::App& app, std::string_view program, std::string_view date);

}  // namespace gw::app
