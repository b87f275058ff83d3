#include <algorithm>
#include <charconv>
#include <utility>

#include "base/digest.hpp"
#include "base/http.hpp"
#include "directory/rows.hpp"
#include "spine/nhs_number.hpp"

namespace gw::directory {

namespace {

enum Place : std::size_t {
  kNhsNumber,
  kBorn,
  kDied,
  kFamily,
  kGiven,
  kTitle,
  kSensitive,
  kPractice,
  kLogicalId,
  kConsentWithheld,
};

constexpr std::array<Column, 10> kColumns{{{"NHS_NUMBER", true},
                                           {"DATE_OF_BIRTH", true},
                                           {"DATE_OF_DEATH"},
                                           {"FAMILY_NAME", true},
                                           {"GIVEN_NAME", true},
                                           {"TITLE"},
                                           {"SENSITIVE_FLAG", true},
                                           {"PRIMARY_CARE_CODE", true},
                                           {"LOGICAL_ID"},
                                           {"CONSENT_WITHHELD"}}};

/// Our own name space for patients' logical ids: changing it changes every reference that senders keep.
constexpr std::string_view kIdNamespace = "gpconnect-gateway:patient:1";

/// A UUID that depends on the NHS number alone (RFC 9562, version 8 over SHA-256), so that the order of the rows never
/// matters. It is a name and no secret: who can hash all NHS numbers can turn it back.
std::string derived_id(const NhsNumber& number) {
  auto digest = sha256_of({kIdNamespace, number.text()});
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0FU) | 0x80U);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3FU) | 0x80U);
  auto text = to_hex(std::span{digest}.first(16));
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

std::optional<unsigned> number_of(std::string_view digits) {
  unsigned number = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// dd/mm/yyyy, a day that exists.
std::optional<Day> day_of(std::string_view text) {
  if (text.size() != 10 || text[2] != '/' || text[5] != '/') return std::nullopt;
  const auto day = number_of(text.substr(0, 2));
  const auto month = number_of(text.substr(3, 2));
  const auto year = number_of(text.substr(6));
  if (!day || !month || !year) return std::nullopt;
  const Day made{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month}, std::chrono::day{*day}};
  if (!made.ok()) return std::nullopt;
  return made;
}

/// One line of the file on its way to a Patient. Its texts never quote what stands in the line.
class Reading {
 public:
  Reading(const Row& row, std::string_view file, BadLines& bad) : row_(row), file_(file), bad_(bad) {}

  Patient patient() {
    Patient made;
    if (auto number = spine::parse_nhs_number(value(kNhsNumber))) {
      made.nhs_number = std::move(*number);
    } else {
      wrong(kNhsNumber,
            "is not valid; it must be 10 digits without spaces, the last of them the modulus 11 check digit");
    }
    made.logical_id = logical_id(made.nhs_number);
    made.family_name = value(kFamily);
    made.given_name = value(kGiven);
    made.title = value(kTitle);
    made.born = day(kBorn);
    made.died = day(kDied);
    if (made.born && made.died && *made.died < *made.born) wrong(kDied, "is before DATE_OF_BIRTH");
    made.registered_at = OdsCode{std::string{value(kPractice)}};
    const auto sensitive = value(kSensitive);
    made.sensitive =
        !sensitive.empty() && !iequals(sensitive, "no") && !iequals(sensitive, "N") && !iequals(sensitive, "U");
    if (const auto withheld = yes_or_no(value(kConsentWithheld))) {
      made.consent_withheld = *withheld;
    } else {
      wrong(kConsentWithheld, "is neither yes nor no");
    }
    return made;
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  [[nodiscard]] std::string_view value(Place place) const { return row_.values[place]; }

  void wrong(Place place, std::string_view text) {
    good_ = false;
    bad_.add(file_, row_.line, std::string{kColumns[place].name} + ' ' + std::string{text});
  }

  std::optional<Day> day(Place place) {
    const auto text = value(place);
    if (text.empty()) return std::nullopt;
    const auto found = day_of(text);
    if (!found) wrong(place, "is not a day in the form dd/mm/yyyy, such as 13/06/1952");
    return found;
  }

  std::string logical_id(const NhsNumber& number) {
    const auto text = value(kLogicalId);
    if (text.empty()) return number.empty() ? std::string{} : derived_id(number);
    if (!is_logical_id(text)) wrong(kLogicalId, "is not a FHIR id: 1 to 64 letters, digits, hyphens and full stops");
    return std::string{text};
  }

  const Row& row_;
  std::string_view file_;
  BadLines& bad_;
  bool good_ = true;
};

}  // namespace

void read_patients(const std::filesystem::path& path, std::vector<Patient>& patients, std::vector<std::size_t>& lines,
                   BadLines& bad) {
  const auto file = path.filename().string();
  read_rows(path, kColumns, bad, [&](const Row& row) {
    Reading reading{row, file, bad};
    auto patient = reading.patient();
    if (!reading.good()) return;
    patients.push_back(std::move(patient));
    lines.push_back(row.line);
  });
}

}  // namespace gw::directory
