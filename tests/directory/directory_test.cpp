#include "directory/directory.hpp"

#include <catch2/catch.hpp>

using namespace gw;
using namespace gw::directory;

namespace {

Organisation organisation(const std::string& ods, const std::string& asid, const std::string& group,
                          const std::string& endpoint = {}) {
  Organisation made;
  made.ods = OdsCode{ods};
  made.asid = Asid{asid};
  made.sharing_group = group;
  made.endpoint = endpoint;
  made.logical_id = "id-" + ods;
  return made;
}

Patient patient(const std::string& number, const std::string& id) {
  Patient made;
  made.nhs_number = NhsNumber{number};
  made.logical_id = id;
  return made;
}

}  // namespace

TEST_CASE("directory: organisations are found by each of their keys, exactly (SSP-03, SSP-05)", "[directory]") {
  std::vector<std::string> errors;
  const auto made = Directory::make({organisation("A1", "100000000001", "G", "https://a.example/A1/DSTU2/1"),
                                     organisation("B1", "100000000002", "G")},
                                    {}, errors);
  REQUIRE(errors.empty());
  const auto* const a = made->by_ods("A1");
  REQUIRE(a != nullptr);
  CHECK(a == made->by_asid(Asid{"100000000001"}));
  CHECK(a == made->by_logical_id("id-A1"));
  CHECK(a == made->by_endpoint("https://a.example/A1/DSTU2/1"));
  CHECK_FALSE(a->has_mailbox());
  CHECK(made->by_ods("B1")->has_mailbox());
  CHECK(made->by_ods("a1") == nullptr);
  CHECK(made->by_endpoint("https://a.example/A1/DSTU2/1/") == nullptr);
  CHECK(made->by_endpoint("") == nullptr);
  CHECK(made->by_asid(Asid{}) == nullptr);
}

TEST_CASE("directory: patients are found by NHS number and by logical id (SSP-10)", "[directory]") {
  std::vector<std::string> errors;
  const auto made = Directory::make({}, {patient("9990000018", "p1"), patient("9990001383", "p2")}, errors);
  REQUIRE(errors.empty());
  CHECK(made->patient_by_nhs_number(NhsNumber{"9990001383"})->logical_id == "p2");
  CHECK(made->patient_by_logical_id("p1")->nhs_number.text() == "9990000018");
  CHECK(made->patient_by_logical_id("p3") == nullptr);
}

TEST_CASE("directory: organisations share inside one group, and with themselves only without one (SSP-04)",
          "[directory]") {
  const auto a = organisation("A1", "1", "G");
  const auto b = organisation("B1", "2", "G");
  const auto c = organisation("C1", "3", "H");
  const auto alone = organisation("D1", "4", "");
  const auto alone_too = organisation("E1", "5", "");
  const Directory any;
  CHECK(any.share(a, b));
  CHECK_FALSE(any.share(a, c));
  CHECK_FALSE(any.share(alone, alone_too));
  CHECK(any.share(alone, alone));
}

TEST_CASE("directory: each key may stand once, empty ones as often as they like", "[directory]") {
  std::vector<std::string> errors;
  auto twin = organisation("A1", "100000000001", "G", "https://a.example/x");
  const auto made = Directory::make({twin, twin, organisation("T1", "", "G"), organisation("T2", "", "G")},
                                    {patient("9990000018", "p"), patient("9990000018", "p")}, errors);
  REQUIRE(made != nullptr);
  CHECK(errors.size() == 6);
  for (const auto& error : errors) CHECK(error.find("9990000018") == std::string::npos);
}
