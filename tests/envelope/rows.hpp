// The tables: a row is one thing changed in a good request, and what is answered then.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "envelope/envelope_world.hpp"

namespace gw::test {

using Change = std::function<void(Request&, World&)>;

struct Row {
  std::string rule;  ///< id that the row shows; a 4xx answer names it
  std::string what;
  Change change;
  std::string expected;   ///< Answer::verdict
  std::string says = {};  ///< what the answer tells beside, if anything
};
using Rows = std::vector<Row>;

/// Section 3: TLS and certificates.
[[nodiscard]] Rows transport_rows();
/// Section 4: the Ssp headers, interactions, URLs, organisations, partners' policies.
[[nodiscard]] Rows envelope_rows();
/// Section 5: the audit token as a whole, and each claim missing, null, empty, of the wrong type, of a wrong value.
[[nodiscard]] Rows token_rows();
/// The rules about the patient, in the token, the task and the index (SSP-10, JWT-03, OUT-08).
[[nodiscard]] Rows patient_rows();
/// Section 7: what the other tables do not reach.
[[nodiscard]] Rows error_rows();

/// All of the above.
[[nodiscard]] Rows all_rows();

/// Both tables, one after the other.
[[nodiscard]] Rows joined(Rows first, Rows second);

// Changes that many rows make.
[[nodiscard]] Change header(std::string name, std::string value);
[[nodiscard]] Change claim(std::string pointer, std::string json);
[[nodiscard]] Change order(std::string pointer, std::string json);
[[nodiscard]] Change without_order(std::string pointer);
[[nodiscard]] Change target(std::string target);
[[nodiscard]] Change get(std::string below, std::string interaction);
[[nodiscard]] Change certificate(std::string party);

}  // namespace gw::test
