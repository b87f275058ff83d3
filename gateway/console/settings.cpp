#include "console/settings.hpp"

namespace gw::console {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kClinician:
      return "clinician";
    case Role::kAdministrator:
      return "administrator";
    case Role::kOperator:
      return "operator";
    case Role::kAuditor:
      return "auditor";
  }
  return "auditor";
}

}  // namespace gw::console
