#include "proxy/proxy_world.hpp"

#include <stdexcept>

#include "base/ids.hpp"
#include "exchange/exchange_world.hpp"

namespace gw::test {

namespace {

constexpr int kConnections = 1000;

constexpr std::string_view kOrganisations =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID\n"
    "A11111,200000000001,,Sender Surgery,north,,sender.example.test,1\n"
    "B82001,200000000002,,Mailbox Surgery,north,mailbox,mailbox.example.test,2\n"
    "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
    "provider.example.test,3\n";
constexpr std::string_view kPatients =
    "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,ADDR4,"
    "ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID\n"
    "9990002754,31/05/1962,,Cotton,Ash,,Mr,,,,,,,,C33333,3\n";

Identity issued(TestCa& ca, const std::string& name) {
  CertificateWish wish;
  wish.common_name = name;
  wish.dns_names = {name};
  return ca.issue(wish);
}

}  // namespace

ProxyWorld::ProxyWorld(std::function<void(BlockingPeer&)> recipient, const std::function<void(app::Config&)>& adjust,
                       Meets meets)
    : hub_(issued(ca_, "hub.example.test")),
      sender_(issued(ca_, "sender.example.test")),
      provider_(issued(ca_, "provider.example.test")),
      recipient_(
          [this, recipient = std::move(recipient), meets](BlockingPeer& peer) {
            ++reached_;
            if (meets == Meets::kBare || peer.accept_tls(provider_, &ca_)) recipient(peer);
          },
          kConnections, meets == Meets::kBare ? ScriptedServer::Width::kNarrow : ScriptedServer::Width::kUsual) {
  auto made = app::Instance::make(config(adjust), clock_);
  if (!made) throw std::runtime_error(made.error().detail);
  gateway_ = std::move(*made);
  gateway_->start();
}

std::string_view ProxyWorld::organisations() {
  return kOrganisations;
}

app::Config ProxyWorld::config(const std::function<void(app::Config&)>& adjust) {
  app::Config config;
  config.threads = 1;
  config.listen.port = 0;
  config.admin.port = 0;
  config.tls.certificate = folder_.write("hub.pem", hub_.certificate);
  config.tls.key = folder_.write("hub.key", hub_.key);
  config.tls.trust = folder_.write("trust.pem", ca_.certificate());
  config.tls.crl = folder_.write("crl.pem", ca_.revocation_list());
  config.organisations = folder_.write("organisations.csv", std::string{kOrganisations});
  config.patients = folder_.write("patients.csv", std::string{kPatients});
  config.outbox.path = outbox_path();
  config.exchange.caller.public_url = "https://hub.example.test";
  config.exchange.hosts = {{"provider.example.test:8443", "127.0.0.1:" + std::to_string(recipient_.port())}};
  if (adjust) adjust(config);
  return config;
}

void ProxyWorld::revoke(const Identity& identity) {
  ca_.revoke(identity);
  const auto before = std::filesystem::last_write_time(folder_.path() / "crl.pem");
  const auto file = folder_.write("crl.pem", ca_.revocation_list());
  // The file system's clock may not have moved on since.
  std::filesystem::last_write_time(file, before + std::chrono::seconds{1});
}

BlockingPeer ProxyWorld::sender() const {
  auto peer = connect_to_port(gateway_->port());
  if (!peer.start_tls(&sender_)) throw std::runtime_error("the handshake failed");
  return peer;
}

std::string ProxyWorld::head(std::string_view verb, std::string_view target, std::string_view interaction) const {
  auto claims = exchange::test::token_claims(clock_.now());
  if (verb == "GET" || interaction == kCareRecord) claims.scope = "patient/*.read";
  std::string_view to = "200000000003";
  if (target.starts_with(kMailbox)) to = "200000000002";
  if (target.starts_with("/D44444/")) to = "200000000004";
  std::string text;
  text.append(verb).append(" ").append(target).append(" HTTP/1.1\r\nHost: hub.example.test\r\n");
  text.append("ssp-TRACEID: ").append(random_uuid()).append("\r\nSSP-from: 200000000001\r\nSsp-To: ");
  text.append(to).append("\r\n");
  text.append("ssp-interactionid: ").append(interaction).append("\r\n");
  text.append("Authorization: Bearer ").append(spine::make_token(claims)).append("\r\n");
  return text;
}

Dechunked dechunked(std::string_view wire) {
  Dechunked out;
  while (!wire.empty()) {
    const auto line = wire.find("\r\n");
    if (line == std::string_view::npos) return out;
    const auto size = std::stoul(std::string{wire.substr(0, line)}, nullptr, 16);
    wire.remove_prefix(line + 2);
    out.body += wire.substr(0, size);
    if (size == 0) {
      out.complete = wire == "\r\n";
      return out;
    }
    if (wire.size() < size + 2) return out;
    wire.remove_prefix(size + 2);
  }
  return out;
}

}  // namespace gw::test
