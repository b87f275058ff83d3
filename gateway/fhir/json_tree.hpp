// Builds the element tree from RapidJSON's events. Internal to fhir/: read.hpp is the way in.
//
// The events come from an in situ parse of a working copy of the body, so that every string is a view into that copy
// and its offset is its address: nothing is copied twice. Must not know which resources or elements exist.
#pragma once

#include <rapidjson/rapidjson.h>
#include <rapidjson/stream.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "fhir/faults.hpp"
#include "fhir/read.hpp"

namespace gw::fhir {

/// kFhir: DSTU2's JSON rules. kPlain: any JSON object, as a token has.
enum class Dialect : unsigned char { kFhir, kPlain };

/// SAX handler in RapidJSON's sense. Gives false to stop the parse; the reason is then in `faults()`.
class JsonTree {
 public:
  /// `stream` is what the parser reads from; `working_copy` is where its buffer starts.
  JsonTree(Document& document, const ReadLimits& limits, Dialect dialect, const rapidjson::InsituStringStream& stream,
           const char* working_copy);

  bool Null();
  bool Bool(bool value);
  bool RawNumber(const char* text, rapidjson::SizeType length, bool copy);
  bool String(const char* text, rapidjson::SizeType length, bool copy);
  bool StartObject();
  bool Key(const char* text, rapidjson::SizeType length, bool copy);
  bool EndObject(rapidjson::SizeType members);
  bool StartArray();
  bool EndArray(rapidjson::SizeType items);
  // Numbers come as text (RawNumber); these complete the handler concept.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  [[nodiscard]] Faults& faults() { return faults_; }

 private:
  /// What a property's key said about its value.
  enum class Role : unsigned char { kValue, kTwin, kComments, kType };

  struct Property {
    std::string_view name;  ///< without the twin's underscore
    std::uint32_t offset = 0;
    Role role = Role::kValue;
  };

  struct Frame {
    Element* element = nullptr;  ///< an object's own element; for an array, the object that it stands in
    bool array = false;
    bool ignored = false;   ///< inside fhir_comments
    bool to_merge = false;  ///< object: holds twins, or nulls that wait for one
    std::uint32_t items = 0;
    std::size_t first_key = 0;
    Property property;  ///< object: the one being read; array: the one whose value the array is
  };

  struct KeySeen {
    std::string_view key;
    std::uint32_t offset;
  };

  [[nodiscard]] bool fhir() const { return dialect_ == Dialect::kFhir; }
  [[nodiscard]] std::uint32_t offset_of(const char* text) const;
  [[nodiscard]] std::uint32_t offset_before(std::size_t length) const;
  // What each value passes is here; what few bodies come to is told in a function of its own.
  bool count(std::uint32_t offset) { return ++counted_ <= limits_.elements || too_many(offset); }
  bool deepen(std::uint32_t offset) { return frames_.size() < limits_.depth || too_deep(offset); }
  bool characters_allowed(std::string_view text, std::uint32_t offset) {
    return !unusual_characters_ || each_character_allowed(text, offset);
  }
  bool too_many(std::uint32_t offset);
  bool too_deep(std::uint32_t offset);
  bool each_character_allowed(std::string_view text, std::uint32_t offset);
  bool root_must_be_object(std::uint32_t offset);
  Element* open(std::uint32_t offset);
  bool scalar(std::string_view text, ValueKind kind, std::uint32_t offset);
  bool resource_type(std::string_view text, ValueKind kind, std::uint32_t offset);
  bool keys_differ(const Frame& frame);
  void check_resource(const Frame& frame);
  void close();

  Document& document_;
  const ReadLimits& limits_;
  const Dialect dialect_;
  const rapidjson::InsituStringStream& stream_;
  const char* const working_copy_;
  const bool unusual_characters_;
  std::size_t counted_ = 0;
  std::vector<Frame> frames_;
  std::vector<KeySeen> keys_;
  Faults faults_;
};

}  // namespace gw::fhir
