// What the console is told by the configuration: where it listens, who may sign in, its limits. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "net/server.hpp"
#include "net/tls_context.hpp"

namespace gw::console {

/// What a person may do. Clinicians and administrators see and send the tasks of one organisation, operators see how
/// delivery does, auditors read the audit; none does another's work.
enum class Role : unsigned char { kClinician, kAdministrator, kOperator, kAuditor };

[[nodiscard]] std::string_view name_of(Role role);  ///< "clinician", as the configuration says it
[[nodiscard]] inline bool sees_tasks(Role role) {
  return role == Role::kClinician || role == Role::kAdministrator;
}

/// Somebody who may sign in: by password, by client certificate, or by either.
struct User {
  std::string id;    ///< what is typed at sign-in; the audit's user id
  std::string name;  ///< "Dr Ada Jones"
  Role role = Role::kAuditor;
  OdsCode organisation;       ///< of clinicians and administrators; else empty
  std::string sds_user_id;    ///< of those who send tasks
  std::string job_role;       ///< the same: sds-job-role-name code
  std::string password_hash;  ///< libsodium's crypto_pwhash_str; empty: no password opens it
  std::string certificate;    ///< SHA-256 of a client certificate, lower-case hex; empty: none does

  friend bool operator==(const User&, const User&) = default;
};

struct Settings {
  bool on = false;  ///< the configuration has a [console]
  net::ListenAddress listen{.host = "127.0.0.1", .port = 8445};
  net::TlsFiles tls;                    ///< [tls]'s own files unless it names others
  seconds idle{15 * 60};                ///< a session without a request ends after this
  seconds session{8 * 3600};            ///< every session ends after this
  std::size_t sessions = 1'000;         ///< at a time; beyond it the one that was idle longest ends
  std::size_t sign_in_failures = 5;     ///< of one person from one address, before they have to wait
  seconds sign_in_wait{15 * 60};        ///< so long; and how long failures are remembered
  std::size_t sign_ins_waiting = 32;    ///< passwords being checked, one after the other; beyond it: try again
  std::size_t audit_records = 50;       ///< shown at once of a search in the audit
  std::size_t audit_searches = 8;       ///< waiting beside the one that runs; beyond it: try again
  std::size_t form_bytes = 64 * 1024;   ///< largest form that is read
  std::size_t text_characters = 5'000;  ///< of a task's text
  std::vector<User> users;              ///< at the start; Users has those of now
};

}  // namespace gw::console
