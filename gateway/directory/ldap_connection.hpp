// One connection to an LDAP server over TLS with our client certificate, and searches on it. Knows libldap, which
// blocks; must not know what the entries mean.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_state.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/ldap_deadline.hpp"

struct ldap;

namespace gw::directory {

struct LdapSettings {
  std::string url;                    ///< "ldaps://host:636", or "ldap://host:389": then StartTLS, never in the clear
  std::filesystem::path certificate;  ///< ours, PEM, leaf first
  std::filesystem::path key;          ///< PEM
  std::filesystem::path trust;        ///< who may vouch for the server's certificate, PEM
  std::filesystem::path crl;          ///< empty: no revocation check
  milliseconds connect{2'000};        ///< to connect, TLS included
  milliseconds search{3'000};         ///< for the answer to one search
  std::size_t entries = 200;          ///< a search that finds more is refused
  std::size_t answer_bytes = std::size_t{1} << 20U;  ///< the longest message of the server that is read
  seconds idle{60};                                  ///< a connection that was not used for so long is made anew
};

/// An entry as it was found. `values` stand in the order of the attributes that were asked for; absent ones are empty.
struct LdapEntry {
  std::string name;  ///< distinguished name, shortened: for the log
  std::vector<std::vector<std::string>> values;
};

/// `value` as it may stand in a search filter: whatever is not a plain ASCII letter, digit or one of "-.:_" is written
/// as a backslash and two hexadecimal digits (RFC 4515).
[[nodiscard]] std::string escaped_for_filter(std::string_view value);

/// Connects when it is first needed. Not thread-safe; every call blocks, at most for the named times and for DNS. Never
/// call it on an io thread. Referrals are not followed and aliases not resolved: only the named server is ever asked.
class LdapConnection {
 public:
  explicit LdapConnection(LdapSettings settings) : settings_(std::move(settings)) {}

  /// The entries below `base` that `filter` matches. A connection that turns out to be dead is made anew once.
  /// Faults: kUnreachable (connection, or any handshake that failed), kTimeout, kTooLarge (more entries or longer
  /// messages than the settings allow), kInvalid (certificate files), kMalformed (the server refused or broke the
  /// protocol).
  [[nodiscard]] Result<std::vector<LdapEntry>> search(const std::string& base, const std::string& filter,
                                                      const std::vector<std::string>& attributes);

 private:
  struct Unbind {
    void operator()(::ldap* handle) const;
  };
  using Time = std::chrono::steady_clock::time_point;
  using FileStates = std::array<FileState, 4>;

  Status connect();
  Status use_tls(::ldap* handle);
  Result<std::vector<LdapEntry>> search_once(const std::string& base, const std::string& filter,
                                             const std::vector<std::string>& attributes);
  [[nodiscard]] Fault fault_of(int code, std::string_view doing) const;

  LdapSettings settings_;
  LdapDeadline deadline_;
  std::unique_ptr<::ldap, Unbind> handle_;
  Time used_at_{};
  void* tls_ = nullptr;  ///< libldap's context, made of the files as tls_made_of_ says
  FileStates tls_made_of_{};
};

}  // namespace gw::directory
