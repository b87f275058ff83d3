// /metrics holds to the Prometheus text format, says what was measured, and nothing of anybody.
#include "app/metrics.hpp"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "app/exposition.hpp"

using gw::Instant;
using gw::app::Exposition;
using gw::app::Measured;
using gw::app::metrics_page;
using gw::exchange::Meters;
using gw::exchange::Stage;
using gw::exchange::StageClock;
using namespace std::chrono_literals;

namespace {

/// Samples by name and labels ("a_total{x=\"y\"}"); fails the test where the format is broken.
std::map<std::string, double> parse(const std::string& page) {
  static const std::regex help{R"(# HELP ([a-z_]+) \S.*)"};
  static const std::regex type{R"(# TYPE ([a-z_]+) (counter|gauge|histogram))"};
  static const std::regex sample{R"re(([a-z_]+)(\{([a-z]+="([^"\\\n]|\\.)*",?)+\})? ([-+0-9.e]+))re"};
  std::map<std::string, double> samples;
  std::set<std::string> families;
  std::string family;
  std::string kind;
  REQUIRE(page.ends_with('\n'));
  std::istringstream lines{page};
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    std::smatch found;
    if (std::regex_match(line, found, help)) {
      family = found[1];
      kind.clear();
      REQUIRE(families.insert(family).second);
      REQUIRE(family.starts_with("gpconnect_"));
    } else if (std::regex_match(line, found, type)) {
      REQUIRE(found[1] == family);
      kind = found[2];
      REQUIRE(family.ends_with("_total") == (kind == "counter"));
    } else {
      REQUIRE(std::regex_match(line, found, sample));
      const std::string name = found[1];
      const bool of_histogram =
          kind == "histogram" && (name == family + "_bucket" || name == family + "_sum" || name == family + "_count");
      REQUIRE((of_histogram || (kind != "histogram" && name == family)));
      REQUIRE(samples.emplace(name + found[2].str(), std::stod(found[5])).second);
    }
  }
  return samples;
}

struct World {
  Meters meters;
  Measured measured{.meters = meters};
  [[nodiscard]] std::map<std::string, double> page() const { return parse(metrics_page(measured)); }
};

constexpr std::string_view kCreate = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";

}  // namespace

TEST_CASE("metrics: requests are counted by interaction, class of status, outcome and rule (OPS-02)", "[app]") {
  World world;
  const StageClock stages;
  world.meters.served({.interaction = kCreate, .status = 201, .outcome = "delivered"}, stages);
  world.meters.served({.interaction = kCreate, .status = 201, .outcome = "repeat"}, stages);
  world.meters.served({.interaction = kCreate, .status = 422, .outcome = "INVALID_RESOURCE", .refused_by = "TASK-07"},
                      stages);
  world.meters.served({.interaction = "x\"\n9990000018", .status = 400, .outcome = "", .refused_by = "SSP-02"}, stages);
  world.meters.refused_early(400);
  auto page = world.page();
  CHECK(page.at(R"(gpconnect_requests_total{interaction="create:order",status="2xx"})") == 2);
  CHECK(page.at(R"(gpconnect_requests_total{interaction="create:order",status="4xx"})") == 1);
  CHECK(page.at(R"(gpconnect_requests_total{interaction="unknown",status="4xx"})") == 2);
  CHECK(page.at(R"(gpconnect_task_outcomes_total{outcome="delivered"})") == 1);
  CHECK(page.at(R"(gpconnect_task_outcomes_total{outcome="repeat"})") == 1);
  CHECK(page.at(R"(gpconnect_task_outcomes_total{outcome="in-doubt"})") == 0);
  CHECK(page.at(R"(gpconnect_refusals_total{rule="TASK-07"})") == 1);
  CHECK(page.at(R"(gpconnect_refusals_total{rule="SSP-02"})") == 1);
  CHECK(page.at("gpconnect_request_seconds_count") == 4);
  CHECK(metrics_page(world.measured).find("9990000018") == std::string::npos);
}

TEST_CASE("metrics: a stage that was passed is in its histogram, one that was not is not (OPS-02)", "[app]") {
  World world;
  StageClock stages;
  stages.done(Stage::kIdentify);
  stages.done(Stage::kAdmit);
  world.meters.served({.interaction = kCreate, .status = 201, .outcome = "delivered"}, stages);
  auto page = world.page();
  CHECK(page.at(R"(gpconnect_stage_seconds_count{stage="identify"})") == 1);
  CHECK(page.at(R"(gpconnect_stage_seconds_bucket{stage="admit",le="+Inf"})") == 1);
  CHECK(page.at(R"(gpconnect_stage_seconds_count{stage="connect"})") == 0);
}

TEST_CASE("metrics: histogram buckets are cumulative, their bounds inclusive and in seconds (OPS-02)", "[app]") {
  gw::HistogramCounts counts;
  counts.observe(50us);
  counts.observe(51us);
  counts.observe(1s);
  counts.observe(60s);
  Exposition out;
  out.family("x_seconds", "histogram", "X.");
  out.histogram({}, counts);
  auto page = parse(out.take());
  CHECK(page.at(R"(gpconnect_x_seconds_bucket{le="5e-05"})") == 1);
  CHECK(page.at(R"(gpconnect_x_seconds_bucket{le="0.0001"})") == 2);
  CHECK(page.at(R"(gpconnect_x_seconds_bucket{le="0.5"})") == 2);
  CHECK(page.at(R"(gpconnect_x_seconds_bucket{le="1"})") == 3);
  CHECK(page.at(R"(gpconnect_x_seconds_bucket{le="30"})") == 3);
  CHECK(page.at(R"(gpconnect_x_seconds_bucket{le="+Inf"})") == 4);
  CHECK(page.at("gpconnect_x_seconds_count") == 4);
  CHECK(page.at("gpconnect_x_seconds_sum") == Approx(61.000101));
}

TEST_CASE("metrics: an observation lands in the same bucket in both kinds of histogram (OPS-02)", "[app]") {
  gw::Histogram shared;
  gw::HistogramCounts own;
  for (const auto took : {std::chrono::nanoseconds{0}, std::chrono::nanoseconds{1ms}, std::chrono::nanoseconds{1h}}) {
    shared.observe(took);
    own.observe(took);
  }
  CHECK(shared.counts().buckets == own.buckets);
  CHECK(shared.counts().sum == own.sum);
}

TEST_CASE("metrics: the outbox, its backlog by recipient, recipients and the certificate are told (OPS-02)", "[app]") {
  World world;
  auto& measured = world.measured;
  measured.now = Instant{100s};
  measured.started = Instant{40s};
  measured.certificate_until = Instant{86'500s};
  measured.crl_until = Instant{3'700s};
  measured.reloaded.at(static_cast<std::size_t>(gw::app::Reload::kTokenKeys)) = false;
  measured.ready = true;
  measured.connections = 7;
  measured.depth.in_doubt = 3;
  measured.stats.operations = 11;
  measured.stats.commit_times.observe(2ms);
  measured.backlog = {
      {.recipient = gw::OdsCode{"B20003"}, .state = gw::outbox::State::kInDoubt, .entries = 3, .oldest = Instant{70s}}};
  gw::delivery::RecipientHealth health;
  health.host = "cedar.test";
  health.port = 443;
  health.breaker = gw::delivery::Breaker::State::kOpen;
  health.open = 5;
  health.idle = 4;
  health.since_success = 2500ms;
  measured.recipients = {health};
  auto page = world.page();
  CHECK(page.at("gpconnect_ready") == 1);
  CHECK(page.at("gpconnect_connections") == 7);
  CHECK(page.at(R"(gpconnect_outbox_entries{state="in-doubt"})") == 3);
  CHECK(page.at(R"(gpconnect_outbox_backlog_entries{recipient="B20003",state="in-doubt"})") == 3);
  CHECK(page.at(R"(gpconnect_outbox_backlog_oldest_seconds{recipient="B20003",state="in-doubt"})") == 30);
  CHECK(page.at("gpconnect_outbox_operations_total") == 11);
  CHECK(page.at("gpconnect_outbox_commit_seconds_count") == 1);
  CHECK(page.at(R"(gpconnect_recipient_breaker_open{host="cedar.test:443"})") == 1);
  CHECK(page.at(R"(gpconnect_recipient_connections{host="cedar.test:443"})") == 5);
  CHECK(page.at("gpconnect_certificate_expiry_seconds") == 86'400);
  CHECK(page.at("gpconnect_crl_expiry_seconds") == 3'600);
  CHECK(page.at(R"(gpconnect_reload_ok{what="token keys"})") == 0);
  CHECK(page.at(R"(gpconnect_reload_ok{what="directory"})") == 1);
  CHECK(page.at(R"(gpconnect_recipient_last_success_seconds{host="cedar.test:443"})") == 2.5);
  CHECK(page.at("gpconnect_process_start_time_seconds") == 40);
  CHECK(page.at("gpconnect_process_resident_memory_bytes") > 0);
  CHECK(page.at("gpconnect_process_cpu_seconds_total") >= 0);
}

TEST_CASE("metrics: a label's value is escaped (OPS-02)", "[app]") {
  Exposition out;
  out.family("x", "gauge", "X.");
  out.sample({{"a", "q\" b\\ n\n"}}, 1);
  CHECK(parse(out.take()).at(R"(gpconnect_x{a="q\" b\\ n\n"})") == 1);
}

TEST_CASE("metrics: promtool finds nothing to complain of (OPS-02)", "[app]") {
  if (std::system("command -v promtool >/dev/null") != 0) {  // NOLINT(cert-env33-c)
    WARN("promtool (Debian package prometheus) is not here: its check is skipped");
    return;
  }
  World world;
  world.meters.served({.interaction = kCreate, .status = 201, .outcome = "delivered", .refused_by = "X-01"}, {});
  auto* const promtool = ::popen("promtool check metrics", "w");  // NOLINT(cert-env33-c)
  REQUIRE(promtool != nullptr);
  const auto page = metrics_page(world.measured);
  CHECK(std::fwrite(page.data(), 1, page.size(), promtool) == page.size());
  CHECK(::pclose(promtool) == 0);
}

TEST_CASE("metrics: how it stands with the directory service is told where there is one (SSP-09, OPS-02)", "[app]") {
  World world;
  CHECK(world.page().count("gpconnect_directory_up") == 0);
  world.measured.directory =
      gw::directory::SpineHealth{.away = true, .since = {}, .questions = 12, .failures = 5, .cached = 3};
  const auto page = world.page();
  CHECK(page.at("gpconnect_directory_up") == 0);
  CHECK(page.at("gpconnect_directory_questions_total") == 12);
  CHECK(page.at("gpconnect_directory_failures_total") == 5);
  CHECK(page.at("gpconnect_directory_cached") == 3);
}
