#include "spine/identifier_systems.hpp"

#include <algorithm>

namespace gw::spine {

bool is_known_system(std::string_view system) {
  return system == kNhsNumberSystem || system == kOdsCodeSystem ||
         std::find(kSdsUserSystems.begin(), kSdsUserSystems.end(), system) != kSdsUserSystems.end();
}

std::string_view system_named(std::string_view short_name) {
  for (const auto system : {kNhsNumberSystem, kOdsCodeSystem, kSdsUserSystems.front()}) {
    if (system.substr(system.rfind('/') + 1) == short_name) return system;
  }
  return {};
}

std::string_view known_as(std::string_view system, std::span<const SystemAlias> aliases) {
  const auto found =
      std::find_if(aliases.begin(), aliases.end(), [&](const SystemAlias& alias) { return alias.theirs == system; });
  return found == aliases.end() ? system : found->ours;
}

}  // namespace gw::spine
