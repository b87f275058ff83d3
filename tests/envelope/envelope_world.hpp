// One gateway in this process, real TLS sockets, recipients that misbehave each in its own way, and a good request that
// a row of a table spoils in one place.
#pragma once

#include <rapidjson/document.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/instance.hpp"
#include "base/http.hpp"
#include "support/blocking_peer.hpp"
#include "support/test_pki.hpp"
#include "support/token_signer.hpp"

namespace gw::test {

/// Interactions, without the prefix that all have.
inline const std::string kInteraction = "urn:nhs:names:services:gpconnect:fhir:rest:";
/// Below the gateway's root: the organisation with a mailbox.
inline const std::string kMailbox = "/B82001/DSTU2/1";

/// A JSON object, changed member by member; members are named by JSON pointers ("/identifier/0/value").
class JsonText {
 public:
  explicit JsonText(const std::string& text);
  /// Put `json` in a member's place, or add it.
  void set(const std::string& pointer, const std::string& json);
  void erase(const std::string& pointer);
  /// What stands there, as JSON; it must be there.
  [[nodiscard]] std::string at(const std::string& pointer) const;
  [[nodiscard]] std::string text() const;

 private:
  std::shared_ptr<rapidjson::Document> document_;
};

/// A request on its way to be sent: as good as can be until a row spoils it.
struct Request {
  std::string method = "POST";
  std::string target = kMailbox + "/Order";
  Headers headers;                                        ///< without Authorization and framing
  JsonText token, order;                                  ///< the token's payload; the body
  std::optional<std::vector<std::string>> authorization;  ///< these header values, in place of the token's
  std::optional<std::string> body;                        ///< these bytes, in place of the order
  std::string party = "sender";                           ///< whose certificate; see World's parties
  int max_tls = 0;                                        ///< the sender's last TLS version; 0: any
  std::shared_ptr<void> kept;                             ///< what must live until the answer is there

  void set(std::string_view name, const std::string& value);  ///< the one header of this name
  void add(std::string_view name, const std::string& value);  ///< one more
  void drop(std::string_view name);
  /// Ask `/Order?x=y` or the like of the mailbox instead of sending a task. `interaction` as in "read:order".
  void get(const std::string& below, const std::string& interaction);
  /// Send to another organisation: "C33333" with the ASID that ends in 3.
  void send_to(std::string_view ods, int asid);
  /// Send as another organisation: the ASID that ends in `asid`.
  void send_as(int asid);
  /// Its token, unsecured.
  [[nodiscard]] std::string jwt() const;
  [[nodiscard]] std::string wire() const;
};

/// What came back.
struct Answer {
  int status = 0;  ///< 0: no HTTP answer
  Headers headers;
  std::string body;

  /// "400 BAD_REQUEST invalid" of the first error issue, "201" where there is none, "no answer".
  [[nodiscard]] std::string verdict() const;
};

/// The parties, all with certificates of one authority where nothing else is said:
/// sender (sender.example.test, for the ASIDs 1, 4, 5, 6, 8, 9, 17, 18), mailbox (mailbox.example.test, for the 2),
/// common-name (the same, without a SAN), two-names (the same as the second SAN), other (other.example.test), proxy
/// (proxy.example.test, trusted), none, plain (no TLS), and the bad certificates self-signed, untrusted, expired,
/// future, revoked, server-only.
class World {
 public:
  static constexpr std::size_t kConnections = 16;  ///< that the gateway serves at a time

  explicit World(const std::function<void(app::Config&)>& adjust = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  [[nodiscard]] Request good_request();
  /// Sends on a kept connection where that is possible.
  Answer send(const Request& request);
  /// A connection of a party, its handshake done; to be kept until the request's answer is there.
  [[nodiscard]] std::shared_ptr<BlockingPeer> connect(const std::string& party, int max_tls = 0);
  /// A task that has come as far as the recipient N13131, which lets it wait until what is given dies.
  [[nodiscard]] std::shared_ptr<void> occupy_recipient();
  /// Give A11111 another policy, and let the gateway read its files again. The policy as in a line of the directory,
  /// from the Token Leeway on: "unlimited,,,,,,,why"; empty for none.
  void set_policy_of_sender(const std::string& policy);
  /// The request's token, signed with the key that T18181 has, under the name `kid`.
  [[nodiscard]] std::string signed_token(const Request& request, const std::string& kid = "k1") const;
  /// Connections to recipients so far.
  [[nodiscard]] int reached() const { return reached_; }
  /// The gateway's database.
  [[nodiscard]] std::filesystem::path outbox() const { return folder_.path() / "outbox.db"; }
  [[nodiscard]] std::uint16_t admin_port() const { return gateway_->admin_port(); }

 private:
  class Recipient;
  struct Busy;
  [[nodiscard]] app::Config config();
  [[nodiscard]] static std::string organisations(const std::string& policy_of_sender);
  void issue_identities();

  TemporaryFolder folder_;
  TestCa ca_{"Envelope Root"};
  TestCa other_ca_{"Another Root"};
  TokenSigner signer_ = TokenSigner::p256();
  std::map<std::string, Identity> identities_;
  std::atomic<int> reached_{0};
  std::unique_ptr<Busy> busy_;
  std::vector<std::unique_ptr<Recipient>> recipients_;
  SystemClock clock_;
  std::unique_ptr<app::Instance> gateway_;
  std::shared_ptr<BlockingPeer> open_;  ///< the sender's kept connection
  int serial_ = 0;
};

}  // namespace gw::test
