// A console over a real outbox and the real gateway's handler, with a recipient that does as a test says.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "console/console.hpp"
#include "console/sign_in_page.hpp"
#include "directory/files.hpp"
#include "exchange/exchange_world.hpp"
#include "exchange/send_bench.hpp"
#include "support/loop.hpp"

namespace gw::console::test {

inline constexpr std::string_view kOrganisations =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID\n"
    "A11111,200000000001,GP Practice,Alder <Lane> Surgery,north,mailbox,hub.example.test,1\n"
    "C33333,200000000003,GP Practice,Cedar Practice,north,https://provider.example.test:8443/C33333/DSTU2/1,"
    "provider.example.test,3\n"
    "E55555,200000000005,GP Practice,Elm Practice,north,mailbox,elm.example.test,5\n"
    "D44444,200000000004,GP Practice,Dale Practice,south,mailbox,dale.example.test,4\n";
inline constexpr std::string_view kPatients =
    "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,TITLE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID\n"
    "9990000018,14/07/1945,,O'Appleby,Rowan,Ms,,C33333,10\n"
    "9990001383,02/11/1953,,Birch,Hazel,Mrs,,A11111,11\n";
inline constexpr std::string_view kPassword = "correct horse";

/// What an operator's resolve was asked for.
class FakeOperations final : public Operations {
 public:
  std::vector<std::string> asked;
  asio::awaitable<Result<std::string>> resolve(std::string id, std::string as, std::string reason, std::string user_id,
                                               std::string) override {
    asked = {std::move(id), std::move(as), std::move(reason), std::move(user_id)};
    co_return "it is on record";
  }
  asio::awaitable<Result<std::string>> redrive(std::string id, std::string reason, std::string user_id,
                                               std::string) override {
    asked = {"redrive", std::move(id), std::move(reason), std::move(user_id)};
    co_return "it is tried now";
  }
};

/// A browser's share: keeps the cookie and the form token.
struct World {
  gw::test::Loop loop;
  gw::test::Files files;
  exchange::test::FixedClock clock;
  directory::DirectorySource directory{files.write("organisations.csv", kOrganisations),
                                       files.write("patients.csv", kPatients)};
  std::unique_ptr<outbox::Outbox> outbox;
  exchange::test::FakeCourier courier;
  exchange::Settings exchange_settings;
  std::optional<exchange::Gateway> gateway;
  FakeOperations operations;
  Settings settings;
  outbox::Settings store{.path = files.path("outbox.db")};
  AuditDesk audit{store, 4};
  std::optional<Console> console;
  std::string cookie, form_token;
  Headers extra{{"Host", "console.test:8445"}, {"Origin", "https://console.test:8445"}};

  World() {
    REQUIRE(directory.reload().has_value());
    auto opened = outbox::Outbox::open(store, clock);
    REQUIRE(opened.has_value());
    outbox = std::move(*opened);
    exchange_settings.caller = {.public_url = "https://hub.example.test", .trusted_proxies = {}};
    exchange_settings.hosts = {{"provider.example.test:8443", "127.0.0.1:1"}};
    gateway.emplace(exchange::Parts{clock, directory, *outbox, courier, exchange_settings});
    const auto hash = hash_password(std::string{kPassword});
    REQUIRE(hash.has_value());
    settings.users = {user("shah", "Dr Amina Shah", Role::kClinician, "A11111", *hash),
                      user("elm", "Dr Ella Elm", Role::kAdministrator, "E55555", *hash),
                      user("operator", "Sam Field", Role::kOperator, "", *hash),
                      user("auditor", "Kim Reed", Role::kAuditor, "", *hash)};
    console.emplace(
        Parts{clock, directory, *outbox, courier, *gateway, operations, audit, settings, "hub.example.test"});
    courier.answer = [] { return delivered(); };
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { outbox->stop(); }

  static User user(std::string id, std::string name, Role role, std::string organisation, std::string hash) {
    return {.id = std::move(id),
            .name = std::move(name),
            .role = role,
            .organisation = OdsCode{std::move(organisation)},
            .sds_user_id = "111222333444",
            .job_role = "R0260",
            .password_hash = std::move(hash),
            .certificate = {}};
  }

  static delivery::Delivery delivered() {
    return {.verdict = delivery::Verdict::kDelivered,
            .status = 201,
            .pass_on = true,
            .answer = net::WireAnswer{.status = 201, .headers = {}, .complete = true},
            .diagnostics = "stored"};
  }
  static delivery::Delivery failed() {
    return {.verdict = delivery::Verdict::kFailed, .status = 502, .diagnostics = "connection refused"};
  }
  static delivery::Delivery in_doubt() {
    return {.verdict = delivery::Verdict::kInDoubt, .status = 504, .diagnostics = "no answer came"};
  }

  template <class T>
  T run(asio::awaitable<T> wanted) {
    return loop.run(std::move(wanted));
  }

  Response request(std::string_view method, std::string_view target, std::string_view form = {}) {
    RequestHead head{.method = std::string{method}, .target = std::string{target}, .headers = extra};
    head.peer.address = "10.0.0.7:50000";
    head.received_at = clock.now();
    if (!cookie.empty()) head.headers.push_back({"Cookie", std::string{kSessionCookie} + "=" + cookie});
    exchange::test::WholeBody body{form};
    auto response = run(console->handle(head, body));
    const auto set = header_value(response.headers, "Set-Cookie");
    const auto begin = set.find('=');
    if (begin != std::string_view::npos) cookie = set.substr(begin + 1, set.find(';') - begin - 1);
    constexpr std::string_view token = R"(name="form_token" value=")";
    const auto at = response.body.find(token);
    if (at != std::string::npos) {
      const auto value = at + token.size();
      form_token = response.body.substr(value, response.body.find('"', value) - value);
    }
    return response;
  }
  Response get(std::string_view target) { return request("GET", target); }
  /// With the form token of the page that was shown last.
  Response post(std::string_view target, const std::string& form) {
    return request("POST", target, "form_token=" + query_encoded(form_token) + "&" + form);
  }
  void sign_in(std::string_view name) {
    form_token.clear();
    const auto response = post("/sign-in", "user=" + std::string{name} + "&password=" + query_encoded(kPassword));
    REQUIRE(response.status == 303);
    get(header_value(response.headers, "Location"));
  }
  /// A task about Ms O'Appleby to Cedar Practice, sent by who is signed in.
  Response send(std::string_view identifier, std::string_view text = "Please ring her.") {
    return post("/send", "nhs-number=9990000018&to=C33333&type=2&identifier=" + std::string{identifier} +
                             "&text=" + query_encoded(text));
  }
  std::vector<outbox::StoredTask> tasks() {
    auto found = run(outbox->search({.newest_first = true}));
    REQUIRE(found.has_value());
    return std::move(found->tasks);
  }
};

inline bool shows(const Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

}  // namespace gw::console::test
