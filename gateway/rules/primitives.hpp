// The lexical forms of DSTU2's primitives. Pure; knows no element and no resource.
#pragma once

#include <string_view>

#include "fhir/element.hpp"
#include "rules/tables.hpp"

namespace gw::rules {

/// Whether `text` is a value of the primitive `kind`: its grammar, its range and its length.
[[nodiscard]] bool fits(Kind kind, std::string_view text);
/// What a value of `kind` looks like, for people: "a date is YYYY, YYYY-MM or YYYY-MM-DD, ...".
[[nodiscard]] std::string_view form_of(Kind kind);
/// How JSON writes a primitive of `kind`: kString, kNumber or kBoolean.
[[nodiscard]] fhir::ValueKind json_kind_of(Kind kind);
/// Whether `text` follows a value set's grammar: a language tag (BCP 47) or a media type (BCP 13).
[[nodiscard]] bool fits(Grammar grammar, std::string_view text);
/// FHIR's id: 1 to 64 letters, digits, hyphens and dots.
[[nodiscard]] bool is_id(std::string_view text);

}  // namespace gw::rules
