// What DSTU2 allows in a narrative, as data and as predicates over single attributes. Pure. TASK-09.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw::fhir {

/// Elements of DSTU2's narrative: its invariant txt-1, with col, sub and sup, which the chapters of HTML that it names
/// and the FHIR XHTML schema have too.
[[nodiscard]] bool narrative_allows_element(std::string_view element);

/// Attributes of DSTU2's narrative (invariant txt-3), with xml:lang, held to the elements where they mean something
/// when they carry an address: href on a, src on img.
[[nodiscard]] bool narrative_allows_attribute(std::string_view element, std::string_view attribute);

/// Elements that stand inside a line of text; all others part words.
[[nodiscard]] bool is_inline(std::string_view element);

/// What is unsafe in the value of an allowed attribute, as the end of a sentence that begins with its name; nothing
/// when it is safe.
[[nodiscard]] std::optional<std::string> unsafe_value(std::string_view attribute, std::string_view value);

}  // namespace gw::fhir
