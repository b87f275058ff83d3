// XML bytes to tree, through expat. The one tree of both formats: `id` and `url` attributes become children, as their
// JSON forms are; the resource inside <contained> or <resource> becomes that element itself.
#include <algorithm>
#include <utility>
#include <vector>

#include "fhir/escape.hpp"
#include "fhir/expat_parser.hpp"
#include "fhir/faults.hpp"
#include "fhir/read.hpp"

namespace gw::fhir {
namespace {

constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_type_name(std::string_view name) {
  return !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
}

bool is_utf8_name(std::string_view encoding) {
  return encoding.size() == 5 && (encoding[0] == 'U' || encoding[0] == 'u') &&
         (encoding[1] == 'T' || encoding[1] == 't') && (encoding[2] == 'F' || encoding[2] == 'f') &&
         encoding.substr(3) == "-8";
}

/// "'<tag>'"; a tag that is too long to show is cut before it is copied.
std::string quoted_tag(std::string_view tag) {
  constexpr std::size_t kMost = 80;
  return quoted("<" + std::string{tag.substr(0, kMost)} + ">");
}

/// Names that would mean something else in JSON.
bool is_reserved_in_json(std::string_view name) {
  return name.front() == '_' || name == "resourceType" || name == "fhir_comments";
}

class XmlTree {
 public:
  XmlTree(Document& document, const ReadLimits& limits) : document_(document), limits_(limits), parser_(this) {
    XML_SetElementHandler(parser_.get(), &on_start, &on_end);
    XML_SetCharacterDataHandler(parser_.get(), &on_text);
    XML_SetStartNamespaceDeclHandler(parser_.get(), &on_namespace);
    XML_SetProcessingInstructionHandler(parser_.get(), &on_instruction);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &on_doctype);
    XML_SetXmlDeclHandler(parser_.get(), &on_declaration);
  }

  Faults& read() {
    const std::string& body = document_.bytes();
    if (auto fault = unbounded_namespaces(body)) {
      faults_.stop(fault->offset, std::move(fault->text), IssueType::kTooLong);
      return faults_;
    }
    const auto status = parser_.parse(body);
    if (status == XML_STATUS_ERROR && !faults_.stopped()) faults_.stop(here(), words_for_error());
    return faults_;
  }

 private:
  /// An element that is open; for a resource's own tag inside <contained>, the wrapping element once more.
  struct Open {
    Element* element;
    bool inner_resource;
    bool stray_text = false;
  };

  static XmlTree& self(void* user) { return *static_cast<XmlTree*>(user); }
  static void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
    XmlTree& tree = self(user);
    if (tree.faults_.stopped()) return;
    if (tree.div_depth_ > 0) {
      ++tree.div_depth_;
      tree.declared_.clear();
    } else {
      tree.start(split_name(name), attributes);
    }
  }
  static void on_end(void* user, const XML_Char*) {
    if (!self(user).faults_.stopped()) self(user).end();
  }
  static void on_text(void* user, const XML_Char* text, int length) {
    if (!self(user).faults_.stopped()) self(user).text({text, static_cast<std::size_t>(length)});
  }
  static void on_namespace(void* user, const XML_Char* prefix, const XML_Char*) {
    self(user).declared_.emplace_back(prefix == nullptr ? "" : prefix);
  }
  static void on_instruction(void* user, const XML_Char*, const XML_Char*) {
    self(user).stop("The body contains a processing instruction (<?...?>), which is not allowed.");
  }
  static void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    self(user).stop("The body contains a DOCTYPE, which is not allowed.");
  }
  static void on_declaration(void* user, const XML_Char*, const XML_Char* encoding, int) {
    if (encoding != nullptr && !is_utf8_name(encoding)) {
      self(user).stop("The body declares the encoding " + quoted(encoding) + "; only UTF-8 is accepted.");
    }
  }

  [[nodiscard]] std::uint32_t here() const { return current_offset(parser_.get()); }

  void stop(std::string text, IssueType type = IssueType::kStructure) {
    faults_.stop(here(), std::move(text), type);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  std::string words_for_error() {
    const XML_Error error = XML_GetErrorCode(parser_.get());
    switch (error) {
      case XML_ERROR_UNDEFINED_ENTITY:
        return "The body uses an entity that XML does not have; only &amp; &lt; &gt; &quot; &apos; and character "
               "references are known. Write the character itself.";
      case XML_ERROR_NO_ELEMENTS:
        return "The body ends before its root element does, or has none.";
      case XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
        return "More follows after the end of the root element.";
      default:
        return "The body is not well-formed XML: " + std::string{XML_ErrorString(error)} + ".";
    }
  }

  bool count() {
    if (++counted_ <= limits_.elements) return true;
    stop("The body has more than " + std::to_string(limits_.elements) +
             " elements and values, which is the limit; send less in one body.",
         IssueType::kTooLong);
    return false;
  }

  void start(const XmlName& name, const XML_Char** attributes) {
    const std::vector<std::string> declared = std::exchange(declared_, {});
    if (!count()) return;
    if (open_.size() >= limits_.depth) {
      return stop("Elements are nested deeper than " + std::to_string(limits_.depth) + " levels, which is the limit.",
                  IssueType::kTooLong);
    }
    Element* parent = open_.empty() ? nullptr : open_.back().element;
    const bool in_text = parent != nullptr && parent->name == "text";
    // Whatever its namespace or place: what is wrong with a div is for the validator to say, as of JSON's.
    if (parent != nullptr && name.local == "div" && (in_text || name.uri == kXhtmlNamespace)) {
      return start_div(*parent, name, declared);
    }
    if (name.uri != kFhirNamespace) return refuse_namespace(name);
    if (parent == nullptr) {
      parent = document_.add(nullptr, document_.keep(name.local), here());
      parent->resource = true;
      parent->resource_type = parent->name;
      document_.set_root(parent);
      open_.push_back({parent, true});
    } else if (takes_resource(open_.back(), name.local)) {
      start_inner_resource(*parent, name.local);
    } else {
      Element* element = document_.add(parent, document_.keep(name.local), here());
      if (parent->resource && !open_.back().inner_resource) {
        faults_.note(element, here(), "One resource and nothing else may stand here.");
      }
      if (is_reserved_in_json(name.local)) {
        faults_.note(element, here(), quoted(name.local) + " is not the name of a FHIR element.");
      }
      open_.push_back({element, false});
    }
    take_attributes(name.local, attributes);
  }

  void refuse_namespace(const XmlName& name) {
    stop("The element " + quoted_tag(name.local) + " is in " +
         (name.uri.empty() ? std::string{"no namespace"} : "the namespace " + quoted(name.uri)) +
         "; FHIR elements are in 'http://hl7.org/fhir', so the root must say xmlns=\"http://hl7.org/fhir\".");
  }

  static bool takes_resource(const Open& open, std::string_view local) {
    if (open.inner_resource || open.element->parent == nullptr) return false;
    return open.element->name == "contained" || (open.element->name == "resource" && is_type_name(local));
  }

  void start_inner_resource(Element& wrapper, std::string_view type) {
    if (wrapper.resource || wrapper.first_child != nullptr || wrapper.has_value()) {
      faults_.note(&wrapper, here(), "One resource and nothing else may stand here; each has a wrapper of its own.");
    }
    wrapper.resource = true;
    wrapper.resource_type = document_.keep(type);
    open_.push_back({&wrapper, true});
  }

  void take_attributes(std::string_view tag, const XML_Char** attributes) {
    const Open open = open_.back();
    const bool extension = tag == "extension" || tag == "modifierExtension";
    for (const XML_Char** at = attributes; *at != nullptr; at += 2) {
      if (!count()) return;
      const XmlName name = split_name(at[0]);
      const std::string_view value = at[1];
      if (name.uri == kSchemaInstance && name.local == "schemaLocation" && open_.size() == 1) continue;
      const bool known = name.uri.empty() && !open.inner_resource &&
                         (name.local == "value" || name.local == "id" || (name.local == "url" && extension));
      if (!known) {
        faults_.note(open.element, here(),
                     "The attribute " + quoted(name.local) + " is not allowed on " + quoted_tag(tag) +
                         "; FHIR has 'value', 'id', and 'url' on extensions.");
        continue;
      }
      Element* holder = open.element;
      if (name.local != "value") holder = document_.add(holder, name.local == "id" ? "id" : "url", here());
      holder->kind = ValueKind::kXmlText;
      holder->value = document_.keep(value);
      if (value.empty()) {
        faults_.note(holder, here(), std::string{kEmptyString});
      }
    }
  }

  void start_div(Element& text, const XmlName& name, const std::vector<std::string>& declared) {
    div_ = document_.add(&text, "div", here());
    div_->kind = ValueKind::kXhtml;
    div_depth_ = 1;
    const bool own = std::find(declared.begin(), declared.end(), std::string{name.prefix}) != declared.end();
    const bool needs_declaration = !name.uri.empty() && name.uri != kFhirNamespace && !own;
    div_declaration_.clear();
    div_tag_length_ = 1 + name.local.size() + (name.prefix.empty() ? 0 : name.prefix.size() + 1);
    if (needs_declaration) {
      div_declaration_ = name.prefix.empty() ? " xmlns" : " xmlns:" + std::string{name.prefix};
      div_declaration_ += "=\"";
      append_xml_attribute(div_declaration_, name.uri);
      div_declaration_ += '"';
    }
  }

  /// The div as it was written, with its namespace declaration where that stood further out.
  void end_div() {
    const auto count = static_cast<std::size_t>(std::max(XML_GetCurrentByteCount(parser_.get()), 0));
    const std::string_view source =
        std::string_view{document_.bytes()}.substr(div_->offset, here() + count - div_->offset);
    if (div_declaration_.empty()) {
      div_->value = source;
    } else {
      std::string markup{source.substr(0, div_tag_length_)};
      markup.append(div_declaration_).append(source.substr(div_tag_length_));
      div_->value = document_.keep(markup);
    }
  }

  void end() {
    if (div_depth_ > 0) {
      if (--div_depth_ == 0) end_div();
      return;
    }
    const Open open = open_.back();
    open_.pop_back();
    const Element& element = *open.element;
    if (open.inner_resource) {
      if (element.first_child == nullptr) faults_.note(&element, here(), "The resource is empty.");
    } else if (element.name == "contained" && !element.resource) {
      faults_.note(&element, element.offset, "<contained> must hold one resource.");
    } else if (element.kind == ValueKind::kNone && element.first_child == nullptr && !element.resource &&
               !open.stray_text) {
      faults_.note(&element, element.offset, std::string{kEmptyElement});
    }
    check_siblings(element);
  }

  /// Elements of one name stand together in FHIR's XML; the index of each, and JSON's arrays, rely on it.
  void check_siblings(const Element& parent) {
    names_.clear();
    for (const Element* at = parent.first_child; at != nullptr; at = at->next) {
      if (at->index == 0) names_.push_back(at);
    }
    std::sort(names_.begin(), names_.end(), [](const Element* a, const Element* b) {
      return std::pair{a->name, a->offset} < std::pair{b->name, b->offset};
    });
    const auto same = [](const Element* a, const Element* b) { return a->name == b->name; };
    const auto again = std::adjacent_find(names_.begin(), names_.end(), same);
    if (again == names_.end()) return;
    const Element* second = *(again + 1);
    faults_.note(second, second->offset,
                 "Other elements stand between the elements named " + quoted(second->name) +
                     ", or one is given as an attribute too; elements of one name must stand together.");
  }

  void text(std::string_view text) {
    if (div_depth_ > 0 || is_blank(text)) return;
    if (open_.empty() || std::exchange(open_.back().stray_text, true)) return;
    faults_.note(open_.back().element, here(),
                 "Text stands between the tags; FHIR puts values into the attribute 'value'.");
  }

  Document& document_;
  const ReadLimits& limits_;
  ExpatParser parser_;
  Faults faults_;
  std::vector<Open> open_;
  std::vector<std::string> declared_;
  std::vector<const Element*> names_;
  std::size_t counted_ = 0;
  std::size_t div_depth_ = 0;
  Element* div_ = nullptr;
  std::string div_declaration_;
  std::size_t div_tag_length_ = 0;
};

/// What must be told in better words than expat's.
bool bytes_allowed(const std::string& body, Faults& faults) {
  if (is_blank(body)) return faults.stop(0, "The body is empty; a resource was expected.", IssueType::kInvalid);
  if (body.starts_with("\xFE\xFF") || body.starts_with("\xFF\xFE")) {
    return faults.stop(0, "The body is UTF-16; only UTF-8 is accepted.");
  }
  return true;
}

}  // namespace

Checked<Document> read_xml(std::string bytes, const ReadLimits& limits) {
  constexpr std::size_t kMostBytes = 1U << 30U;
  if (bytes.size() > kMostBytes) {
    return refuse(400, {.type = IssueType::kTooLong,
                        .diagnostics = "The body is longer than 1 GiB.",
                        .location = {},
                        .rule = kFormRule});
  }
  Document document{std::move(bytes), Format::kXml};
  Faults refused;
  if (!bytes_allowed(document.bytes(), refused)) return refused.refusal(document);
  XmlTree tree{document, limits};
  const Faults& faults = tree.read();
  if (!faults.none()) return faults.refusal(document);
  return document;
}

}  // namespace gw::fhir
