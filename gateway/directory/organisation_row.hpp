// One line of a file of organisations on its way to an Organisation: its columns by name, and what is wrong with them.
// Shared by what reads the particulars and what reads the policy (SSP-12).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "directory/columns.hpp"
#include "directory/directory.hpp"

namespace gw::directory {

enum Place : std::size_t {
  kOds,
  kAsid,
  kType,
  kName,
  kGroup,
  kEndpoint,
  kFqdn,
  kPartyKey,
  kLogicalId,
  kInteractions,
  kIfNoneExist,
  kLeeway,
  kDuplicates,
  kRateLimit,
  kSignature,
  kDeferred,
  kSystems,
  kCharset,
  kStrictness,
  kReason,
};

inline constexpr std::array<Column, 20> kColumns{{{"ODS Code", true},
                                                  {"ASID", true},
                                                  {"Organisation Type", true},
                                                  {"Organisation Name", true},
                                                  {"Data Sharing Group", true},
                                                  {"FHIR Endpoint", true},
                                                  {"FQDN"},
                                                  {"Party Key"},
                                                  {"Logical ID"},
                                                  {"Interactions"},
                                                  {"If-None-Exist"},
                                                  {"Token Leeway"},
                                                  {"Duplicates"},
                                                  {"Rate Limit"},
                                                  {"Token Signature"},
                                                  {"Deferred Limit"},
                                                  {"Identifier Systems"},
                                                  {"Charset"},
                                                  {"Strictness"},
                                                  {"Policy Reason"}}};

/// Borrows what it is made of.
class OrganisationRow {
 public:
  OrganisationRow(const Row& row, std::string_view file, BadLines& bad) : row_(row), file_(file), bad_(bad) {}

  [[nodiscard]] std::string_view value(Place place) const { return row_.values[place]; }
  /// The value and what is wrong with it: "Rate Limit 'many' is not a whole number".
  void wrong_value(Place place, std::string_view text) {
    wrong(place, "'" + std::string{value(place)} + "' " + std::string{text});
  }
  void wrong(Place place, std::string_view text) {
    good_ = false;
    bad_.add(file_, row_.line, std::string{kColumns[place].name} + ' ' + std::string{text});
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  const Row& row_;
  std::string_view file_;
  BadLines& bad_;
  bool good_ = true;
};

/// The columns by which a partner is treated otherwise than the rest; a Policy Reason is asked for then.
[[nodiscard]] Policy read_policy(OrganisationRow& row);

}  // namespace gw::directory
