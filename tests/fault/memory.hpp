// What this process has in memory. Under a sanitizer that tells nothing: what was freed is kept.
#pragma once

#include <fstream>
#include <string>

namespace gw::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kMemoryTells = false;
#else
inline constexpr bool kMemoryTells = true;
#endif

[[nodiscard]] inline long resident_kb() {
  constexpr std::string_view kName = "VmRSS:";
  std::ifstream in{"/proc/self/status"};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kName)) return std::stol(line.substr(kName.size()));
  }
  return 0;
}

}  // namespace gw::test
