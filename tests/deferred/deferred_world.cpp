#include "deferred/deferred_world.hpp"

#include <sqlite3.h>

#include <chrono>
#include <stdexcept>

#include "base/digest.hpp"
#include "exchange/exchange_world.hpp"
#include "exchange/task_message.hpp"
#include "spine/token.hpp"

namespace gw::test {

namespace {

constexpr int kConnections = 10'000;
constexpr std::string_view kCreate = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
constexpr seconds kPatience{30};

std::string organisations(const std::string& policy) {
  return "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR "
         "Endpoint,FQDN,If-None-Exist,Deferred "
         "Limit,Policy Reason\n"
         "A11111,200000000001,,Sender Surgery,north,,sender.example.test,,,\n"
         "B82001,200000000002,,Mailbox Surgery,north,mailbox,mailbox.example.test,,,\n"
         "E55555,200000000005,,Other Surgery,north,,other.example.test,,,\n"
         "C33333,200000000003,,Relayed Surgery,north,https://provider.example.test:8443/C33333/DSTU2/1,"
         "provider.example.test," +
         policy + "\n";
}

constexpr std::string_view kPatients =
    "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,ADDR4,"
    "ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID\n"
    "9990002754,31/05/1962,,Cotton,Ash,,Mr,,,,,,,,B82001,1\n";

Identity issued(TestCa& ca, const std::string& name) {
  CertificateWish wish;
  wish.common_name = name;
  wish.dns_names = {name};
  return ca.issue(wish);
}

std::string answer_of(Mood mood) {
  const auto with = [](std::string_view line, std::string_view headers, std::string_view body) {
    return std::string{line} + "\r\n" + std::string{headers} +
           "Content-Type: application/json+fhir\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
  };
  if (mood == Mood::kBusy) return with("HTTP/1.1 503 Busy", "Retry-After: 30\r\n", "{}");
  if (mood == Mood::kRefuses)
    return with("HTTP/1.1 422 No", "", R"({"resourceType":"OperationOutcome","id":"theirs"})");
  return with("HTTP/1.1 201 Created",
              "Location: https://provider.example.test:8443/C33333/DSTU2/1/Order/7/_history/1\r\nETag: W/\"1\"\r\n",
              "");
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  const auto at = head.find("\r\n" + std::string{name} + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

DeferredWorld::DeferredWorld(Instant now, std::string policy, std::function<void(app::Config&)> adjust)
    : clock(now),
      hub_(issued(ca_, "hub.example.test")),
      sender_(issued(ca_, "sender.example.test")),
      stranger_(issued(ca_, "other.example.test")),
      provider_(issued(ca_, "provider.example.test")),
      recipient_([this](BlockingPeer& peer) { serve(peer); }, kConnections) {
  config_.threads = 2;
  config_.listen.port = 0;
  config_.admin.port = 0;
  config_.tls.certificate = folder_.write("hub.pem", hub_.certificate);
  config_.tls.key = folder_.write("hub.key", hub_.key);
  config_.tls.trust = folder_.write("trust.pem", ca_.certificate());
  config_.tls.crl = folder_.write("crl.pem", ca_.revocation_list());
  config_.organisations = folder_.write("organisations.csv", organisations(policy));
  config_.patients = folder_.write("patients.csv", std::string{kPatients});
  config_.outbox.path = folder_.path() / "outbox.db";
  config_.outbox.min_free_bytes = 0;
  config_.exchange.caller.public_url = "https://hub.example.test";
  config_.exchange.hosts = {{"provider.example.test:8443", "127.0.0.1:" + std::to_string(recipient_.port())}};
  config_.exchange.deferred.look = milliseconds{5};
  config_.delivery.breaker_failures = 0;  // it counts real time
  config_.delivery.connect_attempts = 1;
  if (adjust) adjust(config_);
  restart();
}

DeferredWorld::~DeferredWorld() = default;

void DeferredWorld::restart() {
  gateway_.reset();
  auto made = app::Instance::make(config_, clock);
  if (!made) throw std::runtime_error(made.error().detail);
  gateway_ = std::move(*made);
  gateway_->start();
}

void DeferredWorld::serve(BlockingPeer& peer) {
  const auto mood = mood_.load();
  if (mood == Mood::kDown || !peer.accept_tls(provider_, &ca_)) return;
  auto request = peer.receive_answer();
  if (request.empty()) return;
  {
    const std::lock_guard lock{mutex_};
    arrived_.push_back(std::move(request));
  }
  if (mood != Mood::kBreaks) peer.send(answer_of(mood));
}

std::vector<std::string> DeferredWorld::arrived() const {
  const std::lock_guard lock{mutex_};
  return arrived_;
}

std::string DeferredWorld::head(std::string_view verb, std::string_view target, std::string_view interaction,
                                const std::string& trace, bool as_stranger) const {
  auto claims = exchange::test::token_claims(clock.now());
  if (verb == "GET") claims.scope = "patient/*.read";
  const bool to_mailbox = target.starts_with("/B82001");
  std::string text;
  text.append(verb).append(" ").append(target).append(" HTTP/1.1\r\nHost: hub.example.test\r\nConnection: close\r\n");
  text.append("Ssp-TraceID: ").append(trace).append("\r\nSsp-From: ");
  text.append(as_stranger ? "200000000005" : "200000000001").append("\r\nSsp-To: ");
  text.append(to_mailbox ? "200000000002" : "200000000003").append("\r\nSsp-InteractionID: ").append(interaction);
  text.append("\r\nAuthorization: Bearer ").append(spine::make_token(claims)).append("\r\n");
  return text;
}

Answer DeferredWorld::ask(const std::string& message, const Identity& as) const {
  auto peer = connect_to_port(gateway_->port());
  if (!peer.start_tls(&as) || !peer.send(message)) throw std::runtime_error("the gateway takes no request");
  const auto text = peer.receive_to_end();
  const auto split = text.find("\r\n\r\n");
  if (split == std::string::npos) throw std::runtime_error("no answer");
  return {std::stoi(text.substr(9, 3)), text.substr(0, split + 2), text.substr(split + 4)};
}

Answer DeferredWorld::post(Task& task) {
  if (task.trace.empty()) task.trace = random_uuid();
  directory::Organisation from;
  from.logical_id = "A11111";
  directory::Organisation to;
  to.logical_id = task.base.starts_with("/B82001") ? "B82001" : "C33333";
  directory::Patient patient;
  patient.logical_id = task.patient;
  const auto body = exchange::make_order({.from = &from,
                                          .to = &to,
                                          .patient = &patient,
                                          .action_needed = false,
                                          .text = task.text,
                                          .identifier = task.identifier},
                                         clock.now());
  return ask(head("POST", task.base + "/Order", kCreate, task.trace, false) + task.extra +
                 "Content-Type: application/json+fhir\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                 body,
             sender_);
}

Answer DeferredWorld::get(const std::string& target, bool as_stranger, std::string_view extra) {
  return ask(head("GET", target, spine::kReadOutcome, random_uuid(), as_stranger) + std::string{extra} + "\r\n",
             as_stranger ? stranger_ : sender_);
}

Answer DeferredWorld::poll(const Answer& deferred, std::string_view extra, bool as_stranger) {
  const auto url = deferred.header("Content-Location");
  constexpr std::string_view gateway = "https://hub.example.test";
  if (!url.starts_with(gateway)) throw std::runtime_error("the Content-Location is not here: " + url);
  return get(url.substr(gateway.size()), as_stranger, extra);
}

Answer DeferredWorld::outcome(const Answer& deferred) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto answer = poll(deferred, "Prefer: wait=5\r\n");
    if (answer.status != 202) return answer;
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("it stays pending: " + answer.body);
  }
}

Answer DeferredWorld::poll_until(const Answer& deferred, std::string_view words) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto answer = poll(deferred);
    if (answer.body.find(words) != std::string::npos) return answer;
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("it is never said: " + answer.body);
  }
}

std::string DeferredWorld::audit() const {
  std::string text;
  sqlite3* handle = nullptr;
  sqlite3_open_v2(config_.outbox.path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_exec(
      handle,
      "SELECT kind || ' ' || status || ' ' || user_id || ' ' || authority || ' ' || outcome FROM audit ORDER BY seq",
      [](void* into, int, char** values, char**) {
        static_cast<std::string*>(into)->append(values[0]).append("\n");
        return 0;
      },
      &text, nullptr);
  sqlite3_close(handle);
  return text;
}

}  // namespace gw::test
