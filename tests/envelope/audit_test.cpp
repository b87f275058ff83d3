// What the audit holds of real requests over real sockets: every field that AUD-01 names, of accepted and refused ones.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "base/text.hpp"
#include "envelope/rows.hpp"
#include "outbox/audit_search.hpp"
#include "outbox/audit_text.hpp"
#include "outbox/audit_verify.hpp"

using namespace gw;
using namespace gw::test;
using outbox::AuditEntry;
using outbox::AuditRecord;

namespace {

/// A gateway whose audit has a key and a witness, as it should.
class AuditedWorld {
 public:
  AuditedWorld()
      : world([this](app::Config& config) {
          auto& audit = config.outbox.audit;
          audit.key_file = keys_.write("key", std::string(64, 'a'));
          ::chmod(audit.key_file.c_str(), 0400);
          audit.witness = keys_.path() / "witness";
          audit_ = audit;
        }) {}

  AuditEntry last() const {
    auto view = outbox::AuditView::open(world.outbox());
    REQUIRE(view.has_value());
    std::optional<AuditEntry> found;
    const auto read = (*view)->read({.newest_first = true}, [&found](const AuditEntry& entry) {
      found = entry;
      return false;
    });
    REQUIRE(read.has_value());
    REQUIRE(found.has_value());
    return *found;
  }

  outbox::AuditVerdict verdict() const {
    outbox::AuditCheck check;
    check.keys = outbox::read_audit_keys(audit_.key_file, {}).value();
    check.witness = audit_.witness;
    return outbox::verify_audit(world.outbox(), check).value();
  }

 private:
  TemporaryFolder keys_;
  outbox::AuditSettings audit_;

 public:
  World world;
};

AuditedWorld& shared() {
  static AuditedWorld one;
  return one;
}

bool is_hex(const std::string& text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Who connected, from where, and when: known of every request that came over TLS with a certificate.
void check_peer(const AuditRecord& record, Instant before, Instant after) {
  CHECK(record.at >= before);
  CHECK(record.at <= after);
  CHECK(record.kind == "request");
  CHECK_FALSE(record.peer_fqdn.empty());
  CHECK(is_hex(record.peer_fingerprint, 64));
  CHECK_THAT(record.peer_address, Catch::StartsWith("127.0.0.1:"));
}

/// What the token says, as far as the row left it as it was.
void check_claims(const AuditRecord& record, const JsonText& sent, const JsonText& good) {
  const auto text = sent.text();
  const auto whole = [&](const std::string& pointer) {
    return text.find('"' + pointer.substr(1) + "\":" + good.at(pointer)) != std::string::npos;
  };
  if (whole("/requesting_practitioner") && whole("/sub")) {
    CHECK(record.user_id == "G1");
    CHECK(record.user_name == "Dr Ada Jones");
    CHECK(record.user_role == "R0260");
  }
  if (whole("/requesting_organization")) CHECK(record.organisation == "A11111");
  if (whole("/requesting_device")) CHECK(record.device == "Desk 2.0");
  if (whole("/iss")) CHECK(record.authority == "https://sender.example.test");
  if (whole("/requested_record")) CHECK(record.patient == "9990002754");
}

void check_envelope(const AuditRecord& record, const Headers& headers) {
  const auto as_sent = [&headers](std::string_view name) { return std::string{trimmed(header_value(headers, name))}; };
  CHECK(record.trace == as_sent("Ssp-TraceID").substr(0, 128));
  CHECK(record.from == as_sent("Ssp-From").substr(0, 128));
  CHECK(record.to == as_sent("Ssp-To").substr(0, 128));
  CHECK(record.interaction == as_sent("Ssp-InteractionID").substr(0, 128));
}

/// The error code of a verdict such as "400 BAD_REQUEST invalid".
std::string code_of(const std::string& verdict) {
  const auto code = verdict.find(' ') + 1;
  return verdict.substr(code, verdict.find(' ', code) - code);
}

}  // namespace

TEST_CASE("audit: an accepted task is on record in full, kept here or relayed (AUD-01)", "[envelope]") {
  const bool relayed = GENERATE(false, true);
  auto& audited = shared();
  auto request = audited.world.good_request();
  if (relayed) request.send_to("C33333", 3);
  request.order.set("/identifier", R"([{"system":"https://sender.example.test/tasks","value":")" +
                                       std::string{header_value(request.headers, "Ssp-TraceID")} + R"("}])");
  const auto before = SystemClock{}.now();
  REQUIRE(audited.world.send(request).status == 201);
  const auto [number, record] = audited.last();
  check_peer(record, before, SystemClock{}.now());
  check_envelope(record, request.headers);
  check_claims(record, request.token, request.token);
  CHECK(record.user_id == "G1");
  CHECK(record.peer_fqdn == "sender.example.test");
  CHECK(record.status == 201);
  CHECK(record.outcome == "delivered");
  CHECK(record.task.has_value());
  CHECK(record.identifier ==
        "https://sender.example.test/tasks|" + std::string{header_value(request.headers, "Ssp-TraceID")});
}

TEST_CASE("audit: a task without an identifier is on record with the one that it was given (AUD-01)", "[envelope]") {
  auto& audited = shared();
  const auto answer = audited.world.send(audited.world.good_request());
  REQUIRE(answer.status == 201);
  const auto identifier = audited.last().record.identifier;
  REQUIRE_THAT(identifier, Catch::StartsWith("urn:ietf:rfc:3986|urn:uuid:"));
  CHECK_THAT(answer.body, Catch::Contains(identifier.substr(identifier.find('|') + 1)));
}

TEST_CASE("audit: what is read, searched and looked up is on record with what was told (AUD-01)", "[envelope]") {
  auto& audited = shared();
  const auto stored = audited.world.send(audited.world.good_request());
  REQUIRE(stored.status == 201);
  const auto id = *audited.last().record.task;
  const auto nhs_number = std::string{"9990002754"};
  struct Question {
    std::string below, interaction;
    int status;
    std::string outcome;
    bool of_task = false;
  };
  const Question questions[] = {
      {"/Order/" + to_text(id), "read:order", 200, "told", true},
      {"/Order/" + to_text(id) + "/_history/7", "read:order", 404, "NO_RECORD_FOUND", true},
      {"/Order/0000000000001", "read:order", 404, "NO_RECORD_FOUND"},
      {"/Order?_id=" + to_text(id), "search:order", 200, "found 1"},
      {"/Order?_id=0000000000001", "search:order", 200, "found 0"},
      {"/Order?date=then", "search:order", 422, "INVALID_PARAMETER"},
      {"/Patient?identifier=http://fhir.nhs.net/Id/nhs-number%7C" + nhs_number, "search:patient", 200, "found 1"},
      {"/Patient?identifier=http://fhir.nhs.net/Id/nhs-number%7C1", "search:patient", 400, "INVALID_IDENTIFIER_VALUE"},
      {"/Patient/registered", "read:patient", 200, "told"},
      {"/Patient/nobody", "read:patient", 404, "PATIENT_NOT_FOUND"},
  };
  for (const auto& question : questions) {
    INFO(question.below);
    auto request = audited.world.good_request();
    request.get(question.below, question.interaction);
    const auto before = SystemClock{}.now();
    CHECK(audited.world.send(request).status == question.status);
    const auto record = audited.last().record;
    check_peer(record, before, SystemClock{}.now());
    check_envelope(record, request.headers);
    check_claims(record, request.token, request.token);
    CHECK(record.status == question.status);
    CHECK(record.outcome == question.outcome);
    CHECK(record.task.has_value() == question.of_task);
    if (question.of_task) CHECK(*record.task == id);
  }
}

TEST_CASE(
    "audit: every refusal of every table is on record with its code, and in the detail of an accepted task (AUD-01)",
    "[envelope]") {
  auto& audited = shared();
  std::size_t refusals = 0;
  for (const auto& row : all_rows()) {
    INFO(row.rule << ": " << row.what);
    auto request = audited.world.good_request();
    const auto good = request.token.text();
    row.change(request, audited.world);
    const auto number_before = audited.last().number;
    const auto before = SystemClock{}.now();
    const auto answer = audited.world.send(request);
    if (answer.status == 0) continue;
    const auto [number, record] = audited.last();
    CHECK(number > number_before);
    CHECK(record.status == answer.status);
    CHECK_FALSE(record.outcome.empty());
    if (answer.status >= 400) {
      ++refusals;
      // What a recipient answered itself, and what became of a task, stand there in words of the outbox.
      const bool of_delivery = answer.status >= 500 && record.task.has_value();
      if (!of_delivery) CHECK_THAT(record.outcome, Catch::Contains(code_of(answer.verdict())));
    }
    CHECK_THAT(record.peer_address, Catch::StartsWith("127.0.0.1:"));
    // A connection that never became a request told nothing but where it came from.
    const bool is_request = !record.interaction.empty() || !record.trace.empty();
    if (!is_request) continue;
    check_peer(record, before, SystemClock{}.now());
    check_envelope(record, request.headers);
    if (!request.authorization) check_claims(record, request.token, JsonText{good});
  }
  CHECK(refusals > 100);
  const auto verdict = audited.verdict();
  CHECK(verdict.records == audited.last().number);
  CHECK_FALSE(verdict.flaw);
}

TEST_CASE("audit: hostile text in headers and claims is kept short and harmless (AUD-01)", "[envelope]") {
  auto& audited = shared();
  const auto is_harmless = [](const std::string& text) {
    return text.size() <= outbox::kAuditTextBytes &&
           std::none_of(text.begin(), text.end(), [](char c) { return c == '\x7F' || (c >= 0 && c < ' '); });
  };
  auto request = audited.world.good_request();
  const auto endless = std::string(9000, 'n');
  const std::string turned = "\xE2\x80\xAE";  // what follows is shown from right to left
  SECTION("claims") {
    request.token.set("/requesting_practitioner/name/family", R"(["Jones\u001b[2J\r\nforged","\u202Ezeb")"
                                                              "]");
    request.token.set("/requesting_device/model", '"' + endless + '"');
    request.token.set("/iss", R"("https://sender.example.test/)" + endless + '"');
  }
  SECTION("headers") {
    request.set("Ssp-TraceID", turned + endless);
    request.set("Ssp-From", "\xFF\xFE\x80" + endless);
    request.set("Ssp-InteractionID", "a\tb" + turned);
  }
  SECTION("the task's identifier") {
    request.order.set("/identifier", R"([{"system":")" + endless + R"(","value":"\u202E\tx"}])");
  }
  REQUIRE(audited.world.send(request).status != 0);
  const auto record = audited.last().record;
  for (const auto& text :
       {record.trace, record.from, record.to, record.interaction, record.user_id, record.user_name, record.user_role,
        record.organisation, record.device, record.authority, record.patient, record.identifier, record.outcome}) {
    INFO(text);
    CHECK(is_harmless(text));
    CHECK_THAT(text, !Catch::Contains(turned));
  }
  CHECK_FALSE(audited.verdict().flaw);
}
