// Text into JSON and XML, safely whatever the text is. Pure; knows nothing of elements.
#pragma once

#include <string>
#include <string_view>

namespace gw::fhir {

/// Appends `text` as a JSON string with its quotes (RFC 8259 section 7). What FHIR cannot carry becomes U+FFFD: bytes
/// that are not UTF-8, control characters but tab, line feed and carriage return, U+FFFE and U+FFFF. So an answer that
/// quotes a faulty request is still well formed.
void append_json_string(std::string& out, std::string_view text);

/// Appends `text` as the content of a double-quoted XML attribute. White space other than the blank becomes character
/// references, so that it survives attribute normalisation. What FHIR cannot carry becomes U+FFFD, as above.
void append_xml_attribute(std::string& out, std::string_view text);

/// Length in bytes of the UTF-8 character at the start of `text`, or 0 where there is none (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// Writes '*' for all but the first three digits of each run of ten digits or more, so that no NHS number, telephone
/// number or other number of a person comes back whole. Up to three blanks, tabs, no-break spaces or hyphens between
/// two digits do not end a run.
void mask_long_numbers(std::string& text);

/// `text` in single quotes for a diagnostic, with long numbers masked, cut to 64 bytes at a character boundary.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace gw::fhir
