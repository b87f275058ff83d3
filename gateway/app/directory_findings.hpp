// What is odd about a directory whose every line is well formed: endpoints that nothing can be delivered to, systems
// that nobody can reach or that can reach nobody, references that lead nowhere. Pure; must not know how it is told.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"
#include "directory/directory.hpp"

namespace gw::app {

/// Each line begins with its place, "organisations.csv:4: ".
struct DirectoryFindings {
  std::vector<std::string> mistakes;  ///< what can never work
  std::vector<std::string> warnings;  ///< what works otherwise than was probably meant
};

/// Everything that the directory's records say together, and beside `config`. Nothing of a patient but the line and
/// the code of the practice is in a text.
[[nodiscard]] DirectoryFindings examine_directory(const directory::Directory& directory, const Config& config);

/// The findings about one organisation's own row.
[[nodiscard]] DirectoryFindings examine_organisation(const directory::Directory& directory,
                                                     const directory::Organisation& organisation, const Config& config);

}  // namespace gw::app
