// Asks a Spine Directory Service in its two steps (SSP-09): the accredited system (nhsAs), then the message handling
// service of its party (nhsMhs). Whatever an entry says is checked as a file's line would be. Knows nothing of caches.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "directory/ldap_connection.hpp"

namespace gw::directory {

/// A system as the service has it registered.
struct SpineSystem {
  OdsCode ods;
  Asid asid;
  std::string party_key;
  std::string endpoint;                   ///< for the interaction that was asked for; empty when asked for by ASID
  std::string fqdn;                       ///< lower case; empty when none is registered, or several that differ
  std::vector<std::string> interactions;  ///< never empty
};

/// What is asked for: the system of an ASID, or the systems of an organisation that serve an interaction.
struct SpineKey {
  enum class By : unsigned char { kAsid, kOds };
  By by = By::kAsid;
  std::string id;           ///< ASID or ODS code
  std::string interaction;  ///< kOds alone
  auto operator<=>(const SpineKey&) const = default;
};

struct SpineSettings {
  LdapSettings ldap;
  std::string base = "ou=services,o=nhs";  ///< distinguished name that everything is below
  std::size_t systems = 8;                 ///< of one organisation for one interaction; what is beyond is not used
};

/// As LdapConnection: not thread-safe, and blocks.
class SpineLookup {
 public:
  explicit SpineLookup(const SpineSettings& settings)
      : connection_(settings.ldap), base_(settings.base), systems_(settings.systems) {}

  /// Every registered system that fits, none when there is none. An entry that breaks a form, contradicts another or
  /// was not asked for is left out, with a warning in the log that names it. Faults: as LdapConnection::search.
  [[nodiscard]] Result<std::vector<SpineSystem>> find(const SpineKey& key);

 private:
  [[nodiscard]] Result<bool> add_service(SpineSystem& system, const SpineKey& key);

  LdapConnection connection_;
  std::string base_;
  std::size_t systems_;
};

}  // namespace gw::directory
