// Bad input never surprises: a clear 4xx OperationOutcome, and the gateway goes on serving with no more memory than
// before.
#include <catch2/catch.hpp>
#include <fstream>

#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

struct Bad {
  const char* name;
  std::string body;
  int status;
};

std::string valid_body() {
  return World::shared().request(Way::kMailbox).body;
}

std::string with_wrong_types_everywhere() {
  return R"({"resourceType":"Order","meta":[1],"contained":"x","date":7,"subject":["a"],"source":true,"target":{"reference":{"a":"b"}},)"
         R"("reasonCodeableConcept":"1","detail":{"reference":3},"identifier":"x","when":0})";
}

std::vector<Bad> bad_bodies() {
  return {
      {"empty", "", 400},
      {"broken JSON", "{\"resourceType\":\"Order\",", 400},
      {"not JSON at all", "hello", 400},
      {"10,000 levels of arrays", std::string(10'000, '['), 400},
      {"10,000 levels of objects",
       [] {
         std::string text;
         for (int i = 0; i < 10'000; ++i) text += "{\"a\":";
         return text;
       }(),
       400},
      {"20 MB", std::string(20'000'000, ' '), 400},
      {"20 MB in one string", "{\"resourceType\":\"" + std::string(20'000'000, 'a') + "\"}", 400},
      {"invalid UTF-8", replaced(valid_body(), "evening", "even\xC3\x28ing"), 400},
      {"a lone surrogate", replaced(valid_body(), "evening", "even\\ud800ing"), 400},
      {"a duplicate key", replaced(valid_body(), "\"date\":", "\"date\":\"2014-01-01\",\"date\":"), 400},
      {"bytes after the end", valid_body() + "x", 400},
      {"a NUL byte", replaced(valid_body(), "evening", std::string_view{"even\0ing", 8}), 400},
      {"another resource type", replaced(valid_body(), "\"resourceType\":\"Order\"", "\"resourceType\":\"Patient\""),
       400},
      {"wrong types everywhere", with_wrong_types_everywhere(), 422},
  };
}

/// Resident memory of a party's process, in KiB.
long resident_kib(World& world, std::string_view party) {
  std::ifstream status{"/proc/" + std::to_string(world.demo().process(party).pid()) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

}  // namespace

TEST_CASE("bad input: each gets a clear 4xx OperationOutcome and is not stored (ANS-03, ANS-04)", "[whole]") {
  auto& world = World::shared();
  for (const auto& bad : bad_bodies()) {
    CAPTURE(bad.name);
    auto request = world.request(Way::kMailbox);
    request.body = bad.body;
    const auto answer = world.send(request);
    REQUIRE(answer.has_value());
    CHECK(answer->status == bad.status);
    CHECK(answer->body.find("\"resourceType\":\"OperationOutcome\"") != std::string::npos);
    CHECK(answer->body.find("\"diagnostics\"") != std::string::npos);
    CHECK(world.received("hub", trace_of(request)) == 0);
  }
}

TEST_CASE("bad input: a body over its limit is told as too-long, and the connection closes (section 7)", "[whole]") {
  auto& world = World::shared();
  auto request = world.request(Way::kMailbox);
  request.body = std::string(2'000'000, ' ');
  const auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 400);
  CHECK(answer->body.find("too-long") != std::string::npos);
  CHECK(iequals(header_value(answer->headers, "Connection"), "close"));
}

TEST_CASE("bad input: memory does not grow with it, and good tasks are still taken", "[whole]") {
  auto& world = World::shared();
  const auto flood = [&world] {
    for (int round = 0; round < 5; ++round) {
      for (const auto& bad : bad_bodies()) {
        auto request = world.request(Way::kMailbox);
        request.body = bad.body;
        REQUIRE(world.send(request).has_value());
      }
    }
  };
  flood();
  const auto before = resident_kib(world, "hub");
  flood();
#if defined(GW_UNDER_ASAN)
  constexpr long held_back = 256 * 1024;  // freed memory that AddressSanitizer keeps to itself at most
#else
  constexpr long held_back = 0;
#endif
  CHECK(resident_kib(world, "hub") < before + 8'192 + held_back);
  CHECK(world.send(world.request(Way::kMailbox))->status == 201);
}
