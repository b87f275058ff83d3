// RapidJSON's events to elements.
#include "fhir/json_tree.hpp"

#include <algorithm>
#include <utility>

#include "fhir/escape.hpp"
#include "fhir/json_twins.hpp"

namespace gw::fhir {
namespace {

/// More of a name than a diagnostic shows.
constexpr std::size_t kShownName = 80;

/// The elements that DSTU2 types as Resource: those of DomainResource, Bundle.entry and Parameters.parameter.
bool holds_resource(std::string_view name) {
  return name == "contained" || name == "resource";
}

/// Names that XML can carry too. What is not a FHIR element is for the validator to say.
bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto other = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || other(c); });
}

bool has_unusual_characters(std::string_view body) {
  return body.find("\\u") != std::string_view::npos || body.find('\xEF') != std::string_view::npos;
}

}  // namespace

JsonTree::JsonTree(Document& document, const ReadLimits& limits, Dialect dialect,
                   const rapidjson::InsituStringStream& stream, const char* working_copy)
    : document_(document),
      limits_(limits),
      dialect_(dialect),
      stream_(stream),
      working_copy_(working_copy),
      unusual_characters_(has_unusual_characters(document.bytes())) {
  frames_.reserve(std::min<std::size_t>(limits.depth, 64));
  keys_.reserve(32);
}

std::uint32_t JsonTree::offset_of(const char* text) const {
  return static_cast<std::uint32_t>(text - working_copy_);
}

std::uint32_t JsonTree::offset_before(std::size_t length) const {
  return static_cast<std::uint32_t>(stream_.src_ - working_copy_) - static_cast<std::uint32_t>(length);
}

bool JsonTree::too_many(std::uint32_t offset) {
  return faults_.stop(offset,
                      "The body has more than " + std::to_string(limits_.elements) +
                          " elements and values, which is the limit; send less in one body.",
                      IssueType::kTooLong);
}

bool JsonTree::too_deep(std::uint32_t offset) {
  return faults_.stop(
      offset,
      "Objects and arrays are nested deeper than " + std::to_string(limits_.depth) + " levels, which is the limit.",
      IssueType::kTooLong);
}

bool JsonTree::root_must_be_object(std::uint32_t offset) {
  return faults_.stop(offset, "The body is JSON, but not an object: it must begin with '{'.");
}

/// The element for the value that begins now, in its place in the tree.
Element* JsonTree::open(std::uint32_t offset) {
  if (frames_.empty()) {
    document_.set_root(document_.add(nullptr, {}, offset));
    return document_.root();
  }
  Frame& frame = frames_.back();
  const Property& property = frame.property;
  Element* element = document_.add(frame.element, property.name, frame.array ? offset : property.offset);
  element->in_array = frame.array;
  element->index = frame.items++;
  if (!frame.array) element->index = 0;
  if (property.role == Role::kTwin) {
    mark_twin(*element);
    Frame& owner = frame.array ? frames_[frames_.size() - 2] : frame;
    owner.to_merge = true;
  }
  return element;
}

/// Characters that escapes can smuggle past the check of the encoding, and those that XML cannot carry.
bool JsonTree::each_character_allowed(std::string_view text, std::uint32_t offset) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\0') {
      return faults_.stop(offset, "A string contains the character NUL (\\u0000), which is not allowed.");
    }
    if (c == '\xED' && static_cast<unsigned char>(text[at + 1]) >= 0xA0) {
      return faults_.stop(offset,
                          "A string contains half of a surrogate pair (\\uD800 to \\uDFFF without its other "
                          "half); write both halves, or the character itself.");
    }
    if (!fhir()) continue;
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
    const std::string_view rest = text.substr(at, 3);
    if (control || rest == "\xEF\xBF\xBE" || rest == "\xEF\xBF\xBF") {
      return faults_.stop(offset,
                          "A string contains a control character that FHIR does not allow: below U+0020 only "
                          "tab, line feed and carriage return may stand; U+FFFE and U+FFFF may not.");
    }
  }
  return true;
}

bool JsonTree::resource_type(std::string_view text, ValueKind kind, std::uint32_t offset) {
  const Frame& frame = frames_.back();
  Element* owner = frame.element;
  if (kind != ValueKind::kString || !is_name(text)) {
    faults_.note(owner, offset,
                 "The value of 'resourceType' must be a string with the name of a resource type, as in "
                 "\"resourceType\": \"Order\".");
    owner->resource = true;
    return true;
  }
  const bool twin = is_twin(*owner);
  if (twin || (owner->parent != nullptr && !holds_resource(owner->name))) {
    faults_.note(owner, frame.property.offset,
                 "The key 'resourceType' may stand only in a resource: the body itself, an entry of 'contained', or a "
                 "'resource' of a Bundle.");
    return true;
  }
  owner->resource = true;
  owner->resource_type = text;
  if (owner->parent == nullptr) owner->name = text;
  return true;
}

bool JsonTree::scalar(std::string_view text, ValueKind kind, std::uint32_t offset) {
  if (frames_.empty()) return root_must_be_object(offset);
  if (!count(offset) || !characters_allowed(text, offset)) return false;
  const Frame& frame = frames_.back();
  const Role role = frame.property.role;
  if (frame.ignored || role == Role::kComments) {
    const bool listed = frame.array && kind == ValueKind::kString;
    if (!listed) faults_.note(frame.element, offset, "The value of 'fhir_comments' must be an array of strings.");
    return true;
  }
  if (role == Role::kType && !frame.array) return resource_type(text, kind, offset);
  Element* element = open(offset);
  element->value = text;
  element->kind = kind;
  if (!fhir()) return true;
  if (role == Role::kTwin) {
    if (kind != ValueKind::kNull || !frame.array) {
      faults_.note(element, offset,
                   "The value of " + quoted("_" + std::string{element->name.substr(0, kShownName)}) +
                       " must be an object with 'id' or 'extension', or an array of such objects and nulls.");
      drop(*element);
    }
  } else if (kind == ValueKind::kNull) {
    if (frame.array) {
      frames_[frames_.size() - 2].to_merge = true;
    } else {
      faults_.note(element, offset, "The value is null; leave the property out where there is no value.");
    }
  } else if (kind == ValueKind::kString && text.empty()) {
    faults_.note(element, offset, std::string{kEmptyString});
  }
  return true;
}

bool JsonTree::Null() {
  return scalar({}, ValueKind::kNull, offset_before(4));
}

bool JsonTree::Bool(bool value) {
  const std::string_view text = value ? "true" : "false";
  return scalar(text, ValueKind::kBoolean, offset_before(text.size()));
}

bool JsonTree::RawNumber(const char* text, rapidjson::SizeType length, bool /*copy*/) {
  return scalar({text, length}, ValueKind::kNumber, offset_of(text));
}

bool JsonTree::String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
  return scalar({text, length}, ValueKind::kString, offset_of(text) - 1);
}

bool JsonTree::StartObject() {
  const std::uint32_t offset = offset_before(0);
  if (!count(offset) || !deepen(offset)) return false;
  Frame frame;
  frame.first_key = keys_.size();
  const bool ignored = !frames_.empty() && (frames_.back().ignored || frames_.back().property.role == Role::kComments);
  if (ignored) {
    frame.element = frames_.back().element;
    frame.ignored = true;
    faults_.note(frame.element, offset, "The value of 'fhir_comments' must be an array of strings.");
  } else {
    if (!frames_.empty() && frames_.back().property.role == Role::kType) {
      resource_type({}, ValueKind::kNone, offset);
    }
    frame.element = open(offset);
  }
  frames_.push_back(frame);
  return true;
}

bool JsonTree::Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
  Frame& frame = frames_.back();
  Property property{{text, length}, offset_of(text) - 1, Role::kValue};
  if (!count(property.offset) || !characters_allowed(property.name, property.offset)) return false;
  keys_.push_back({property.name, property.offset});
  if (fhir() && !frame.ignored) {
    if (property.name == "fhir_comments") {
      property.role = Role::kComments;
    } else if (property.name == "resourceType") {
      property.role = Role::kType;
    } else if (property.name.size() > 1 && property.name.front() == '_') {
      property.role = Role::kTwin;
      property.name.remove_prefix(1);
    }
    if (!is_name(property.name)) {
      faults_.note(frame.element, property.offset,
                   "The key " + quoted({text, length}) + " is not the name of an element.");
    }
  }
  frame.property = property;
  return true;
}

/// No key twice in the object that ends now. The keys are compared pairwise where they are few, else sorted.
bool JsonTree::keys_differ(const Frame& frame) {
  constexpr std::ptrdiff_t kFew = 16;
  const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(frame.first_key);
  const KeySeen* twice = nullptr;
  const auto found = [&twice](const KeySeen& seen) {
    if (twice == nullptr || seen.offset < twice->offset) twice = &seen;
  };
  if (keys_.end() - begin <= kFew) {
    for (auto a = begin; a != keys_.end(); ++a) {
      for (auto b = begin; b != a; ++b) {
        if (a->key == b->key) found(*a);
      }
    }
  } else {
    std::sort(begin, keys_.end(), [](const KeySeen& a, const KeySeen& b) {
      return std::pair{a.key, a.offset} < std::pair{b.key, b.offset};
    });
    for (auto a = begin + 1; a != keys_.end(); ++a) {
      if (a->key == (a - 1)->key) found(*a);
    }
  }
  if (twice != nullptr) {
    return faults_.stop(twice->offset, "The key " + quoted(twice->key) + " occurs twice in one object.");
  }
  keys_.resize(frame.first_key);
  return true;
}

void JsonTree::check_resource(const Frame& frame) {
  const Element* element = frame.element;
  if (element->resource) return;
  if (element->parent == nullptr) {
    faults_.note(nullptr, element->offset,
                 "The body has no 'resourceType'; a FHIR resource in JSON begins with it, as in \"resourceType\": "
                 "\"Order\".");
  } else if (element->name == "contained") {
    faults_.note(element, element->offset, "A contained resource has no 'resourceType'; each must name its type.");
  }
}

bool JsonTree::EndObject(rapidjson::SizeType members) {
  const Frame frame = frames_.back();
  if (!keys_differ(frame)) return false;
  close();
  if (!fhir() || frame.ignored) return true;
  if (members == 0) {
    faults_.note(frame.element, frame.element->offset, std::string{kEmptyElement});
  } else {
    check_resource(frame);
  }
  if (frame.to_merge) merge_twins(*frame.element, faults_);
  return true;
}

bool JsonTree::StartArray() {
  const std::uint32_t offset = offset_before(0);
  if (frames_.empty()) return root_must_be_object(offset);
  if (!count(offset) || !deepen(offset)) return false;
  const Frame& holder = frames_.back();
  if (holder.array) return faults_.stop(offset, "An array stands directly inside another array, which is not allowed.");
  if (holder.property.role == Role::kType) resource_type({}, ValueKind::kNone, offset);
  Frame frame;
  frame.element = holder.element;
  frame.array = true;
  frame.ignored = holder.ignored || holder.property.role == Role::kComments;
  frame.property = holder.property;
  frames_.push_back(frame);
  return true;
}

bool JsonTree::EndArray(rapidjson::SizeType items) {
  const Frame frame = frames_.back();
  close();
  if (items == 0 && fhir() && !frame.ignored) {
    faults_.note(frame.element, frame.property.offset,
                 "The value of " + quoted(frame.property.name) +
                     " is an empty array; leave the property out where there is no value.");
  }
  return true;
}

void JsonTree::close() {
  frames_.pop_back();
}

}  // namespace gw::fhir
