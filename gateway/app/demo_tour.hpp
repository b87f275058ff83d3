// The demo's tour: good and bad tasks both ways, each step with the answer it must get.
#pragma once

#include <filesystem>

#include "app/demo_world.hpp"
#include "app/stop_signals.hpp"

namespace gw::app {

/// Runs every step, prints a line for each (what, HTTP status, outcome), and gives whether all did what they should.
/// Stops and starts practice-b on the way. Once `stop` has come it ends early, after the step that is running.
bool run_tour(DemoWorld& world, const std::filesystem::path& program, const StopSignals& stop);

}  // namespace gw::app
