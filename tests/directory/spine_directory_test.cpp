#include "directory/spine_directory.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "files.hpp"
#include "support/blocking_peer.hpp"
#include "support/slapd.hpp"

using namespace gw;
using namespace gw::directory;
using gw::test::ldif_of_service;
using gw::test::ldif_of_system;
using gw::test::Slapd;

namespace {

using Answer = Result<std::shared_ptr<const Directory>>;

const std::string kCreate = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
const std::string kEndpoint = "https://provider.example.test:8443/C33333/DSTU2/1";

/// A11111 and C33333 are to be filled in; B82001's mailbox is here; D44444 is nowhere but in the service.
const std::string kRows =
    "A11111,,GP Practice,Sender Surgery,north,\n"
    "B82001,200000000002,GP Practice,Mailbox Surgery,north,mailbox\n"
    "C33333,,GP Practice,Relayed Surgery,north,\n";

std::string entries() {
  return ldif_of_system("A11111", "200000000001", "A11111-0001", kCreate) +
         ldif_of_service("m1", "A11111-0001", kCreate, "", "sender.example.test") +
         ldif_of_system("C33333", "200000000003", "C33333-0001", kCreate) +
         ldif_of_service("m2", "C33333-0001", kCreate, kEndpoint, "provider.example.test") +
         ldif_of_system("C33333", "200000000033", "C33333-0002", kCreate) +
         ldif_of_service("m3", "C33333-0002", kCreate, "https://other.example.test/C33333", "other.example.test") +
         ldif_of_system("D44444", "200000000004", "D44444-0001", kCreate) +
         ldif_of_service("m4", "D44444-0001", kCreate, "https://d.example.test/D44444", "d.example.test");
}

class SetClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_.load(); }
  void advance(seconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<Instant> now_{Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}}};
};

Wanted wanted(std::string from, std::string to, std::string ods) {
  return {.from = Asid{std::move(from)},
          .to = Asid{std::move(to)},
          .recipient = OdsCode{std::move(ods)},
          .interaction = kCreate};
}

Wanted relayed() {
  return wanted("200000000001", "200000000003", "C33333");
}

asio::awaitable<void> keep(SpineDirectory& directory, Wanted asked, std::vector<Answer>& answers) {
  auto answer = co_await directory.find(std::move(asked));
  answers.push_back(std::move(answer));
}

/// A directory service's settings with the file's rows over it.
class World {
 public:
  explicit World(const SpineSettings& service, SpineDirectorySettings settings = {})
      : overlay_(files_.write("organisations.csv", std::string{test::kOrganisationHeading} + '\n' + kRows)) {
    settings.service = service;
    REQUIRE(overlay_.reload().has_value());
    directory_ = std::make_unique<SpineDirectory>(overlay_, settings, clock_);
  }

  SpineDirectory& directory() { return *directory_; }
  SetClock& clock() { return clock_; }

  std::vector<Answer> find_all(const std::vector<Wanted>& asked) {
    std::vector<Answer> answers;
    for (const auto& one : asked) {
      asio::co_spawn(context_, keep(*directory_, one, answers), [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
    }
    context_.restart();
    context_.run();
    REQUIRE(answers.size() == asked.size());
    return answers;
  }
  Answer find(const Wanted& asked) { return find_all({asked}).front(); }
  /// Ask until the health is as wanted: a question that nobody waits for takes its time.
  void wait_until_away_is(bool away) {
    const auto limit = std::chrono::steady_clock::now() + seconds{30};
    while (directory_->health().away != away) {
      REQUIRE(std::chrono::steady_clock::now() < limit);
      std::this_thread::yield();
    }
  }

 private:
  test::Files files_;
  DirectorySource overlay_;
  SetClock clock_;
  asio::io_context context_{1};
  std::unique_ptr<SpineDirectory> directory_;
};

std::unique_ptr<Slapd> start_server() {
  if (Slapd::present()) return std::make_unique<Slapd>(entries());
  WARN("skipped: there is no slapd here (Debian package slapd)");
  return nullptr;
}

SpineSettings of_nobody() {
  static const test::TemporaryFolder folder;
  static test::TestCa ca{"Directory Root"};
  const auto client = ca.issue({});
  SpineSettings settings;
  settings.ldap.url = "ldaps://127.0.0.1:1";
  settings.ldap.trust = folder.write("trust.pem", ca.certificate());
  settings.ldap.certificate = folder.write("client.pem", client.certificate);
  settings.ldap.key = folder.write("client.key", client.key);
  return settings;
}

}  // namespace

TEST_CASE("directory over another: it fills in, but takes nobody's place", "[directory]") {
  std::vector<std::string> errors;
  Organisation row{.ods = OdsCode{"A1"}, .asid = Asid{"200000000001"}};
  row.endpoint = "https://a.example.test";
  row.logical_id = "1";
  Organisation empty{.ods = OdsCode{"B1"}, .asid = {}};
  empty.logical_id = "2";
  const auto below = Directory::make({row, empty}, {}, errors);
  auto thief = empty;
  thief.asid = row.asid;
  thief.endpoint = row.endpoint;
  thief.from_service = true;
  const auto view = Directory::over(below, {thief});
  CHECK(view->by_asid(row.asid)->ods.text() == "A1");
  CHECK(view->by_endpoint(row.endpoint)->ods.text() == "A1");
  CHECK(view->by_ods("B1")->from_service);
  CHECK(view->by_logical_id("2")->from_service);
  CHECK(view->by_ods("A1") == below->by_ods("A1"));
}

TEST_CASE("spine directory: what the file holds needs nobody (SSP-09)", "[directory]") {
  World world{of_nobody()};
  const auto stranger = world.directory().at_hand(wanted("200000000002", "200000000002", "Z99999"));
  REQUIRE(stranger != nullptr);
  CHECK(stranger->by_ods("Z99999") == nullptr);
  const auto own = world.directory().at_hand(wanted("200000000002", "200000000002", "B82001"));
  REQUIRE(own != nullptr);
  CHECK(own->by_ods("B82001")->has_mailbox());
  CHECK(world.directory().at_hand(relayed()) == nullptr);
  CHECK(world.directory().health().questions == 0);
}

TEST_CASE("spine directory: sender and recipient are filled in with what the service says (SSP-09)", "[directory]") {
  const auto server = start_server();
  if (!server) return;
  World world{server->settings()};
  const auto found = world.find(relayed());
  REQUIRE(found.has_value());
  const auto& directory = **found;
  const auto* const sender = directory.by_asid(Asid{"200000000001"});
  REQUIRE(sender != nullptr);
  CHECK(sender->ods.text() == "A11111");
  CHECK(sender->name == "Sender Surgery");
  CHECK(sender->fqdn == "sender.example.test");
  CHECK(sender->interactions == std::vector<std::string>{kCreate});
  CHECK_FALSE(sender->has_mailbox());
  const auto* const recipient = directory.by_ods("C33333");
  CHECK(recipient->asid.text() == "200000000003");
  CHECK(directory.by_endpoint(kEndpoint) == recipient);
  CHECK(directory.share(*sender, *recipient));

  const auto other = world.find(wanted("200000000001", "200000000033", "C33333"));
  REQUIRE(other.has_value());
  CHECK((*other)->by_ods("C33333")->fqdn == "other.example.test");

  const auto stranger = world.find(wanted("200000000004", "200000000003", "C33333"));
  REQUIRE(stranger.has_value());
  const auto* const without_row = (*stranger)->by_asid(Asid{"200000000004"});
  REQUIRE(without_row != nullptr);
  CHECK_FALSE((*stranger)->share(*without_row, *(*stranger)->by_ods("C33333")));
}

TEST_CASE("spine directory: requests for one key share a question, and the next needs none (SSP-09)", "[directory]") {
  const auto server = start_server();
  if (!server) return;
  World world{server->settings()};
  for (const auto& found : world.find_all(std::vector<Wanted>(20, relayed()))) CHECK(found.has_value());
  CHECK(world.directory().health().questions == 2);
  server->stop();
  REQUIRE(world.directory().at_hand(relayed()) != nullptr);
  CHECK(world.find(relayed()).has_value());
  CHECK(world.directory().health().questions == 2);
}

TEST_CASE("spine directory: while the service is away its last answers are used, up to a limit (SSP-09)",
          "[directory]") {
  const auto server = start_server();
  if (!server) return;
  SpineDirectorySettings settings;
  settings.cache = {.fresh = seconds{100}, .absent = seconds{10}, .stale = seconds{1000}, .entries = 100};
  World world{server->settings(), settings};
  REQUIRE(world.find(relayed()).has_value());
  server->stop();
  world.clock().advance(seconds{100});
  CHECK(world.directory().at_hand(relayed()) == nullptr);
  CHECK_FALSE(world.directory().health().away);
  const auto stale = world.find(relayed());
  REQUIRE(stale.has_value());
  CHECK((*stale)->by_ods("C33333")->endpoint == kEndpoint);
  CHECK(world.directory().health().away);
  // Now that it is known to be away nobody waits, and who is not known is told so at once.
  CHECK(world.directory().at_hand(relayed()) != nullptr);
  const auto failures = world.directory().health().failures;
  CHECK_FALSE(world.find(wanted("299999999999", "200000000003", "C33333")).has_value());
  CHECK(world.directory().health().failures == failures);

  world.clock().advance(seconds{1000});
  CHECK_FALSE(world.find(relayed()).has_value());
  server->start();
  world.clock().advance(seconds{5});
  CHECK(world.find(relayed()).has_value());
  CHECK_FALSE(world.directory().health().away);
}

TEST_CASE("spine directory: that the service is back is found out without anybody's waiting", "[directory]") {
  const auto server = start_server();
  if (!server) return;
  SpineDirectorySettings settings;
  settings.cache.fresh = seconds{100};
  World world{server->settings(), settings};
  REQUIRE(world.find(relayed()).has_value());
  server->stop();
  world.clock().advance(seconds{100});
  REQUIRE(world.find(relayed()).has_value());
  REQUIRE(world.directory().health().away);
  server->start();
  world.clock().advance(seconds{5});
  CHECK(world.directory().at_hand(relayed()) != nullptr);
  world.wait_until_away_is(false);
}

TEST_CASE("spine directory: that a system is not registered is asked again after a while (SSP-09)", "[directory]") {
  const auto server = start_server();
  if (!server) return;
  World world{server->settings()};
  const auto unknown = wanted("299999999999", "200000000003", "C33333");
  const auto found = world.find(unknown);
  REQUIRE(found.has_value());
  CHECK((*found)->by_asid(unknown.from) == nullptr);
  const auto asked = world.directory().health().questions;
  CHECK(world.directory().at_hand(unknown) != nullptr);
  world.clock().advance(SpineCacheLimits{}.absent);
  CHECK(world.directory().at_hand(unknown) == nullptr);
  CHECK(world.find(unknown).has_value());
  CHECK(world.directory().health().questions == asked + 1);
}

TEST_CASE("spine directory: a service that says nothing holds up no more than those who ask it", "[directory]") {
  const test::ScriptedServer silent{[](test::BlockingPeer& peer) { static_cast<void>(peer.receive_to_end()); }, 2};
  auto service = of_nobody();
  service.ldap.url = "ldaps://127.0.0.1:" + std::to_string(silent.port());
  service.ldap.connect = milliseconds{1000};
  SpineDirectorySettings settings;
  settings.threads = 1;
  settings.waiting = 1;
  settings.wait = milliseconds{20};
  World world{service, settings};
  const auto answers = world.find_all({relayed(), wanted("200000000003", "200000000003", "C33333"),
                                       wanted("200000000005", "200000000003", "C33333"),
                                       wanted("200000000006", "200000000003", "C33333")});
  for (const auto& answer : answers) {
    REQUIRE_FALSE(answer.has_value());
    CHECK((answer.error().kind == FaultKind::kTimeout || answer.error().kind == FaultKind::kOverloaded));
  }
  CHECK(answers.front().error().kind == FaultKind::kOverloaded);
  CHECK(world.directory().at_hand(wanted("200000000002", "200000000002", "B82001")) != nullptr);
}
