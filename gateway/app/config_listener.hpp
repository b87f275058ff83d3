// What holds of every listener of the config file.
#pragma once

#include <string_view>

#include "app/config.hpp"

namespace gw::app {

/// Whether [`table`]'s address is one.
void check_listener(const Config& config, std::string_view table, const net::ListenAddress& listen,
                    ConfigMistakes& mistakes);
/// Whether two listeners would want the same socket.
[[nodiscard]] bool collide(const net::ListenAddress& one, const net::ListenAddress& other);

}  // namespace gw::app
