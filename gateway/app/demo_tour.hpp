// The demo's tour: good and bad tasks both ways, each step with the answer it must get.
#pragma once

#include <filesystem>

#include "app/demo_world.hpp"

namespace gw::app {

/// Runs every step, prints a line for each (what, HTTP status, outcome), and gives whether all did what they should.
/// Stops and starts practice-b on the way.
bool run_tour(DemoWorld& world, const std::filesystem::path& program);

}  // namespace gw::app
