// `outbox` as an operator meets it: the real program over a real outbox, no gateway running.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "exchange/task_message.hpp"
#include "outbox/outbox.hpp"
#include "support/loop.hpp"
#include "support/shell.hpp"
#include "support/terminal.hpp"
#include "support/test_pki.hpp"

using namespace gw;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// An outbox, a directory and the configuration that names both.
class Desk {
 public:
  Desk() {
    for (const auto* const name : {"own.pem", "own.key", "trust.pem"}) folder_.write(name, "");
    folder_.write("organisations.csv",
                  "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID\n"
                  "A20001,200000000101,GP Practice,Alder,North,mailbox,alder.example.test,1\n"
                  "U20002,200000000102,Hub,Beacon,North,mailbox,hub.example.test,2\n");
    folder_.write("patients.csv",
                  "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,"
                  "ADDR3,ADDR4,ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID\n"
                  "9990000018,14/07/1945,,Appleby,Rowan,,Ms,,,,,,,,A20001,1\n");
    folder_.write("gateway.toml",
                  "[tls]\ncertificate = \"own.pem\"\nkey = \"own.key\"\ntrust = \"trust.pem\"\n"
                  "[directory]\norganisations = \"organisations.csv\"\npatients = \"patients.csv\"\n"
                  "[outbox]\npath = \"outbox.db\"\nmin_free_bytes = 0\n"
                  "[spine]\npublic_url = \"https://hub.example.test\"\n");
    settings_.path = file("outbox.db");
    settings_.min_free_bytes = 0;
    settings_.audit.witness = file("outbox.db.witness");
    with_outbox([](outbox::Outbox&) {});
  }

  [[nodiscard]] fs::path file(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  [[nodiscard]] std::string config() const { return " --config '" + file("gateway.toml").string() + "'"; }

  /// A task for the patient with this logical id, sent and in doubt. Gives its id.
  std::string in_doubt(const std::string& patient_id) {
    std::string id;
    with_outbox([&](outbox::Outbox& outbox) {
      directory::Organisation from{.ods = OdsCode{"A20001"}, .asid = Asid{"200000000101"}};
      directory::Organisation to{.ods = OdsCode{"U20002"}, .asid = Asid{"200000000102"}};
      from.logical_id = "1";
      to.logical_id = "2";
      const directory::Patient patient{.nhs_number = NhsNumber{"9990000018"}, .logical_id = patient_id};
      outbox::NewTask task;
      task.id = outbox.next_id();
      task.received_at = clock_.now();
      task.trace = TraceId{random_uuid()};
      task.sender = from.ods;
      task.recipient = to.ods;
      task.subject = "Patient/" + patient_id;
      task.content_type = "application/json+fhir";
      task.body = exchange::make_order({.from = &from,
                                        .to = &to,
                                        .patient = &patient,
                                        .action_needed = false,
                                        .text = "Ring <her> & him.",
                                        .identifier = {}},
                                       clock_.now());
      task.body_hash = sha256(task.body);
      id = to_text(task.id);
      const auto of = task.id;
      await(outbox.admit(std::move(task), outbox::State::kSending, {}, {.kind = "state"}));
      await(outbox.conclude(of, {.event = outbox::Event::kUnknownOutcome, .reply = {504, {}, "maybe"}},
                            {.kind = "request"}));
    });
    return id;
  }

  [[nodiscard]] test::Run run(const std::string& words) const {
    return test::run_in_shell("'" GW_BINARY "' outbox " + words + config() + " 2>&1");
  }
  [[nodiscard]] std::string on_terminal(const std::string& words) const {
    return test::on_terminal(GW_BINARY, "outbox " + words + config()).said;
  }

 private:
  template <class Use>
  void with_outbox(Use use) {
    auto opened = outbox::Outbox::open(settings_, clock_);
    REQUIRE(opened.has_value());
    use(**opened);
    (*opened)->stop();
  }
  template <class T>
  void await(asio::awaitable<Result<T>> wanted) {
    REQUIRE(loop_.run(std::move(wanted)).has_value());
  }

  test::Loop loop_;
  test::TemporaryFolder folder_;
  SystemClock clock_;
  outbox::Settings settings_;
};

}  // namespace

TEST_CASE("outbox show: it tells who the patient is and what was written, as people read it (OPS-04)", "[app]") {
  Desk desk;
  const auto id = desk.in_doubt("1");
  const auto shown = desk.run("show " + id);
  CAPTURE(shown.said);
  CHECK(shown.code == 0);
  CHECK(holds(shown.said, "patient      999 000 0018  APPLEBY, Rowan (Ms), born 14-Jul-1945\n"));
  CHECK(holds(shown.said, "\nRing <her> & him.\n"));
  CHECK_FALSE(holds(shown.said, "resourceType"));
  const auto json = desk.run("show --json " + id).said;
  CHECK(holds(json, R"("patient":"9990000018","text":"Ring <her> & him.")"));
  CHECK(holds(json, R"("body":"{\"resourceType\")"));
}

TEST_CASE("outbox show: a patient that the directory does not know, or no directory, is told as such (OPS-04)",
          "[app]") {
  Desk desk;
  const auto id = desk.in_doubt("77");
  CHECK(holds(desk.run("show " + id).said, "patient      Patient/77, not in the patient index here\n"));
  desk.write("patients.csv", "nonsense\n");
  const auto shown = desk.run("show " + id);
  CHECK(shown.code == 0);
  CHECK(holds(shown.said, "patient      Patient/77 (the directory cannot be read: "));
}

TEST_CASE("outbox list: on a terminal it has headings, and says when there is nothing (OPS-04)", "[app]") {
  Desk desk;
  CHECK(holds(desk.on_terminal("list"), "none"));
  CHECK(desk.run("list").said.empty());
  const auto id = desk.in_doubt("1");
  const auto shown = desk.on_terminal("list");
  CAPTURE(shown);
  CHECK(holds(shown, "id             state "));
  CHECK(shown.find("trace id") < shown.find(id));
  CHECK(desk.run("list").said.starts_with(id));
  CHECK(desk.on_terminal("list --json").starts_with("{"));
}

TEST_CASE(
    "outbox: exit codes mean the same for every command: 1 the answer is no, 2 wrong use, 3 it could not be (OPS-04)",
    "[app]") {
  Desk desk;
  const auto id = desk.in_doubt("1");
  const std::string unknown = to_text(TaskId{1});
  const std::string why = " --reason 'rang them'";
  for (const auto& words :
       {"show 1234", "resolve 1234 --as delivered --reason x", "redrive 1234 --reason x", "redrive 1234 --reason ''"}) {
    CAPTURE(words);
    CHECK(desk.run(words).code == 2);
  }
  CHECK(desk.run("show " + unknown).code == 1);
  CHECK(desk.run("resolve --as delivered " + unknown + why).code == 1);
  CHECK(desk.run("redrive " + unknown + why).code == 1);
  CHECK(desk.run("purge --older-than 1").code == 1);
  const auto copy = desk.file("copy.db").string();
  CHECK(desk.run("backup '" + copy + "'").code == 0);
  const auto again = desk.run("backup '" + copy + "'");
  CHECK(again.code == 2);
  CHECK(holds(again.said, "name a new file"));
  const auto nowhere = desk.run("backup '" + desk.file("none/copy.db").string() + "'");
  CHECK(nowhere.code == 3);
  CHECK(holds(nowhere.said, "there is no folder "));
  CHECK_FALSE(holds(nowhere.said, ".part"));
}

TEST_CASE("outbox: in JSON a change tells the task, its state, and how many were deleted (OPS-04)", "[app]") {
  Desk desk;
  const auto id = desk.in_doubt("1");
  const auto resolved = desk.run("resolve --json --as not-delivered --reason 'rang them' " + id);
  CAPTURE(resolved.said);
  CHECK(resolved.code == 0);
  CHECK(holds(resolved.said, R"("id":")" + id + R"(","state":"failed"})"));
  const auto refused = desk.run("redrive --json --reason 'rang them' " + id);
  CHECK(refused.code == 1);
  CHECK(holds(refused.said, R"({"done":false,"text":"task )" + id));
  CHECK(holds(desk.run("purge --json --older-than 100").said, R"("deleted":0})"));
}
