// The kept parser of each thread, and the limits that expat has not.
#include "fhir/expat_parser.hpp"

#include <new>
#include <random>
#include <utility>

namespace gw::fhir {
namespace {

using Handle = std::unique_ptr<XML_ParserStruct, ExpatFree>;

/// A parser that read more than this is not kept: its buffers grew with its input.
constexpr std::size_t kKeepBytes = std::size_t{64} * 1024;
constexpr std::size_t kLongestUri = 128;
constexpr std::size_t kMostDeclarations = 4096;

Handle& kept_parser() {
  thread_local Handle kept;
  return kept;
}

/// Never 0, which would make expat ask the kernel for a salt at each parse.
unsigned long hash_salt() {
  static const unsigned long kSalt = [] {
    std::random_device source;
    return (static_cast<unsigned long>(source()) << 32U | source()) | 1U;
  }();
  return kSalt;
}

}  // namespace

ExpatParser::ExpatParser(void* user) : parser_(std::exchange(kept_parser(), nullptr)) {
  if (!parser_ || XML_ParserReset(parser_.get(), "UTF-8") != XML_TRUE) {
    parser_.reset(XML_ParserCreateNS("UTF-8", '\n'));
  }
  if (!parser_) throw std::bad_alloc{};
  XML_SetHashSalt(parser_.get(), hash_salt());
  XML_SetReturnNSTriplet(parser_.get(), 1);
  XML_SetUserData(parser_.get(), user);
}

ExpatParser::~ExpatParser() {
  if (keep_) kept_parser() = std::move(parser_);
}

XML_Status ExpatParser::parse(std::string_view input) {
  keep_ = input.size() <= kKeepBytes;
  return XML_Parse(parser_.get(), input.data(), static_cast<int>(input.size()), XML_TRUE);
}

std::optional<NamespaceFault> unbounded_namespaces(std::string_view markup) {
  constexpr std::string_view kName = "xmlns";
  std::size_t count = 0;
  for (auto at = markup.find(kName); at != std::string_view::npos; at = markup.find(kName, at)) {
    const auto begin = at;
    at = markup.find_first_of("=<>\"'", at + kName.size());
    if (at == std::string_view::npos) break;
    if (markup[at] != '=') continue;
    at = markup.find_first_not_of(" \t\r\n", at + 1);
    if (at == std::string_view::npos) break;
    const char quote = markup[at];
    if (quote != '"' && quote != '\'') continue;
    const bool ends = markup.substr(at + 1, kLongestUri + 1).find(quote) != std::string_view::npos;
    if (!ends) {
      return NamespaceFault{static_cast<std::uint32_t>(begin),
                            "A namespace declaration (xmlns) has a URI of more than " + std::to_string(kLongestUri) +
                                " characters, which is the limit."};
    }
    if (++count > kMostDeclarations) {
      return NamespaceFault{static_cast<std::uint32_t>(begin),
                            "There are more than " + std::to_string(kMostDeclarations) +
                                " namespace declarations (xmlns), which is the limit."};
    }
  }
  return std::nullopt;
}

XmlName split_name(std::string_view reported) {
  const auto first = reported.find('\n');
  if (first == std::string_view::npos) return {{}, reported, {}};
  const auto second = reported.find('\n', first + 1);
  if (second == std::string_view::npos) return {reported.substr(0, first), reported.substr(first + 1), {}};
  return {reported.substr(0, first), reported.substr(first + 1, second - first - 1), reported.substr(second + 1)};
}

std::uint32_t current_offset(XML_Parser parser) {
  const XML_Index index = XML_GetCurrentByteIndex(parser);
  return index < 0 ? 0U : static_cast<std::uint32_t>(index);
}

}  // namespace gw::fhir
