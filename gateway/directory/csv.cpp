#include "directory/csv.hpp"

#include <utility>

#include "directory/rows.hpp"

namespace gw::directory {

namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace

Result<std::shared_ptr<const Directory>> load_csv(const std::filesystem::path& organisations,
                                                  const std::filesystem::path& patients) {
  std::vector<std::string> errors;
  BadLines bad{errors};
  std::vector<Organisation> read_in;
  std::vector<Patient> known;
  Origins origins{.organisations = organisations.filename().string(),
                  .organisation_lines = {},
                  .patients = patients.filename().string(),
                  .patient_lines = {}};
  read_organisations(organisations, read_in, origins.organisation_lines, bad);
  if (!patients.empty()) read_patients(patients, known, origins.patient_lines, bad);

  auto made = Directory::make(std::move(read_in), std::move(known), errors, origins);
  if (!errors.empty()) return fault(FaultKind::kInvalid, joined(errors));
  return made;
}

}  // namespace gw::directory
