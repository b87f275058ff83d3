// Expat, set up the one safe way for both of its users: namespaces on, UTF-8 forced, no DTD machinery. Internal to
// fhir/.
#pragma once

#include <expat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gw::fhir {

inline constexpr std::string_view kFhirNamespace = "http://hl7.org/fhir";
inline constexpr std::string_view kXhtmlNamespace = "http://www.w3.org/1999/xhtml";

struct ExpatFree {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

/// A parser that reports names as `uri LF local LF prefix`, and reads its input as UTF-8 whatever the input declares.
/// One is kept for each thread, so that a usual parse makes none; its hash salt is random, drawn once in a process.
/// For one parse, on one thread.
class ExpatParser {
 public:
  explicit ExpatParser(void* user);
  ExpatParser(const ExpatParser&) = delete;
  ExpatParser& operator=(const ExpatParser&) = delete;
  ~ExpatParser();

  [[nodiscard]] XML_Parser get() const { return parser_.get(); }
  /// All of the input at once; at most 1 GiB.
  XML_Status parse(std::string_view input);

 private:
  std::unique_ptr<XML_ParserStruct, ExpatFree> parser_;
  bool keep_ = true;  ///< its memory stayed small
};

/// Where namespace declarations pass a limit, and in which words to say so. Expat writes the URI of a namespace before
/// each name that uses it: with long URIs, a body of 1 MB would take gigabytes and seconds. To be asked before a parse.
struct NamespaceFault {
  std::uint32_t offset = 0;
  std::string text;
};
[[nodiscard]] std::optional<NamespaceFault> unbounded_namespaces(std::string_view markup);

struct XmlName {
  std::string_view uri;  ///< empty when in no namespace
  std::string_view local;
  std::string_view prefix;  ///< empty when there is none
};

/// The parts of a name as expat reports it. Borrows.
[[nodiscard]] XmlName split_name(std::string_view reported);

/// Where the current event begins in the input.
[[nodiscard]] std::uint32_t current_offset(XML_Parser parser);

}  // namespace gw::fhir
