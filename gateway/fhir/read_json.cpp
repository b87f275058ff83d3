// JSON bytes to tree: what is refused before RapidJSON sees it, and its errors in words that help.
#include <rapidjson/error/error.h>
#include <rapidjson/reader.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "fhir/json_tree.hpp"
#include "fhir/read.hpp"

namespace gw::fhir {
namespace {

/// Bytes as they came are kept; the parse works on a copy. Iterative, so that depth costs no stack. Numbers stay text,
/// so that no digit is lost and RapidJSON's faulty full-precision path is never taken.
constexpr unsigned kAsciiFlags =
    rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
/// Character by character, at twice the cost: only for bodies that hold more than ASCII.
constexpr unsigned kUtf8Flags = kAsciiFlags | rapidjson::kParseValidateEncodingFlag;
/// RapidJSON looks at strings in blocks of so many bytes, also past their end.
constexpr std::size_t kBlock = 16;

std::string_view words_for(rapidjson::ParseErrorCode code, char found) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      return "The body holds nothing but white space; a resource was expected.";
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "The JSON value has ended, yet more follows; nothing may stand after it.";
    case rapidjson::kParseErrorObjectMissName:
      return "A key in double quotes was expected here (or '}'; a comma after the last member is not allowed).";
    case rapidjson::kParseErrorObjectMissColon:
      return "A ':' was expected here, after a key.";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "A ',' or '}' was expected here.";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "A ',' or ']' was expected here.";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "The escape \\u must be followed by four hexadecimal digits.";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "A string contains half of a surrogate pair; write both halves, or the character itself.";
    case rapidjson::kParseErrorStringEscapeInvalid:
      return static_cast<unsigned char>(found) < 0x20
                 ? "A string contains a raw control character, such as a line break; write it as an escape (\\n)."
                 : "This escape is not one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u.";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return "A string has no closing quotation mark.";
    case rapidjson::kParseErrorStringInvalidEncoding:
      return "This byte is not valid UTF-8; the body must be UTF-8.";
    case rapidjson::kParseErrorNumberTooBig:
      return "This number is too big.";
    case rapidjson::kParseErrorNumberMissFraction:
      return "A digit was expected here, after a number's decimal point.";
    case rapidjson::kParseErrorNumberMissExponent:
      return "A digit was expected here, in a number's exponent.";
    default:
      break;
  }
  return "A JSON value was expected here: an object, an array, a string in double quotes, a number, true or false.";
}

/// What RapidJSON would let pass or misunderstand.
bool bytes_allowed(const std::string& body, Faults& faults) {
  if (body.empty()) return faults.stop(0, "The body is empty; a resource was expected.", IssueType::kInvalid);
  if (body.starts_with("\xEF\xBB\xBF")) {
    return faults.stop(0, "The body begins with a byte order mark; JSON must be UTF-8 without one.");
  }
  if (const auto nul = body.find('\0'); nul != std::string::npos) {
    return faults.stop(static_cast<std::uint32_t>(nul), "The body contains a NUL byte, which JSON does not allow.");
  }
  return true;
}

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::uint64_t seen = 0;
  for (; text.size() >= sizeof seen; text.remove_prefix(sizeof seen)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    seen |= word;
  }
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  return (seen & kHighBits) == 0;
}

void parse(Document& document, JsonTree& tree, rapidjson::InsituStringStream& stream) {
  rapidjson::Reader reader;
  const rapidjson::ParseResult result =
      is_ascii(document.bytes()) ? reader.Parse<kAsciiFlags>(stream, tree) : reader.Parse<kUtf8Flags>(stream, tree);
  if (!result.IsError() || result.Code() == rapidjson::kParseErrorTermination) return;
  const auto offset = std::min(result.Offset(), document.bytes().size());
  const char found = offset < document.bytes().size() ? document.bytes()[offset] : '\0';
  tree.faults().stop(static_cast<std::uint32_t>(offset), std::string{words_for(result.Code(), found)});
}

Checked<Document> read(std::string bytes, const ReadLimits& limits, Dialect dialect) {
  constexpr std::size_t kMostBytes = 1U << 30U;
  if (bytes.size() > kMostBytes) {
    return refuse(400, {.type = IssueType::kTooLong,
                        .diagnostics = "The body is longer than 1 GiB.",
                        .location = {},
                        .rule = kFormRule});
  }
  Document document{std::move(bytes), Format::kJson};
  const std::string& body = document.bytes();
  Faults refused;
  if (!bytes_allowed(body, refused)) return refused.refusal(document);
  auto* copy = static_cast<char*>(document.arena()->allocate(body.size() + kBlock, kBlock));
  std::memcpy(copy, body.data(), body.size());
  std::memset(copy + body.size(), 0, kBlock);
  rapidjson::InsituStringStream stream{copy};
  JsonTree tree{document, limits, dialect, stream, copy};
  parse(document, tree, stream);
  if (!tree.faults().none()) return tree.faults().refusal(document);
  return document;
}

}  // namespace

Checked<Document> read_json(std::string bytes, const ReadLimits& limits) {
  return read(std::move(bytes), limits, Dialect::kFhir);
}

Checked<Document> read_plain_json(std::string bytes, const ReadLimits& limits) {
  return read(std::move(bytes), limits, Dialect::kPlain);
}

}  // namespace gw::fhir
