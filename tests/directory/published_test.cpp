// The published example files, where they are at hand: named by GW_REFERENCE, else beside the source tree.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "directory/csv.hpp"

using namespace gw;

namespace {

std::filesystem::path reference() {
  if (const char* named = std::getenv("GW_REFERENCE"); named != nullptr) return named;
  return std::filesystem::path{GW_SOURCE_DIR} / "../shared/reference";
}

}  // namespace

TEST_CASE("published files: both load as they are, the trust without an ASID included (SSP-09, SSP-10)",
          "[directory]") {
  const auto data = reference() / "data";
  if (!std::filesystem::exists(data / "ODS.csv") || !std::filesystem::exists(data / "PDS.csv")) {
    WARN("skipped: no published ODS.csv and PDS.csv; set GW_REFERENCE to the folder that holds data/");
    return;
  }
  const auto loaded = directory::load_csv(data / "ODS.csv", data / "PDS.csv");
  if (!loaded) FAIL(loaded.error().detail);
  const auto& directory = **loaded;
  CHECK(directory.organisations().size() == 5);
  CHECK(directory.patients().size() == 24);
  const auto* const trust = directory.by_ods("RLP");
  REQUIRE(trust != nullptr);
  CHECK_FALSE(trust->has_mailbox());
  const auto* const practice = directory.by_asid(Asid{"200000000359"});
  REQUIRE(practice != nullptr);
  CHECK(practice->ods.text() == "A21472");
  CHECK(practice->has_mailbox());
  CHECK(directory.share(*practice, *directory.by_ods("A21474")));
  CHECK_FALSE(directory.share(*practice, *trust));
}
