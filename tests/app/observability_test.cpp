// The dashboard, the alert rules and the runbook name what there is: every metric is in the exposition, every alert in
// the runbook.
#include <rapidjson/document.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "app/metrics.hpp"

namespace {

using namespace gw;

std::string text_of(const std::string& name) {
  std::ifstream in{GW_SOURCE "/gateway/" + name};
  INFO(name);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::set<std::string> all_of(const std::string& text, const std::regex& what) {
  std::set<std::string> found;
  for (std::sregex_iterator at{text.begin(), text.end(), what}, end; at != end; ++at) found.insert((*at)[1]);
  return found;
}

/// Every metric's name that a sample of a gateway with something to tell in each part begins with.
std::set<std::string> exposed() {
  exchange::Meters meters;
  meters.served({.interaction = "urn:nhs:names:services:gpconnect:fhir:rest:create:order",
                 .status = 422,
                 .outcome = "delivered",
                 .refused_by = "TASK-07"},
                {});
  app::Measured measured{.meters = meters};
  measured.backlog = {
      {.recipient = OdsCode{"B20003"}, .state = outbox::State::kInDoubt, .entries = 1, .oldest = Instant{}}};
  delivery::RecipientHealth health;
  health.host = "cedar.example.test";
  health.since_success = milliseconds{1};
  measured.recipients = {health};
  measured.directory = directory::SpineHealth{};
  measured.crl_until = Instant{seconds{1}};
  return all_of("\n" + app::metrics_page(measured), std::regex{"\n(gpconnect_[a-z_]+)"});
}

/// What a file names that is not exposed.
std::set<std::string> unknown_in(const std::string& text) {
  const auto known = exposed();
  std::set<std::string> unknown;
  for (const auto& name : all_of(text, std::regex{"\\b(gpconnect_[a-z_]+)"})) {
    if (!known.contains(name)) unknown.insert(name);
  }
  return unknown;
}

}  // namespace

TEST_CASE("dashboard: it is JSON, and every metric in it is exposed (OPS-02)", "[app]") {
  const auto text = text_of("observability/dashboard.json");
  rapidjson::Document json;
  REQUIRE_FALSE(json.Parse(text.c_str()).HasParseError());
  std::size_t expressions = 0;
  for (const auto& panel : json["panels"].GetArray()) {
    CHECK(panel["title"].GetStringLength() > 0);
    if (panel.HasMember("targets")) expressions += panel["targets"].Size();
  }
  CHECK(expressions > 20);
  CHECK(unknown_in(text) == std::set<std::string>{});
  CHECK(unknown_in("gpconnect_nobody_knows") == std::set<std::string>{"gpconnect_nobody_knows"});
}

TEST_CASE("dashboard: every metric that is exposed is in it, or in an alert (OPS-02)", "[app]") {
  const auto told = all_of(text_of("observability/dashboard.json") + text_of("observability/alerts.yml"),
                           std::regex{"\\b(gpconnect_[a-z_]+?)(_bucket|_sum|_count)?\\b"});
  for (const auto& name : exposed()) {
    INFO(name);
    CHECK(told.contains(std::regex_replace(name, std::regex{"_(bucket|sum|count)$"}, "")));
  }
}

TEST_CASE("alerts: every metric in them is exposed, and each has its section in the runbook (OPS-02)", "[app]") {
  const auto rules = text_of("observability/alerts.yml");
  CHECK(unknown_in(rules) == std::set<std::string>{});
  const auto alerts = all_of(rules, std::regex{"- alert: ([A-Za-z]+)"});
  auto sections = all_of(text_of("guides/runbook.md"), std::regex{"\n## ([A-Za-z]+)\n"});
  CHECK(alerts.size() > 10);
  CHECK(sections == alerts);
}

TEST_CASE("alerts: promtool takes them, and its unit tests of them pass (OPS-02, OPS-05)", "[app]") {
  if (std::system("command -v promtool >/dev/null") != 0) {  // NOLINT(cert-env33-c)
    WARN("promtool (Debian package prometheus) is not here: its checks are skipped");
    return;
  }
  CHECK(std::system("cd '" GW_SOURCE "/gateway/observability' && promtool check rules alerts.yml") == 0);      // NOLINT
  CHECK(std::system("cd '" GW_SOURCE "/gateway/observability' && promtool test rules alerts_test.yml") == 0);  // NOLINT
}
