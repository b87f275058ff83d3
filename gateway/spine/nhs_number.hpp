// NHS numbers: ten digits, the last a modulus 11 check digit (SSP-10). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace gw::spine {

[[nodiscard]] bool is_nhs_number(std::string_view digits);
[[nodiscard]] std::optional<NhsNumber> parse_nhs_number(std::string_view digits);
/// 3-3-4 groups, as people read it: "999 999 9468".
[[nodiscard]] std::string display(const NhsNumber& number);

}  // namespace gw::spine
