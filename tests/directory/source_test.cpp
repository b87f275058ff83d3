#include "directory/source.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "files.hpp"

using namespace gw;
using gw::test::Files;

namespace {

std::string organisations(const std::string& rows) {
  return std::string{test::kOrganisationHeading} + '\n' + rows;
}

}  // namespace

TEST_CASE("source: before the first reload the directory is empty, never null", "[directory]") {
  const directory::DirectorySource source{"none.csv"};
  REQUIRE(source.current() != nullptr);
  CHECK(source.current()->organisations().empty());
}

TEST_CASE("source: a reload swaps the directory, and who holds the old one keeps it (SSP-12)", "[directory]") {
  const Files files;
  directory::DirectorySource source{files.write("o.csv", organisations("A1,200000000001,,,,\n"))};
  REQUIRE(source.reload().has_value());
  const auto old = source.current();
  const auto* const a = old->by_ods("A1");
  static_cast<void>(files.write("o.csv", organisations("B1,200000000002,,,,\n")));
  REQUIRE(source.reload().has_value());
  CHECK(source.current()->by_ods("A1") == nullptr);
  CHECK(source.current()->by_ods("B1") != nullptr);
  CHECK(a->asid.text() == "200000000001");
}

TEST_CASE("source: files that cannot be used leave the directory that was in force", "[directory]") {
  const Files files;
  directory::DirectorySource source{files.write("o.csv", organisations("A1,200000000001,,,,\n"))};
  REQUIRE(source.reload().has_value());
  static_cast<void>(files.write("o.csv", organisations("A1,2,,,,\n")));
  const auto again = source.reload();
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().detail.find("o.csv:2: ASID") != std::string::npos);
  CHECK(source.current()->by_ods("A1") != nullptr);
}

TEST_CASE("source: readers and reloads may run at once", "[directory]") {
  const Files files;
  directory::DirectorySource source{files.write("o.csv", organisations("A1,200000000001,,,,\n"))};
  REQUIRE(source.reload().has_value());
  int missing = 0;
  std::jthread reader{[&] {
    for (int i = 0; i < 2000; ++i) missing += source.current()->by_ods("A1") == nullptr ? 1 : 0;
  }};
  for (int i = 0; i < 20; ++i) REQUIRE(source.reload().has_value());
  reader.join();
  CHECK(missing == 0);
}
