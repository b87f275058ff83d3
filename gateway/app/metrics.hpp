// What /metrics says (OPS-02): everything that is measured anywhere in the gateway, gathered into one page.
// Must not know HTTP. No label names a patient, a user, a sender or a trace; recipients are those of the directory.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/own_certificate.hpp"
#include "base/time.hpp"
#include "delivery/courier.hpp"
#include "directory/spine_directory.hpp"
#include "exchange/meters.hpp"
#include "outbox/outbox.hpp"

namespace gw::app {

/// What is read again on SIGHUP, and what it is called.
enum class Reload : unsigned char { kDirectory, kTokenKeys, kServerCertificates, kClientCertificates, kConsoleUsers };
inline constexpr std::array<std::string_view, 5> kReloads = {"directory", "token keys", "server certificates",
                                                             "client certificates", "console users"};

/// One moment of the gateway.
struct Measured {
  const exchange::Meters& meters;
  bool ready = false;
  outbox::Depth depth;
  outbox::Stats stats;
  std::vector<outbox::Backlog> backlog;
  std::vector<delivery::RecipientHealth> recipients;
  std::size_t connections = 0;         ///< of senders, open now
  Instant certificate_until;           ///< when the first certificate of this gateway's own chain ends
  Instant crl_until = Instant::max();  ///< when the first revocation list ends; max: there is none
  std::array<bool, kReloads.size()> reloaded{true, true, true, true, true};  ///< whether the last reading again worked
  std::optional<directory::SpineHealth> directory;                           ///< none: the directory is its files alone
  Instant started;
  Instant now;
};

/// The page, in the Prometheus text format.
[[nodiscard]] std::string metrics_page(const Measured& measured);

}  // namespace gw::app
