#include <catch2/catch.hpp>

#include "files.hpp"

using namespace gw;
using namespace std::chrono_literals;
using gw::test::errors_of;
using gw::test::Files;

namespace {

std::shared_ptr<const directory::Directory> load_patients(const std::string& text) {
  const Files files;
  const auto organisations = files.write("organisations.csv", std::string{test::kOrganisationHeading} + '\n');
  auto loaded = directory::load_csv(organisations, files.write("patients.csv", text));
  if (!loaded) FAIL(loaded.error().detail);
  return *loaded;
}

std::string rows(const std::string& text) {
  return std::string{test::kPatientHeading} + '\n' + text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("patients: the published columns are read (SSP-10)", "[directory]") {
  const auto made = load_patients(
      rows("9990000018,13/06/1952,29/02/2004,SAMPLE,Eve,MS,S,A20001\n9990001383,,,EXAMPLE,Ada,MS,,\n"));
  const auto* const first = made->patient_by_nhs_number(NhsNumber{"9990000018"});
  REQUIRE(first != nullptr);
  CHECK(first->born == Day{1952y / 6 / 13});
  CHECK(first->died == Day{2004y / 2 / 29});
  CHECK(first->family_name == "SAMPLE");
  CHECK(first->given_name == "Eve");
  CHECK(first->title == "MS");
  CHECK(first->registered_at.text() == "A20001");
  CHECK(first->sensitive);
  CHECK_FALSE(first->consent_withheld);
  const auto* const second = made->patient_by_nhs_number(NhsNumber{"9990001383"});
  REQUIRE(second != nullptr);
  CHECK_FALSE(second->born);
  CHECK_FALSE(second->sensitive);
  CHECK(second->registered_at.empty());
}

TEST_CASE("patients: a derived logical id depends on the NHS number alone, not on the row (SSP-10)", "[directory]") {
  const std::string a = "9990000018,,,A,A,,,A1\n";
  const std::string b = "9990001383,,,B,B,,,A1\n";
  const auto forth = load_patients(rows(a + b));
  const auto back = load_patients(rows(b + a));
  for (const auto* number : {"9990000018", "9990001383"}) {
    const auto id = forth->patient_by_nhs_number(NhsNumber{number})->logical_id;
    CHECK(id == back->patient_by_nhs_number(NhsNumber{number})->logical_id);
    CHECK(id.size() == 36);
    CHECK(id[14] == '8');
    CHECK(back->patient_by_logical_id(id)->nhs_number.text() == number);
    CHECK_FALSE(has(id, number));
  }
  // Senders keep these references: a change of the derivation must not go by unseen.
  CHECK(forth->patient_by_nhs_number(NhsNumber{"9990000018"})->logical_id == "ac5f92a0-6717-8b1d-9094-143436ede3e7");
}

TEST_CASE("patients: a given logical id and withheld consent are taken", "[directory]") {
  const auto made = load_patients(
      "LOGICAL_ID,CONSENT_WITHHELD,NHS_NUMBER,DATE_OF_BIRTH,FAMILY_NAME,GIVEN_NAME,SENSITIVE_FLAG,PRIMARY_CARE_CODE\n"
      "2,yes,9990000018,,A,A,,A1\n");
  const auto* const found = made->patient_by_logical_id("2");
  REQUIRE(found != nullptr);
  CHECK(found->consent_withheld);
}

TEST_CASE("patients: every bad line is told with cause and cure, and nothing of the patient (SSP-10, AUD-04)",
          "[directory]") {
  const auto errors = errors_of({},
                                "9990000019,13/06/1952,,SECRETNAME,S,,,A1\n"
                                "999000001,13/06/1952,,SECRETNAME,S,,,A1\n"
                                "9990000018,31/02/1952,,SECRETNAME,S,,,A1\n"
                                "9990001383,1952-06-13,,SECRETNAME,S,,,A1\n"
                                "9990002754,13/06/1952,12/06/1952,SECRETNAME,S,,,A1\n"
                                "9990004129,,,SECRETNAME,S,,,A1\n"
                                "9990004129,,,SECRETNAME,S,,,A1\n");
  CHECK(has(errors, "patients.csv:2: NHS_NUMBER is not valid; it must be 10 digits"));
  CHECK(has(errors, "patients.csv:3: NHS_NUMBER"));
  CHECK(has(errors, "patients.csv:4: DATE_OF_BIRTH is not a day in the form dd/mm/yyyy"));
  CHECK(has(errors, "patients.csv:5: DATE_OF_BIRTH"));
  CHECK(has(errors, "patients.csv:6: DATE_OF_DEATH is before"));
  CHECK(has(errors, "patients.csv:8: NHS_NUMBER is that of patients.csv:7 too"));
  CHECK_FALSE(has(errors, "99900000"));
  CHECK_FALSE(has(errors, "SECRETNAME"));
}

TEST_CASE("patients: a flood of bad lines is cut", "[directory]") {
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "1,,,A,A,,,A1\n";
  const auto errors = errors_of({}, many);
  CHECK(has(errors, "there are more bad lines"));
  CHECK(errors.size() < 300'000);
}
