// A real OpenLDAP server on the loopback with entries of the kind that a Spine Directory Service holds. Its schema is
// ours: the names and shapes that the gateway asks for, nothing more. It demands a client certificate of its authority,
// listens on 127.0.0.1 and 127.0.0.2, and has a certificate for the first alone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "directory/spine_lookup.hpp"
#include "support/test_pki.hpp"

namespace gw::test {

class Slapd {
 public:
  /// Whether this machine has the server; where not, tests say so and pass over what needs it.
  [[nodiscard]] static bool present();

  /// Loads `ldif` (below o=nhs) and starts. Throws when the server does not come up.
  explicit Slapd(const std::string& ldif);
  Slapd(const Slapd&) = delete;
  Slapd& operator=(const Slapd&) = delete;
  ~Slapd();

  /// Ends the process and waits for its end.
  void stop();
  /// On the same port, with the same entries.
  void start();
  /// Settings that reach it: ldaps, our certificate, its authority trusted.
  [[nodiscard]] directory::SpineSettings settings() const;
  /// The same with StartTLS on its plain port.
  [[nodiscard]] directory::SpineSettings settings_with_start_tls() const;
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  TestCa ca_{"Directory Root"};
  std::uint16_t port_, plain_port_;
  pid_t process_ = -1;
};

/// One accredited system: what nhsAs holds of it. `interactions` stand with spaces between them.
[[nodiscard]] std::string ldif_of_system(const std::string& ods, const std::string& asid, const std::string& party,
                                         const std::string& interactions);
/// One message handling service: what nhsMhs holds of it. Empty values are left out. `id` makes the entry's name.
[[nodiscard]] std::string ldif_of_service(const std::string& id, const std::string& party,
                                          const std::string& interaction, const std::string& endpoint,
                                          const std::string& fqdn);

}  // namespace gw::test
