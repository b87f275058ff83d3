// Expat, set up the one safe way for both of its users: namespaces on, UTF-8 forced, no DTD machinery. Internal to
// fhir/.
#pragma once

#include <expat.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace gw::fhir {

inline constexpr std::string_view kFhirNamespace = "http://hl7.org/fhir";
inline constexpr std::string_view kXhtmlNamespace = "http://www.w3.org/1999/xhtml";

struct ExpatFree {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using ExpatParser = std::unique_ptr<XML_ParserStruct, ExpatFree>;

/// A parser that reports names as `uri LF local LF prefix`, and reads its input as UTF-8 whatever the input declares.
[[nodiscard]] inline ExpatParser make_expat(void* user) {
  ExpatParser parser{XML_ParserCreateNS("UTF-8", '\n')};
  XML_SetReturnNSTriplet(parser.get(), 1);
  XML_SetUserData(parser.get(), user);
  return parser;
}

struct XmlName {
  std::string_view uri;  ///< empty when in no namespace
  std::string_view local;
  std::string_view prefix;  ///< empty when there is none
};

/// The parts of a name as expat reports it. Borrows.
[[nodiscard]] inline XmlName split_name(std::string_view reported) {
  const auto first = reported.find('\n');
  if (first == std::string_view::npos) return {{}, reported, {}};
  const auto second = reported.find('\n', first + 1);
  if (second == std::string_view::npos) return {reported.substr(0, first), reported.substr(first + 1), {}};
  return {reported.substr(0, first), reported.substr(first + 1, second - first - 1), reported.substr(second + 1)};
}

/// Where the current event begins in the input.
[[nodiscard]] inline std::uint32_t current_offset(XML_Parser parser) {
  const XML_Index index = XML_GetCurrentByteIndex(parser);
  return index < 0 ? 0U : static_cast<std::uint32_t>(index);
}

}  // namespace gw::fhir
