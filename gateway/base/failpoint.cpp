#include "base/failpoint.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace gw {

namespace detail {
constinit std::atomic<bool> failpoint_armed{false};
}  // namespace detail

namespace {

constexpr int kExitUsage = 64;

constinit std::atomic<std::size_t> armed_index{0};
constinit std::atomic<unsigned> hits_left{0};

// Runs before main, so that no point can be passed before the environment was read.
const bool environment_read = [] {
  const char* const spec = std::getenv("GW_FAILPOINT");
  if (spec == nullptr || arm_failpoint(spec)) return true;
  std::string text = "GW_FAILPOINT=" + std::string{spec} + " is not name or name:nth with one of these names:";
  for (const auto name : kFailpoints) text.append(" ").append(name);
  std::fprintf(stderr, "%s\n", text.c_str());
  std::_Exit(kExitUsage);
}();

}  // namespace

bool arm_failpoint(std::string_view spec) {
  detail::failpoint_armed = false;
  if (spec.empty()) return true;
  unsigned nth = 1;
  if (const auto colon = spec.find(':'); colon != std::string_view::npos) {
    const auto* const end = spec.data() + spec.size();
    const auto [stop, error] = std::from_chars(spec.data() + colon + 1, end, nth);
    if (error != std::errc{} || stop != end || nth == 0) return false;
    spec = spec.substr(0, colon);
  }
  const auto* const found = std::find(kFailpoints.begin(), kFailpoints.end(), spec);
  if (found == kFailpoints.end()) return false;
  armed_index = static_cast<std::size_t>(found - kFailpoints.begin());
  hits_left = nth;
  detail::failpoint_armed = true;
  return true;
}

void detail::hit_failpoint(std::size_t index) {
  if (index == armed_index && hits_left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace gw
