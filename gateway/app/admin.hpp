// The admin listener's few paths: is it alive, is it ready, what was measured (OPS-02). Loopback by default; never
// patient data.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "app/metrics.hpp"
#include "app/own_certificate.hpp"
#include "base/time.hpp"
#include "delivery/courier.hpp"
#include "directory/spine_directory.hpp"
#include "exchange/meters.hpp"
#include "net/handler.hpp"
#include "net/server.hpp"
#include "outbox/outbox.hpp"

namespace gw::app {

namespace asio = boost::asio;

/// What it looks at; all of it outlives the listener.
struct AdminView {
  const Clock& clock;
  outbox::Outbox& outbox;
  const delivery::Courier& courier;
  const net::Server& server;
  const exchange::Meters& meters;
  const directory::SpineDirectory* service = nullptr;  ///< null: the directory is its files alone
};

class Admin final : public net::Handler {
 public:
  explicit Admin(const AdminView& view) : view_(view), started_(view.clock.now()) {
    for (auto& worked : reloaded_) worked.store(true);
  }
  /// When the own certificate and the first revocation list end, at the start and after a reload. Thread-safe.
  void note_certificate(const CertificateDates& dates) { certificate_until_.store(dates.until); }
  void note_crl(Instant until) { crl_until_.store(until); }
  /// How reading `what` again went. Thread-safe.
  void note_reload(Reload what, bool worked) { reloaded_.at(static_cast<std::size_t>(what)).store(worked); }

  asio::awaitable<Response> handle(const RequestHead& head, net::BodyReader& body) override;
  asio::awaitable<Response> protocol_error(net::ProtocolFault fault, std::string_view detail,
                                           const Peer& peer) override;

 private:
  asio::awaitable<Response> metrics();

  AdminView view_;
  Instant started_;
  std::atomic<Instant> certificate_until_{};
  std::atomic<Instant> crl_until_{Instant::max()};
  std::array<std::atomic<bool>, kReloads.size()> reloaded_;
};

}  // namespace gw::app
