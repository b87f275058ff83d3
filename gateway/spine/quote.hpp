// How diagnostics quote what a sender sent: short, on one line, and never a whole NHS number (JWT-07, AUD-04). Pure.
#pragma once

#include <string>
#include <string_view>

namespace gw::spine {

/// Of each run of ten digits or more (fhir::mask_long_numbers) only the first three stay, the rest become '*'. Twelve
/// digits without separators are an ASID and stay.
[[nodiscard]] std::string without_nhs_numbers(std::string text);

/// `found` in single quotes, cut to 64 bytes at a character's border, without NHS numbers; control
/// characters become '?'.
[[nodiscard]] std::string quoted(std::string_view found);

/// Whether two names differ in case alone, or by one character inserted, left out or exchanged: a likely slip. False
/// when they are equal.
[[nodiscard]] bool nearly(std::string_view a, std::string_view b);

}  // namespace gw::spine
