// A folder of its own for each test case, with the CSV files that it writes there.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "directory/csv.hpp"

namespace gw::test {

class Files {
 public:
  Files() : folder_(std::filesystem::temp_directory_path() / ("directory-test-" + random_uuid())) {
    std::filesystem::create_directory(folder_);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::ofstream{folder_ / name, std::ios::binary} << text;
    return folder_ / name;
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

inline constexpr std::string_view kOrganisationHeading =
    "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint";
inline constexpr std::string_view kPatientHeading =
    "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,TITLE,SENSITIVE_FLAG,PRIMARY_CARE_CODE";

/// The fault's text when files of these rows (below the headings above) are loaded; empty when they load.
inline std::string errors_of(std::string_view organisations, std::string_view patients = {}) {
  const Files files;
  const auto a =
      files.write("organisations.csv", std::string{kOrganisationHeading} + '\n' + std::string{organisations});
  const auto b = files.write("patients.csv", std::string{kPatientHeading} + '\n' + std::string{patients});
  const auto loaded = directory::load_csv(a, b);
  return loaded ? std::string{} : loaded.error().detail;
}

}  // namespace gw::test
