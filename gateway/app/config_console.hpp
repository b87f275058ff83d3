// [console] of the config file: read, and checked.
#pragma once

#include "app/config.hpp"

namespace gw::app {

class Section;

/// [console] and [console.users.NAME]. Its files are those of [tls] where it names none.
void read_console(Section section, Config& config);
/// How its settings go together, and whether each user has what their role needs.
void check_console(const Config& config, ConfigMistakes& mistakes);

}  // namespace gw::app
