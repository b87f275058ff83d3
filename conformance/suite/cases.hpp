// What is tested: tables of cases by requirement id (conformance/requirements.csv). A new case is a new line.
// A case demands statuses, codes and headers that the rules name, never an implementation's words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "draft.hpp"

namespace gw::conformance {

/// One spoilt request and the refusal that is right for it.
struct Case {
  std::string_view id, name;
  void (*spoil)(Draft&);
  int status;
  std::string_view code;   ///< of details.coding in an issue; empty: any
  std::string_view issue;  ///< DSTU2 issue type; empty: any
};

/// What was found wrong, and by which exchange.
struct Wrong {
  std::string sent, expected, came;
};

/// What needs more than one refused request.
struct Check {
  std::string_view id, name;
  std::optional<Wrong> (*run)(const Scene&);
  bool (*applies)(const Scene&) = nullptr;  ///< null: always
};

[[nodiscard]] std::span<const Case> cases();
[[nodiscard]] std::span<const Check> checks();
/// Send the case's request.
[[nodiscard]] std::optional<Wrong> run(const Case& wanted, const Scene& scene);

}  // namespace gw::conformance
