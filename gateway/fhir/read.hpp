// Bytes to element tree, for both formats. Pure; no recursion on input depth; every limit is named here.
#pragma once

#include <cstddef>
#include <string>

#include "fhir/element.hpp"
#include "fhir/issue.hpp"

namespace gw::fhir {

struct ReadLimits {
  std::size_t depth = 64;         ///< nesting of objects, arrays or elements
  std::size_t elements = 20'000;  ///< elements and values in all
};

/// Read a resource from JSON (RFC 8259, UTF-8 only, no duplicate keys, nothing after the end, DSTU2's rules for null,
/// empty values, `_name` twins and fhir_comments).
/// Errors: 400, BAD_REQUEST, issue type structure, with line and column; not-well-formed bodies give one issue.
[[nodiscard]] Checked<Document> read_json(std::string bytes, const ReadLimits& limits = {});

/// Read a resource from XML (namespace http://hl7.org/fhir, DOCTYPE refused, UTF-8 only). Errors as read_json.
[[nodiscard]] Checked<Document> read_xml(std::string bytes, const ReadLimits& limits = {});

/// Read any JSON object (the audit token's header and payload) with the same strictness but none of FHIR's own rules:
/// the root's name is empty.
[[nodiscard]] Checked<Document> read_plain_json(std::string bytes, const ReadLimits& limits = {});

}  // namespace gw::fhir
