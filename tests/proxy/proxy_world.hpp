// A whole gateway in this process, a recipient's system that does what a script says, and a sender: all over real TLS
// on the loopback.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/instance.hpp"
#include "base/http.hpp"
#include "base/time.hpp"
#include "support/blocking_peer.hpp"
#include "support/test_pki.hpp"

namespace gw::test {

inline constexpr std::string_view kCareRecord = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getcarerecord";
inline constexpr std::string_view kReadAppointment = "urn:nhs:names:services:gpconnect:fhir:rest:read:appointment";
inline constexpr std::string_view kCreateOrder = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
/// Below the gateway's root: the recipient's service in both URL forms, and the organisation with a mailbox.
inline constexpr std::string_view kDirect = "/C33333/DSTU2/1";
inline constexpr std::string_view kProxied = "/https://provider.example.test:8443/C33333/DSTU2/1";
inline constexpr std::string_view kMailbox = "/B82001/DSTU2/1";

class ProxyWorld {
 public:
  /// When the recipient's script takes a connection over: after its handshake; or as it comes, over narrow sockets.
  enum class Meets : unsigned char { kSecured, kBare };

  /// `recipient` is run on each connection that reaches the recipient's system.
  explicit ProxyWorld(std::function<void(BlockingPeer&)> recipient,
                      const std::function<void(app::Config&)>& adjust = {}, Meets meets = Meets::kSecured);

  /// The directory's file of organisations, as CSV.
  [[nodiscard]] static std::string_view organisations();

  /// The sender's connection to the gateway.
  [[nodiscard]] BlockingPeer sender() const;
  /// A head up to and without its empty line: request line, Host, envelope and token for `interaction`.
  [[nodiscard]] std::string head(std::string_view verb, std::string_view target, std::string_view interaction) const;
  /// Connections that the recipient's system saw, TCP ones.
  [[nodiscard]] int reached() const { return reached_; }
  [[nodiscard]] std::uint16_t recipient_port() const { return recipient_.port(); }
  [[nodiscard]] std::uint16_t port() const { return gateway_->port(); }
  /// Where the gateway's files are.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::uint16_t admin_port() const { return gateway_->admin_port(); }
  [[nodiscard]] app::Instance& gateway() { return *gateway_; }
  [[nodiscard]] std::filesystem::path outbox_path() const { return folder_.path() / "outbox.db"; }
  [[nodiscard]] TestCa& ca() { return ca_; }
  [[nodiscard]] const Identity& sender_identity() const { return sender_; }
  [[nodiscard]] const Identity& provider() const { return provider_; }
  /// Revoke a certificate, and put the new revocation list where the gateway reads it.
  void revoke(const Identity& identity);

 private:
  [[nodiscard]] app::Config config(const std::function<void(app::Config&)>& adjust);

  TemporaryFolder folder_;
  TestCa ca_{"Proxy Root"};
  Identity hub_, sender_, provider_;
  std::atomic<int> reached_{0};
  ScriptedServer recipient_;
  SystemClock clock_;
  std::unique_ptr<app::Instance> gateway_;
};

/// The body of a chunked message, and whether its last chunk is there.
struct Dechunked {
  std::string body;
  bool complete = false;
};
[[nodiscard]] Dechunked dechunked(std::string_view wire);

}  // namespace gw::test
