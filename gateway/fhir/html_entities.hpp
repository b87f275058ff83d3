// The named entities of XHTML 1.0, which XML does not know without a DTD. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gw::fhir {

/// Replaces each of XHTML 1.0's named entities ("&nbsp;") by a character reference ("&#160;"), so that any XML parser
/// reads it. XML's own five, character references and names that XHTML does not have are left as they are.
[[nodiscard]] std::string without_html_entities(std::string_view markup);

}  // namespace gw::fhir
