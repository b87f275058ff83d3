#include "envelope/envelope_world.hpp"

#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <chrono>
#include <semaphore>
#include <stdexcept>
#include <utility>

#include "base/digest.hpp"
#include "base/ids.hpp"

namespace gw::test {

namespace {

std::string asid_text(int number) {
  const auto digits = std::to_string(number);
  return "2" + std::string(11 - digits.size(), '0') + digits;
}

const std::string kHeading =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID,Interactions,"
    "Token Leeway,Duplicates,Rate Limit,Token Signature,Identifier Systems,Charset,Strictness,Policy Reason\n";

/// Everybody but A11111, up to the policy.
struct Party {
  std::string ods, group, endpoint, fqdn, interactions, policy;
};

const std::string kSenderName = "sender.example.test";

std::string relayed_at(const std::string& host, const std::string& ods) {
  return "https://" + host + "/" + ods + "/DSTU2/1";
}

/// In the order of their ASIDs, from 2.
std::vector<Party> parties() {
  return {
      {"B82001", "north", "mailbox", "mailbox.example.test", "", ""},
      {"C33333", "north", relayed_at("provider.example.test", "C33333"), "", "", ""},
      {"D44444", "south", "", kSenderName, "", ""},
      {"E55555", "north", "", kSenderName, kInteraction + "search:order", ""},
      {"F66666", "north", "", kSenderName, "", ""},
      {"G77777", "north", "", "other.example.test", "", ""},
      {"H88888", "north", "", kSenderName, "", "unlimited,,,,,,,its clock is ahead"},
      {"J99999", "north", "", kSenderName, "", ",refuse,,,,,,it wants to know"},
      {"K10101", "north", relayed_at("silent.example.test", "K10101"), "", "", ""},
      {"L11111", "north", relayed_at("broken.example.test", "L11111"), "", "", ""},
      {"M12121", "north", relayed_at("down.example.test", "M12121"), "", "", ""},
      {"N13131", "north", relayed_at("busy.example.test", "N13131"), "", "", ""},
      {"P14141", "north", relayed_at("impostor.example.test", "P14141"), "", "", ""},
      {"Q15151", "north", relayed_at("localhost", "Q15151"), "", "", ""},  // no route: there is no address for it
      {"R16161", "north", "", "", "", ""},                                 // without a system
      {"S17171", "north", "", kSenderName, "", ",,1,,,,,it floods"},
      {"T18181", "north", "", kSenderName, "", ",,,required,,,,agreed"},
  };
}

std::string row_of(const Party& party, int number) {
  const auto asid = party.fqdn.empty() && party.endpoint.empty() ? std::string{} : asid_text(number);
  return party.ods + ',' + asid + ",,," + party.group + ',' + party.endpoint + ',' + party.fqdn + ',' +
         std::to_string(number) + ',' + party.interactions + ',' + (party.policy.empty() ? ",,,,,,," : party.policy) +
         '\n';
}

constexpr std::string_view kPatients =
    "NHS_NUMBER,DATE_OF_BIRTH,FAMILY_NAME,GIVEN_NAME,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID,CONSENT_WITHHELD\n"
    "9990002754,31/05/1962,Cotton,Ash,,B82001,registered,\n"
    "9990004129,31/05/1962,Cotton,Bea,,A11111,shared,\n"
    "9990000018,31/05/1962,Cotton,Cat,,D44444,elsewhere,\n"
    "9990001383,31/05/1962,Cotton,Dee,,B82001,dissenting,yes\n";

/// iss to practitioner, for the instant of each request.
std::string token_payload(Instant now) {
  const auto issued = std::chrono::floor<seconds>(now).time_since_epoch().count();
  return R"({"iss":"https://sender.example.test","sub":"7","aud":"https://authorize.fhir.nhs.net/token","iat":)" +
         std::to_string(issued) + R"(,"exp":)" + std::to_string(issued + 300) +
         R"(,"reason_for_request":"directcare","requested_scope":"patient/*.write",
  "requested_record":{"resourceType":"Patient",
    "identifier":[{"system":"http://fhir.nhs.net/Id/nhs-number","value":"9990002754"}]},
  "requesting_device":{"resourceType":"Device","id":"1","model":"Desk","version":"2.0",
    "identifier":[{"system":"https://sender.example.test/devices","value":"1"}]},
  "requesting_organization":{"resourceType":"Organization","id":"1","name":"Sender",
    "identifier":[{"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"A11111"}]},
  "requesting_practitioner":{"resourceType":"Practitioner","id":"7",
    "identifier":[{"system":"http://fhir.nhs.net/sds-user-id","value":"G1"},
                  {"system":"https://sender.example.test/users","value":"ada"}],
    "name":{"family":["Jones"],"given":["Ada"],"prefix":["Dr"]},
    "practitionerRole":[{"role":{"coding":[
      {"system":"http://fhir.nhs.net/ValueSet/sds-job-role-name-1","code":"R0260"}]}}]}})";
}

/// Today's task; `serial` makes it another one than those before.
std::string order_text(Instant now, int serial) {
  return R"({"resourceType":"Order",
  "meta":{"profile":["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]},
  "contained":[{"resourceType":"Basic","id":"text",
    "meta":{"profile":["http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]},
    "text":{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Please ring, )" +
         std::to_string(serial) + R"(.</div>"},
    "code":{"coding":[{"system":"http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1","code":"Task Narrative"}]}}],
  "date":")" +
         to_iso_date(london_day(now)) + R"(","subject":{"reference":"Patient/registered"},
  "source":{"reference":"Organization/1"},"target":{"reference":"Organization/2"},
  "reasonCodeableConcept":{"coding":[{"system":"http://fhir.nhs.net/ValueSet/gpconnect-task-type-1","code":"1"}]},
  "detail":[{"reference":"#text"}]})";
}

Answer parsed(const std::string& bytes) {
  Answer answer;
  const auto end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos) return answer;
  answer.status = std::stoi(bytes.substr(9));
  answer.body = bytes.substr(end + 4);
  for (auto at = bytes.find("\r\n") + 2; at < end;) {
    const auto line = bytes.substr(at, bytes.find("\r\n", at) - at);
    const auto colon = line.find(':');
    answer.headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
    at += line.size() + 2;
  }
  return answer;
}

CertificateWish named(const std::string& name) {
  CertificateWish wish;
  wish.common_name = name;
  wish.dns_names = {name};
  return wish;
}

}  // namespace

JsonText::JsonText(const std::string& text) : document_(std::make_shared<rapidjson::Document>()) {
  if (document_->Parse(text.c_str()).HasParseError()) throw std::logic_error("not JSON: " + text);
}

void JsonText::set(const std::string& pointer, const std::string& json) {
  rapidjson::Document value{&document_->GetAllocator()};
  if (value.Parse(json.c_str()).HasParseError()) throw std::logic_error("not JSON: " + json);
  rapidjson::Pointer{pointer.c_str()}.Set(*document_, value);
}

void JsonText::erase(const std::string& pointer) {
  if (!rapidjson::Pointer{pointer.c_str()}.Erase(*document_)) throw std::logic_error("nothing at " + pointer);
}

std::string JsonText::at(const std::string& pointer) const {
  const auto* const found = rapidjson::Pointer{pointer.c_str()}.Get(*document_);
  if (found == nullptr) throw std::logic_error("nothing at " + pointer);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  found->Accept(writer);
  return buffer.GetString();
}

std::string JsonText::text() const {
  return at("");
}

void Request::set(std::string_view name, const std::string& value) {
  drop(name);
  add(name, value);
}

void Request::add(std::string_view name, const std::string& value) {
  headers.push_back({std::string{name}, value});
}

void Request::drop(std::string_view name) {
  if (std::erase_if(headers, [name](const Header& header) { return iequals(header.name, name); }) == 0)
    throw std::logic_error("no such header");
}

void Request::get(const std::string& below, const std::string& interaction) {
  method = "GET";
  target = kMailbox + below;
  body = "";
  drop("Content-Type");
  set("Ssp-InteractionID", kInteraction + interaction);
  token.set("/requested_scope", R"("patient/*.read")");
}

void Request::send_to(std::string_view ods, int asid) {
  target = "/" + std::string{ods} + "/DSTU2/1/Order";
  set("Ssp-To", asid_text(asid));
  order.set("/target/reference", R"("Organization/)" + std::to_string(asid) + '"');
}

void Request::send_as(int asid) {
  set("Ssp-From", asid_text(asid));
}

std::string Request::jwt() const {
  return base64url_encode(R"({"alg":"none","typ":"JWT"})") + '.' + base64url_encode(token.text()) + '.';
}

std::string Request::wire() const {
  const auto bytes = body.value_or(order.text());
  std::string text = method + ' ' + target + " HTTP/1.1\r\n";
  for (const auto& header : headers) text += header.name + ": " + header.value + "\r\n";
  const std::vector<std::string> made{"Bearer " + jwt()};
  for (const auto& value : authorization.value_or(made)) text += "Authorization: " + value + "\r\n";
  if (method != "GET") text += "Content-Length: " + std::to_string(bytes.size()) + "\r\n";
  return text + "\r\n" + (method == "GET" ? std::string{} : bytes);
}

std::string Answer::verdict() const {
  if (status == 0) return "no answer";
  rapidjson::Document outcome;
  outcome.Parse(body.c_str());
  if (outcome.HasParseError() || !outcome.IsObject() || !outcome.HasMember("issue")) return std::to_string(status);
  for (const auto& issue : outcome["issue"].GetArray()) {
    const std::string_view severity = issue["severity"].GetString();
    if (severity != "error" && severity != "fatal") continue;
    return std::to_string(status) + ' ' + issue["details"]["coding"][0]["code"].GetString() + ' ' +
           issue["code"].GetString();
  }
  return std::to_string(status);
}

/// A recipient's system: does what its script says with each connection, once it is secured.
class World::Recipient {
 public:
  Recipient(World& world, std::string host, const std::string& certificate, std::function<void(BlockingPeer&)> script)
      : host_(std::move(host)),
        server_(
            [&world, certificate, script = std::move(script)](BlockingPeer& peer) {
              ++world.reached_;
              if (peer.accept_tls(world.identities_.at(certificate), &world.ca_)) script(peer);
            },
            kConnections) {}
  [[nodiscard]] std::pair<std::string, std::string> place() const {
    return {host_ + ":443", "127.0.0.1:" + std::to_string(server_.port())};
  }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  static constexpr int kConnections = 100;
  std::string host_;
  ScriptedServer server_;
};

/// The recipient that is busy: says when a task has come, and answers it when told to.
struct World::Busy {
  std::binary_semaphore came{0}, may_answer{0};
};

World::World(const std::function<void(app::Config&)>& adjust) : busy_(std::make_unique<Busy>()) {
  issue_identities();
  const auto answer_created = [](BlockingPeer& peer) {
    peer.receive_answer();
    peer.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  };
  const auto add = [this](const std::string& host, const std::string& certificate,
                          std::function<void(BlockingPeer&)> script) {
    recipients_.push_back(std::make_unique<Recipient>(*this, host, certificate, std::move(script)));
  };
  add("provider.example.test", "provider.example.test", answer_created);
  add("impostor.example.test", "other", answer_created);
  add("silent.example.test", "silent.example.test", [](BlockingPeer& peer) { peer.receive_to_end(); });
  add("broken.example.test", "broken.example.test", [](BlockingPeer& peer) {
    peer.receive_answer();
    peer.reset();
  });
  add("busy.example.test", "busy.example.test", [this, answer_created](BlockingPeer& peer) {
    peer.receive_answer();
    busy_->came.release();
    busy_->may_answer.acquire();
    peer.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  auto adjusted = config();
  if (adjust) adjust(adjusted);
  auto made = app::Instance::make(adjusted, clock_);
  if (!made) throw std::runtime_error(made.error().detail);
  gateway_ = std::move(*made);
  gateway_->start();
}

World::~World() = default;

void World::issue_identities() {
  for (const auto* const host : {"hub.example.test", "provider.example.test", "silent.example.test",
                                 "broken.example.test", "busy.example.test"}) {
    identities_[host] = ca_.issue(named(host));
  }
  const auto sender = named("sender.example.test");
  identities_["sender"] = ca_.issue(sender);
  identities_["mailbox"] = ca_.issue(named("mailbox.example.test"));
  identities_["other"] = ca_.issue(named("other.example.test"));
  identities_["proxy"] = ca_.issue(named("proxy.example.test"));
  identities_["untrusted"] = other_ca_.issue(sender);
  identities_["self-signed"] = self_signed(sender);
  identities_["revoked"] = ca_.issue(sender);
  ca_.revoke(identities_["revoked"]);
  auto wish = sender;
  wish.dns_names.clear();
  identities_["common-name"] = ca_.issue(wish);
  wish = sender;
  wish.dns_names = {"second.example.test", "sender.example.test"};
  identities_["two-names"] = ca_.issue(wish);
  wish = sender;
  wish.usage = "serverAuth";
  identities_["server-only"] = ca_.issue(wish);
  wish = sender;
  wish.valid_from_days = -30;
  wish.valid_to_days = -1;
  identities_["expired"] = ca_.issue(wish);
  wish.valid_from_days = 1;
  wish.valid_to_days = 30;
  identities_["future"] = ca_.issue(wish);
}

app::Config World::config() {
  app::Config config;
  config.threads = 1;
  config.listen.port = 0;
  config.admin.port = 0;
  config.server.connections = kConnections;
  config.tls.certificate = folder_.write("hub.pem", identities_["hub.example.test"].certificate);
  config.tls.key = folder_.write("hub.key", identities_["hub.example.test"].key);
  config.tls.trust = folder_.write("trust.pem", ca_.certificate());
  config.tls.crl = folder_.write("crl.pem", ca_.revocation_list());
  config.organisations = folder_.write("organisations.csv", organisations({}));
  config.token_keys = folder_.write("keys.json", "{\"keys\":[" + signer_.jwk("k1") + "]}");
  config.patients = folder_.write("patients.csv", std::string{kPatients});
  config.outbox.path = folder_.path() / "outbox.db";
  // Rates count in a second that does not pass: how fast the tests run is nothing to them.
  config.exchange.throttle.now = [] { return spine::RateLimiter::Time{}; };
  config.exchange.caller.public_url = "https://hub.example.test";
  config.exchange.caller.trusted_proxies = {"proxy.example.test"};
  for (const auto& recipient : recipients_) config.exchange.hosts.insert(recipient->place());
  {
    const ScriptedServer gone{[](BlockingPeer&) {}};
    config.exchange.hosts.insert({"down.example.test:443", "127.0.0.1:" + std::to_string(gone.port())});
  }
  config.delivery.connections_per_recipient = 1;
  config.delivery.waiting_per_recipient = 0;
  config.delivery.connect_attempts = 1;
  config.delivery.breaker_failures = 0;
  config.delivery.timeouts.answer = milliseconds{1500};
  return config;
}

std::string World::organisations(const std::string& policy_of_sender) {
  auto text = kHeading + row_of({"A11111", "north", "", kSenderName, "", policy_of_sender}, 1);
  int number = 1;
  for (const auto& party : parties()) text += row_of(party, ++number);
  return text;
}

void World::set_policy_of_sender(const std::string& policy) {
  folder_.write("organisations.csv", organisations(policy));
  gateway_->reload();
}

Request World::good_request() {
  const auto now = clock_.now();
  return {.headers = {{"Host", "hub.example.test"},
                      {"Ssp-TraceID", random_uuid()},
                      {"Ssp-From", asid_text(1)},
                      {"Ssp-To", asid_text(2)},
                      {"Ssp-InteractionID", kInteraction + "create:order"},
                      {"Content-Type", "application/json+fhir"}},
          .token = JsonText{token_payload(now)},
          .order = JsonText{order_text(now, ++serial_)},
          .authorization = {},
          .body = {},
          .kept = {}};
}

std::shared_ptr<BlockingPeer> World::connect(const std::string& party, int max_tls) {
  auto peer = std::make_shared<BlockingPeer>(connect_to_port(gateway_->port()));
  if (party == "plain") return peer;
  const bool done = peer->start_tls(party == "none" ? nullptr : &identities_.at(party), max_tls);
  return done ? peer : nullptr;
}

Answer World::send(const Request& request) {
  const bool usual = request.party == "sender";
  auto peer = usual && open_ ? std::exchange(open_, nullptr) : connect(request.party, request.max_tls);
  if (!peer || !peer->send(request.wire())) return {};
  auto answer = parsed(peer->receive_answer());
  const bool closes = iequals(header_value(answer.headers, "Connection"), "close");
  if (closes && !peer->at_end()) throw std::logic_error("the gateway said that it closes, and did not");
  if (usual && answer.status != 0 && !closes && request.max_tls == 0) open_ = std::move(peer);
  return answer;
}

std::string World::signed_token(const Request& request, const std::string& kid) const {
  return signer_.signed_token(request.jwt(), R"({"alg":"ES256","typ":"JWT","kid":")" + kid + "\"}");
}

std::shared_ptr<void> World::occupy_recipient() {
  auto request = good_request();
  request.send_to("N13131", 13);
  auto peer = connect("sender");
  if (!peer || !peer->send(request.wire())) throw std::runtime_error("the recipient cannot be occupied");
  if (!busy_->came.try_acquire_for(std::chrono::seconds{5})) throw std::runtime_error("no task came to the recipient");
  return {nullptr, [this, peer](void*) {
            busy_->may_answer.release();
            peer->receive_answer();
          }};
}

}  // namespace gw::test
