// The conformance suite against the demo's world: what it demands of any endpoint, ours must give.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "whole/world.hpp"

using namespace gw::test;

namespace {

int run_suite(const std::string& arguments) {
  auto& demo = World::shared().demo();
  REQUIRE(demo.write_topology().has_value());
  const auto command =
      std::string{GW_CONFORMANCE} + " --topology " + (demo.dir() / "topology.json").string() + ' ' + arguments;
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string text_of(const std::string& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("conformance: a mailbox meets all that applies to it (TASK-01, TASK-12, SSP-01, JWT-02, TLS-02)",
          "[conformance]") {
  CHECK(run_suite("--party U20002 --junit conformance.xml") == 0);
  const auto report = text_of("conformance.xml");
  CHECK(report.find("<testsuite ") == 0);
  CHECK(report.find("<failure") == std::string::npos);
}

TEST_CASE("conformance: what the suite cannot run is told by its exit code", "[conformance]") {
  CHECK(run_suite("--party Z99999") == 2);
  CHECK(run_suite("--only NONE-01") == 2);
}

TEST_CASE("conformance: an endpoint that does not answer as it must fails", "[conformance]") {
  World::shared().demo().stop("practice-b");
  CHECK(run_suite("--party B20003 --only TASK-01 --json > conformance.json") == 1);
  CHECK(text_of("conformance.json").find(R"("outcome":"failed","sent":"POST /B20003/)") != std::string::npos);
}
