// What /metrics says (OPS-02): everything that is measured anywhere in the gateway, gathered into one page.
// Must not know HTTP. No label names a patient, a user, a sender or a trace; recipients are those of the directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/own_certificate.hpp"
#include "base/time.hpp"
#include "delivery/courier.hpp"
#include "directory/spine_directory.hpp"
#include "exchange/meters.hpp"
#include "outbox/outbox.hpp"

namespace gw::app {

/// One moment of the gateway.
struct Measured {
  const exchange::Meters& meters;
  bool ready = false;
  outbox::Depth depth;
  outbox::Stats stats;
  std::vector<outbox::Backlog> backlog;
  std::vector<delivery::RecipientHealth> recipients;
  std::size_t connections = 0;                      ///< of senders, open now
  Instant certificate_until;                        ///< when the first certificate of this gateway's own chain ends
  std::optional<directory::SpineHealth> directory;  ///< none: the directory is its files alone
  Instant started;
  Instant now;
};

/// The page, in the Prometheus text format.
[[nodiscard]] std::string metrics_page(const Measured& measured);

}  // namespace gw::app
