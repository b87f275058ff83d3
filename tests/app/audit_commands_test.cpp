// `audit search` and `audit export` as an auditor meets them: the real program over a real outbox, and every exported
// event held to the base type by the project's own reader and validator.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "app/audit_event.hpp"
#include "fhir/read.hpp"
#include "outbox/outbox.hpp"
#include "rules/validator.hpp"
#include "support/loop.hpp"
#include "support/shell.hpp"
#include "support/terminal.hpp"
#include "support/test_pki.hpp"

using namespace gw;

namespace {

std::vector<std::string> lines_of(const test::Run& run) {
  std::istringstream in{run.said};
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

constexpr Instant kMorning{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{9}};

/// The time moves on with each record.
class StepClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void set(Instant now) { now_ = now; }

 private:
  Instant now_ = kMorning;
};

outbox::AuditRecord request_record(int number) {
  return {.kind = "request",
          .trace = "0000000a-0000-4000-8000-00000000000" + std::to_string(number % 10),
          .from = "200000000001",
          .to = "200000000002",
          .interaction = "urn:nhs:names:services:gpconnect:fhir:rest:create:order",
          .user_id = "G1",
          .user_name = "Dr Ada \"Zo\xC3\xAB\" <Jones>",
          .user_role = "R0260",
          .organisation = "A11111",
          .device = "Desk 2.0",
          .authority = "https://sender.example.test",
          .patient = number % 2 == 0 ? "9990000018" : "9990001383",
          .peer_fqdn = "sender.example.test",
          .peer_fingerprint = std::string(64, 'f'),
          .peer_address = number % 2 == 0 ? "10.0.0.7:51234" : "[2001:db8::7]:51234",
          .status = number % 3 == 0 ? 422 : 201,
          .outcome = number % 3 == 0 ? "INVALID_RESOURCE" : "delivered",
          .identifier = "https://sender.example.test/tasks|" + std::to_string(number)};
}

/// An outbox with an audit under a key, and the configuration that names it.
class Desk {
 public:
  Desk() {
    for (const auto* const name : {"own.pem", "own.key", "trust.pem", "organisations.csv", "patients.csv"}) {
      folder_.write(name, "");
    }
    ::chmod(folder_.write("audit.key", std::string(64, 'a')).c_str(), 0400);
    folder_.write("gateway.toml",
                  "[tls]\ncertificate = \"own.pem\"\nkey = \"own.key\"\ntrust = \"trust.pem\"\n"
                  "[directory]\norganisations = \"organisations.csv\"\npatients = \"patients.csv\"\n"
                  "[outbox]\npath = \"outbox.db\"\n[audit]\nkey_file = \"audit.key\"\n"
                  "[spine]\npublic_url = \"https://hub.example.test\"\n");
    outbox::Settings settings;
    settings.path = file("outbox.db");
    settings.min_free_bytes = 0;
    settings.audit.key_file = file("audit.key");
    settings.audit.witness = file("outbox.db.witness");
    auto opened = outbox::Outbox::open(settings, clock_);
    REQUIRE(opened.has_value());
    outbox_ = std::move(*opened);
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  ~Desk() { outbox_->stop(); }

  void record(outbox::AuditRecord record) { REQUIRE(loop_.run(outbox_->record(std::move(record))).has_value()); }
  /// A task in the mailbox, with its record. Gives its id.
  TaskId deliver(int number) {
    outbox::NewTask task;
    task.id = outbox_->next_id();
    task.trace = TraceId{"trace-" + std::to_string(number)};
    task.body = "{}";
    const auto id = task.id;
    auto admitted =
        loop_.run(outbox_->admit(std::move(task), outbox::State::kDelivered, {.status = 201}, request_record(number)));
    REQUIRE(admitted.has_value());
    return id;
  }
  void at(Instant now) { clock_.set(now); }

  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] test::Run run(const std::string& words) const {
    return test::run_in_shell("'" GW_BINARY "' audit " + words + " --config '" + file("gateway.toml").string() +
                              "' 2>'" + file("stderr").string() + "'");
  }
  [[nodiscard]] std::string complaint() const {
    std::ifstream in{file("stderr")};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

 private:
  test::Loop loop_;
  test::TemporaryFolder folder_;
  StepClock clock_;
  std::unique_ptr<outbox::Outbox> outbox_;
};

/// What is wrong with it as an AuditEvent of DSTU2; empty when nothing is.
std::string wrong_with(const std::string& line) {
  const auto document = fhir::read_json(line);
  if (!document) return "unreadable: " + document.error().issues.front().diagnostics;
  if (document->root()->name != "AuditEvent") return "another type";
  std::string wrong;
  for (const auto& issue : rules::validate(*document, "").issues)
    wrong += issue.location + ": " + issue.diagnostics + "\n";
  return wrong;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "audit search: by patient, task, identifier, trace, user, organisation and time, and all of them together (AUD-03)",
    "[app]") {
  Desk desk;
  for (int i = 1; i <= 6; ++i) {
    desk.at(kMorning + std::chrono::hours{i});
    auto record = request_record(i);
    if (i == 6) record.user_id = "G2";
    desk.record(std::move(record));
  }
  desk.at(kMorning + std::chrono::hours{24});
  const auto id = to_text(desk.deliver(7));
  const auto count = [&desk](const std::string& words) { return lines_of(desk.run("search " + words)).size(); };
  CHECK(count("") == 9);  // with the records of the key and the witness
  CHECK(count("--patient 9990000018") == 3);
  CHECK(count("--task " + id) == 1);
  CHECK(count("--identifier 3") == 1);
  CHECK(count("--identifier 'https://sender.example.test/tasks|3'") == 1);
  CHECK(count("--trace 0000000A-0000-4000-8000-000000000004") == 1);
  CHECK(count("--user G2") == 1);
  CHECK(count("--user 'Dr Ada \"Zo\xC3\xAB\" <Jones>'") == 7);
  CHECK(count("--organisation A11111") == 7);
  CHECK(count("--organisation 200000000002") == 7);
  CHECK(count("--from 2026-11-22") == 1);
  CHECK(count("--to 2026-11-21 --user G1") == 5);
  CHECK(count("--from 2026-11-21T12:00:00Z --to 2026-11-21T14:00:00Z") == 2);
  CHECK(count("--patient 9990000018 --user G1 --to 2026-11-21") == 2);
  CHECK(count("--count 2 --newest") == 2);
  CHECK(lines_of(desk.run("search --newest --count 1 --json")).front().starts_with("{\"number\":9,"));
  CHECK(lines_of(desk.run("search --after 8 --json")).front().starts_with("{\"number\":9,"));
  CHECK(count("--newest --after 3") == 2);
  const auto page = desk.run("search --count 2");
  CHECK(lines_of(page).size() == 2);
  CHECK(holds(desk.complaint(), "--after 2"));

  const auto none = desk.run("search --patient 9990002754");
  CHECK(none.code == 1);
  CHECK(none.said.empty());
  CHECK(desk.complaint() == "no records\n");
  CHECK(count("--patient '999 000 0018'") == 3);
  for (const auto* const wrong : {"--from yesterday", "--to 2026-13-01", "--from 2026", "--task x", "--count 0",
                                  "--patient abc", "--patient 9990000019"}) {
    INFO(wrong);
    CHECK(desk.run(std::string{"search "} + wrong).code == 2);
  }
}

TEST_CASE("audit search: on a terminal the columns have headings (OPS-04)", "[app]") {
  Desk desk;
  desk.record(request_record(1));
  const auto shown = test::on_terminal(
      GW_BINARY, "audit search --config '" + desk.file("gateway.toml").string() + "' --patient 9990001383");
  CHECK(shown.code == 0);
  CHECK(holds(shown.said, "number  at "));
  CHECK_FALSE(holds(desk.run("search").said, "number  at "));
}

TEST_CASE("audit search: a search in JSON gives every field of the record (AUD-01, AUD-03)", "[app]") {
  Desk desk;
  const auto id = to_text(desk.deliver(7));
  const auto line = desk.run("search --identifier 7 --json").said;
  for (const auto* const part :
       {R"("kind":"request")", R"("status":201)", R"("outcome":"delivered")", R"("user_id":"G1")",
        R"("user_role":"R0260")", R"("organisation":"A11111")", R"("device":"Desk 2.0")",
        R"("authority":"https://sender.example.test")", R"("patient":"9990001383")",
        R"("identifier":"https://sender.example.test/tasks|7")", R"("from":"200000000001")", R"("to":"200000000002")",
        R"("peer_fqdn":"sender.example.test")", R"("peer_address":"[2001:db8::7]:51234")",
        R"("at":"2026-11-21T09:00:00.000Z")"}) {
    INFO(part);
    CHECK(holds(line, part));
  }
  CHECK(holds(line, "\"task\":\"" + id + '"'));
}

TEST_CASE(
    "audit search: a time finds the same records with the index of times as without it, also out of order (AUD-03)",
    "[app]") {
  Desk desk;
  // 1500 records, a minute apart, each up to half an hour late; the index has five of them.
  std::vector<Instant> times;
  for (int i = 0; i < 1500; ++i) {
    auto record = request_record(i);
    record.at = kMorning + std::chrono::minutes{i} - std::chrono::minutes{i * 7 % 30};
    times.push_back(record.at);
    desk.record(std::move(record));
  }
  for (const int from : {-100, 0, 100, 700, 1100, 1499, 2000}) {
    for (const int length : {1, 60, 600, 3000}) {
      const auto begin = kMorning + std::chrono::minutes{from};
      const auto end = begin + std::chrono::minutes{length};
      const auto wanted =
          std::count_if(times.begin(), times.end(), [&](Instant at) { return at >= begin && at < end; });
      INFO(from << " for " << length);
      const auto found =
          desk.run("search --count 10000 --user G1 --from " + to_iso8601(begin) + " --to " + to_iso8601(end));
      CHECK(lines_of(found).size() == static_cast<std::size_t>(wanted));
    }
  }
}

TEST_CASE("audit export: every record is a DSTU2 AuditEvent that the project's own validator accepts (AUD-03)",
          "[app]") {
  Desk desk;
  for (int i = 1; i <= 6; ++i) desk.record(request_record(i));
  const auto id = desk.deliver(7);
  // What a refused or a strange request leaves: little, or too much.
  desk.record({.kind = "request", .peer_address = "10.0.0.9:1", .status = 496, .outcome = "ACCESS_DENIED"});
  desk.record({.kind = "request",
               .trace = "a\nb",
               .interaction = "nonsense",
               .user_name = std::string(5000, 'x'),
               .authority = "no uri",
               .status = 400,
               .outcome = "BAD_REQUEST",
               .identifier = "no system"});
  desk.record({.kind = "recovery", .task = id, .trace = "t", .from = "200000000001", .outcome = "in-doubt"});
  desk.record({.kind = "operator", .user_id = "uid 0", .user_name = "root", .outcome = "resolved-delivered: rang"});
  desk.record({.kind = "retention", .outcome = "purged 3"});
  const auto exported = desk.run("export");
  REQUIRE(exported.code == 0);
  const auto lines = lines_of(exported);
  CHECK(lines.size() == 14);
  for (const auto& line : lines) {
    INFO(line);
    CHECK(wrong_with(line).empty());
  }
  CHECK(holds(desk.complaint(), "14 events"));
}

TEST_CASE("audit export: an event says what the record says, in AuditEvent's own places (AUD-03)", "[app]") {
  Desk desk;
  const auto id = desk.deliver(7);
  const auto event = desk.run("export --task " + to_text(id)).said;
  const std::vector<std::string> parts{
      R"("resourceType":"AuditEvent","id":"audit-3")",
      R"("event":{"type":{"system":"http://hl7.org/fhir/audit-event-type","code":"rest","display":"RESTful Operation"})",
      R"("subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"create","display":"create"}],"action":"C")",
      R"("dateTime":"2026-11-21T09:00:00.000Z","outcome":"0","outcomeDesc":"201 delivered")",
      R"({"system":"http://fhir.nhs.net/ValueSet/sds-job-role-name-1","code":"R0260"})",
      R"("userId":{"value":"G1"})",
      R"("requestor":true,"policy":["https://sender.example.test"])",
      R"("userId":{"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"A11111"},"requestor":false)",
      R"("name":"Desk 2.0","requestor":false)",
      R"("userId":{"system":"https://fhir.nhs.uk/Id/nhsSpineASID","value":"200000000001"})",
      R"("name":"sender.example.test","requestor":false,"network":{"address":"2001:db8::7","type":"2"})",
      R"("userId":{"system":"https://fhir.nhs.uk/Id/nhsSpineASID","value":"200000000002"},"requestor":false)",
      R"("source":{"site":"https://hub.example.test","identifier":{"value":"https://hub.example.test"})",
      R"("object":[{"identifier":{"system":"http://fhir.nhs.net/Id/nhs-number","value":"9990001383"})",
      R"({"identifier":{"system":"https://sender.example.test/tasks","value":"7"},"reference":{"reference":"Order/)" +
          to_text(id) + R"("})",
      R"("detail":[{"type":"Ssp-InteractionID","value":"dXJuOm5oczpuYW1lczpzZXJ2aWNlczpncGNvbm5lY3Q6ZmhpcjpyZXN0OmNyZWF0ZTpvcmRlcg=="}])"};
  for (const auto& part : parts) {
    INFO(part << "\n" << event);
    CHECK(holds(event, part));
  }
}

TEST_CASE("audit export: a refusal and a failure have the outcomes that FHIR has for them (AUD-03)", "[app]") {
  const auto outcome_of = [](int status, std::string outcome) {
    const auto event = app::audit_event({1, {.kind = "request", .status = status, .outcome = std::move(outcome)}}, "x");
    const auto at = event.find("\"outcome\":\"") + 11;
    return event.substr(at, event.find('"', at) - at);
  };
  CHECK(outcome_of(200, "told") == "0");
  CHECK(outcome_of(422, "INVALID_RESOURCE") == "4");
  CHECK(outcome_of(496, "ACCESS_DENIED") == "4");
  CHECK(outcome_of(502, "failed") == "8");
  CHECK(outcome_of(0, "in-doubt") == "8");
  CHECK(outcome_of(0, "received") == "0");
}

TEST_CASE("audit export: into a new file for its owner alone, never over another one (AUD-03)", "[app]") {
  Desk desk;
  desk.record(request_record(1));
  const auto file = desk.file("out.ndjson");
  CHECK(desk.run("export --output '" + file.string() + "'").code == 0);
  struct stat found {};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 07777U) == 0600U);
  const auto size = std::filesystem::file_size(file);
  CHECK(desk.run("export --output '" + file.string() + "'").code == 2);
  CHECK(holds(desk.complaint(), "name a new file"));
  CHECK(desk.run("export --output '" + desk.file("none/out.ndjson").string() + "'").code == 3);
  CHECK(holds(desk.complaint(), "cannot be made: No such file"));
  CHECK(std::filesystem::file_size(file) == size);
  CHECK(desk.run("export --from then").code == 2);
  CHECK(desk.run("export --from 2026-12-01").code == 0);
}

TEST_CASE("audit verify: with the configuration's key and witness, while the gateway runs (AUD-02)", "[app]") {
  Desk desk;
  desk.record(request_record(1));
  const auto good = desk.run("verify");
  CHECK(good.code == 0);
  CHECK(holds(good.said, "good: 3 records, key "));
  CHECK(holds(good.said, "as the witness saw them"));
  const auto json = desk.run("verify --json").said;
  CHECK(holds(json, R"({"good":true,"records":3,"key":")"));
  CHECK(holds(json, R"("witness":true,"head":"3:)"));
  CHECK(desk.run("verify --head 3:x").code == 2);
  CHECK(desk.run("verify --head 4:" + std::string(64, '0')).code == 1);
}
