// Reads a div as XML and holds each element and attribute to the lists. Refuses, never strips: what the recipient
// stores is what the sender wrote.
#include "fhir/narrative.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "fhir/escape.hpp"
#include "fhir/expat_parser.hpp"
#include "fhir/html_entities.hpp"
#include "fhir/xhtml_lists.hpp"

namespace gw::fhir {
namespace {

constexpr std::size_t kMostProblems = 50;
constexpr std::size_t kDeepest = 256;
/// Elements and attributes; bounds the time that a hostile narrative costs.
constexpr std::size_t kMostParts = 20'000;

/// Blank to a reader's eye though not to XML: no-break and other typographic blanks.
bool is_wide_blank(std::string_view character) {
  constexpr auto kBlanks =
      std::to_array<std::string_view>({"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF"});
  for (const std::string_view blank : kBlanks) {
    if (character == blank) return true;
  }
  // U+2000 to U+200B
  return character.size() == 3 && character.starts_with("\xE2\x80") && static_cast<unsigned char>(character[2]) <= 0x8B;
}

/// ASCII that is neither blank nor control: most of a text, taken a word at a time.
bool is_visible(char c) {
  return c > ' ' && static_cast<unsigned char>(c) < 0x80;
}

class NarrativeReader {
 public:
  explicit NarrativeReader(NarrativeReport& report) : report_(report), parser_(this) {
    XML_SetElementHandler(parser_.get(), &on_start, &on_end);
    XML_SetCharacterDataHandler(parser_.get(), &on_text);
    XML_SetProcessingInstructionHandler(parser_.get(), &on_instruction);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &on_doctype);
    XML_SetXmlDeclHandler(parser_.get(), &on_declaration);
    XML_SetCdataSectionHandler(parser_.get(), &on_cdata, nullptr);
    XML_SetCommentHandler(parser_.get(), &on_comment);
  }

  void read(const std::string& markup) {
    report_.text.reserve(markup.size());
    if (const auto fault = unbounded_namespaces(markup)) return problem(fault->text);
    const auto status = parser_.parse(markup);
    if (status == XML_STATUS_ERROR && !stopped_) {
      const XML_Error error = XML_GetErrorCode(parser_.get());
      problem(error == XML_ERROR_UNDEFINED_ENTITY
                  ? "The narrative uses an entity that XHTML does not have; write the character itself."
                  : "The narrative is not well-formed XHTML: " + std::string{XML_ErrorString(error)} + " at byte " +
                        std::to_string(current_offset(parser_.get()) + 1) + " of the div.");
    }
    while (!report_.text.empty() && report_.text.back() == ' ') report_.text.pop_back();
    if (!report_.text.empty()) report_.has_content = true;
  }

 private:
  static NarrativeReader& self(void* user) { return *static_cast<NarrativeReader*>(user); }
  static void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
    self(user).start(split_name(name), attributes);
  }
  static void on_end(void* user, const XML_Char* name) { self(user).end(split_name(name).local); }
  static void on_text(void* user, const XML_Char* text, int length) {
    self(user).text({text, static_cast<std::size_t>(length)});
  }
  static void on_instruction(void* user, const XML_Char*, const XML_Char*) {
    self(user).stop("The narrative contains a processing instruction (<?...?>), which is not allowed.");
  }
  static void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    self(user).stop("The narrative contains a DOCTYPE, which is not allowed.");
  }
  static void on_declaration(void* user, const XML_Char*, const XML_Char*, int) {
    self(user).stop("The narrative begins with an XML declaration; it must begin with <div>.");
  }
  static void on_cdata(void* user) {
    self(user).problem("The narrative contains a CDATA section, which is not allowed; escape the text instead.");
  }

  static void on_comment(void* user, const XML_Char* text) {
    // An HTML parser takes "<!-->" and "<!--->" for whole comments, and what follows for markup.
    const std::string_view comment = text;
    if (comment.starts_with('>') || comment.starts_with("->")) {
      self(user).problem("A comment in the narrative begins with '>' or '->', where HTML software would end it.");
    }
  }

  /// The last that is told ends the reading.
  void problem(std::string sentence) {
    if (report_.problems.size() < kMostProblems) report_.problems.push_back(std::move(sentence));
    if (report_.problems.size() == kMostProblems) end_reading();
  }

  void end_reading() {
    if (!stopped_) XML_StopParser(parser_.get(), XML_FALSE);
    stopped_ = true;
  }

  void stop(std::string sentence) {
    if (stopped_) return;
    problem(std::move(sentence));
    end_reading();
  }

  bool count() {
    if (++counted_ <= kMostParts) return true;
    stop("The narrative has more than " + std::to_string(kMostParts) + " elements and attributes, which is the limit.");
    return false;
  }

  void start(const XmlName& name, const XML_Char** attributes) {
    if (stopped_ || !count()) return;
    if (depth_++ == 0) {
      if (name.local != "div") {
        problem("The narrative must be one <div>, and begins with " + quoted("<" + std::string{name.local} + ">") +
                ".");
      }
      report_.in_xhtml_namespace = name.uri == kXhtmlNamespace;
      namespace_ = name.uri;
      if (!namespace_.empty() && !report_.in_xhtml_namespace) {
        problem("The narrative's div is in the namespace " + quoted(name.uri) + "; it must be in " +
                quoted(kXhtmlNamespace) + ".");
      }
    } else if (name.uri != namespace_) {
      problem("The element " + quoted(name.local) + " in the narrative is in another namespace than the div.");
    }
    if (depth_ > kDeepest) return stop("The narrative's elements are nested deeper than 256 levels.");
    if (!narrative_allows_element(name.local)) {
      problem("The element " + quoted(name.local) +
              " is not allowed in a narrative; only the formatting elements of DSTU2's list are.");
    }
    if (!is_inline(name.local)) part_words();
    check_attributes(name.local, attributes);
  }

  void check_attributes(std::string_view element, const XML_Char** attributes) {
    bool image = false;
    for (const XML_Char** at = attributes; *at != nullptr && !stopped_; at += 2) {
      if (!count()) return;
      const XmlName name = split_name(at[0]);
      const std::string full =
          name.prefix.empty() ? std::string{name.local} : std::string{name.prefix}.append(":").append(name.local);
      if (!narrative_allows_attribute(element, full)) {
        problem("The attribute " + quoted(full) + " is not allowed on " + quoted(element) + " in a narrative.");
      } else if (const auto unsafe = unsafe_value(full, at[1])) {
        problem("The attribute " + quoted(full) + " on " + quoted(element) + " " + *unsafe + ".");
      } else if (full == "src") {
        image = true;
      }
    }
    if (element == "img" && image) report_.has_content = true;
  }

  void end(std::string_view element) {
    if (stopped_) return;
    --depth_;
    if (!is_inline(element)) part_words();
  }

  void part_words() {
    if (!report_.text.empty() && report_.text.back() != ' ') report_.text += ' ';
  }

  void text(std::string_view text) {
    if (stopped_) return;
    while (!text.empty()) {
      const auto word = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_visible) - text.begin());
      report_.text.append(text, 0, word);
      text.remove_prefix(word);
      if (text.empty()) return;
      const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
      const std::string_view character = text.substr(0, length);
      const char c = text.front();
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || is_wide_blank(character)) {
        part_words();
      } else {
        report_.text += character;
      }
      text.remove_prefix(length);
    }
  }

  NarrativeReport& report_;
  ExpatParser parser_;
  std::string namespace_;
  std::size_t depth_ = 0;
  std::size_t counted_ = 0;
  bool stopped_ = false;
};

}  // namespace

NarrativeReport check_narrative(std::string_view div, std::size_t max_bytes) {
  NarrativeReport report;
  if (div.size() > max_bytes) {
    report.problems.push_back("The narrative is longer than " + std::to_string(max_bytes) +
                              " bytes, which is the limit.");
    return report;
  }
  NarrativeReader{report}.read(without_html_entities(div));
  return report;
}

}  // namespace gw::fhir
