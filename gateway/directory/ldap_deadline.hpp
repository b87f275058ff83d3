// A time by which libldap must be done with a connection's socket. Its own time limits do not cover a TLS handshake
// (Debian's is built with GnuTLS, and waits there for as long as the server says nothing), nor bytes that drip.
#pragma once

#include <chrono>
#include <memory>

#include "base/time.hpp"

struct ldap;

namespace gw::directory {

/// Not thread-safe. Outlives the handle that it is attached to, and does not move.
class LdapDeadline {
 public:
  LdapDeadline();
  LdapDeadline(const LdapDeadline&) = delete;
  LdapDeadline& operator=(const LdapDeadline&) = delete;
  ~LdapDeadline();

  /// Watch every connection that `handle` makes from now on. False when libldap does not take it.
  [[nodiscard]] bool attach(::ldap* handle);
  /// From now on reads and writes fail once `limit` has passed.
  void set(milliseconds limit);

 private:
  struct Watch;
  std::unique_ptr<Watch> watch_;
};

}  // namespace gw::directory
