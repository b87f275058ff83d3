// Reads our StructureDefinitions and ValueSets. Refuses what it does not understand, so that nothing in a profile is
// silently without effect.
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "model.hpp"

namespace gw::profiles {
namespace {

constexpr std::string_view kOwn = "urn:gpconnect-gateway:profile:";
using Json = rapidjson::Value;

/// Where a mistake is reported.
struct Place {
  std::string file;
  std::string path;
};

std::string text_of(const Json& object, const char* key, const Place& place, bool needed = false) {
  const auto member = object.FindMember(key);
  if (member == object.MemberEnd()) {
    if (needed) fail(place.file, place.path, std::string("has no ") + key);
    return {};
  }
  if (!member->value.IsString()) fail(place.file, place.path, std::string(key) + " is not text");
  return member->value.GetString();
}

bool truth_of(const Json& object, const char* key, const Place& place) {
  const auto member = object.FindMember(key);
  if (member == object.MemberEnd()) return false;
  if (!member->value.IsBool()) fail(place.file, place.path, std::string(key) + " is not true or false");
  return member->value.GetBool();
}

template <class Use>
void each(const Json& object, const char* key, const Place& place, const Use& use) {
  const auto member = object.FindMember(key);
  if (member == object.MemberEnd()) return;
  if (!member->value.IsArray()) fail(place.file, place.path, std::string(key) + " is not an array");
  for (const auto& item : member->value.GetArray()) use(item);
}

std::vector<std::string> texts_of(const Json& object, const char* key, const Place& place) {
  std::vector<std::string> found;
  each(object, key, place, [&](const Json& item) {
    if (!item.IsString()) fail(place.file, place.path, std::string(key) + " holds something that is not text");
    found.emplace_back(item.GetString());
  });
  return found;
}

/// Sub-extensions of a waiver or claim by their short URLs.
std::map<std::string, std::string> parts_of(const Json& extension, const Place& place) {
  std::map<std::string, std::string> parts;
  each(extension, "extension", place, [&](const Json& part) {
    const auto url = text_of(part, "url", place, true);
    auto value = text_of(part, "valueString", place);
    if (value.empty()) value = text_of(part, "valueCode", place);
    if (value.empty()) fail(place.file, place.path, "extension part " + url + " has no value");
    parts[url] = value;
  });
  return parts;
}

Note read_note(const Json& element, const Place& place) {
  Note note;
  each(element, "extension", place, [&](const Json& extension) {
    const auto url = text_of(extension, "url", place, true);
    const auto value = text_of(extension, "valueString", place, true);
    if (url == std::string(kOwn) + "rule") {
      note.rule = value;
    } else if (url == std::string(kOwn) + "missing") {
      note.missing = value;
    } else if (url == std::string(kOwn) + "hint") {
      note.hint = value;
    } else {
      fail(place.file, place.path, "unknown extension " + url);
    }
  });
  return note;
}

int read_max(const std::string& text, const Place& place) {
  if (text == "*") return kUnbounded;
  if (text == "0") return 0;
  if (text == "1") return 1;
  fail(place.file, place.path, "max is '" + text + "'; the compiler knows 0, 1 and *");
}

void refuse_unknown_keys(const Json& element, const Place& place) {
  static const std::set<std::string, std::less<>> known = {
      "path",       "name",          "short",    "min",       "max",        "type",     "binding",
      "constraint", "nameReference", "fixedUri", "fixedCode", "isModifier", "extension"};
  for (const auto& member : element.GetObject()) {
    if (!known.contains(member.name.GetString()))
      fail(place.file, place.path, std::string("unknown key ") + member.name.GetString());
  }
}

ElementText read_element(const Json& element, Place place) {
  if (!element.IsObject()) fail(place.file, "differential", "an element is not an object");
  ElementText read;
  read.path = text_of(element, "path", place, true);
  place.path = read.path;
  refuse_unknown_keys(element, place);
  read.name = text_of(element, "name", place);
  read.name_reference = text_of(element, "nameReference", place);
  read.modifier = truth_of(element, "isModifier", place);
  read.note = read_note(element, place);
  if (const auto min = element.FindMember("min"); min != element.MemberEnd()) {
    if (!min->value.IsInt() || min->value.GetInt() < 0 || min->value.GetInt() > 1)
      fail(place.file, place.path, "min is neither 0 nor 1");
    read.min = min->value.GetInt();
    read.has_min = true;
  }
  if (const auto max = text_of(element, "max", place); !max.empty()) {
    read.max = read_max(max, place);
    read.has_max = true;
  }
  each(element, "type", place, [&](const Json& type) {
    read.types.push_back(Type{text_of(type, "code", place, true), texts_of(type, "profile", place),
                              texts_of(type, "aggregation", place)});
  });
  each(element, "constraint", place, [&](const Json& constraint) {
    read.constraints.push_back(
        Constraint{text_of(constraint, "key", place, true), text_of(constraint, "human", place, true)});
  });
  for (const char* fixed : {"fixedUri", "fixedCode"}) {
    if (const auto value = text_of(element, fixed, place); !value.empty()) read.fixed = value;
  }
  if (const auto binding = element.FindMember("binding"); binding != element.MemberEnd()) {
    if (text_of(binding->value, "strength", place, true) != "required")
      fail(place.file, place.path, "only required bindings are compiled; leave others out");
    const auto reference = binding->value.FindMember("valueSetReference");
    if (reference == binding->value.MemberEnd()) fail(place.file, place.path, "binding has no valueSetReference");
    read.value_set = text_of(reference->value, "reference", place, true);
  }
  return read;
}

DefinitionText read_definition(const Json& json, const Place& place) {
  DefinitionText read;
  read.file = place.file;
  read.url = text_of(json, "url", place, true);
  read.name = text_of(json, "name", place, true);
  read.base = text_of(json, "base", place);
  read.resource = text_of(json, "kind", place, true) == "resource";
  const auto constrained = text_of(json, "constrainedType", place);
  read.profile = !constrained.empty();
  read.type = read.profile ? constrained : read.name;
  each(json, "extension", place, [&](const Json& extension) {
    const auto url = text_of(extension, "url", place, true);
    auto parts = parts_of(extension, place);
    if (url == std::string(kOwn) + "claim") {
      read.must_claim = true;
      read.claim = Note{parts["rule"], {}, parts["hint"]};
    } else if (url == std::string(kOwn) + "waiver") {
      if (parts["severity"] != "warning" && parts["severity"] != "none")
        fail(place.file, parts["path"], "a waiver's severity is 'warning' or 'none'");
      read.waivers.push_back(
          Waiver{parts["rule"], parts["key"], parts["path"], parts["severity"] == "warning", parts["human"]});
    } else {
      fail(place.file, read.name, "unknown extension " + url);
    }
  });
  const auto differential = json.FindMember("differential");
  if (differential == json.MemberEnd()) fail(place.file, read.name, "has no differential");
  each(differential->value, "element", place,
       [&](const Json& element) { read.elements.push_back(read_element(element, place)); });
  if (read.elements.empty() || read.elements.front().path != read.type)
    fail(place.file, read.name, "the first element is not the root, " + read.type);
  return read;
}

ValueSetText read_value_set(const Json& json, const Place& place) {
  ValueSetText read;
  read.file = place.file;
  read.url = text_of(json, "url", place, true);
  each(json, "extension", place, [&](const Json& extension) {
    if (text_of(extension, "url", place, true) != std::string(kOwn) + "lexical")
      fail(place.file, read.url, "unknown extension");
    read.lexical = text_of(extension, "valueCode", place, true);
  });
  const auto read_concepts = [&](const Json& group) {
    const auto system = text_of(group, "system", place, true);
    each(group, "concept", place, [&](const Json& item) {
      read.concepts.push_back(ConceptText{system, text_of(item, "code", place, true), text_of(item, "display", place)});
    });
  };
  if (const auto own = json.FindMember("codeSystem"); own != json.MemberEnd()) read_concepts(own->value);
  if (const auto compose = json.FindMember("compose"); compose != json.MemberEnd())
    each(compose->value, "include", place, read_concepts);
  if (read.concepts.empty() && read.lexical.empty()) fail(place.file, read.url, "has neither codes nor a grammar");
  return read;
}

}  // namespace

Source read_source(const std::vector<std::filesystem::path>& files) {
  Source source;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!in) fail(file.string(), "file", "cannot be read");
    const std::string text = bytes.str();
    rapidjson::Document json;
    json.Parse<rapidjson::kParseIterativeFlag>(text.c_str(), text.size());
    if (json.HasParseError())
      fail(file.string(), "byte " + std::to_string(json.GetErrorOffset()),
           rapidjson::GetParseError_En(json.GetParseError()));
    if (!json.IsObject()) fail(file.string(), "root", "is not an object");
    const Place place{file.string(), "root"};
    const auto type = text_of(json, "resourceType", place, true);
    if (type == "StructureDefinition") {
      source.definitions.push_back(read_definition(json, place));
    } else if (type == "ValueSet") {
      source.value_sets.push_back(read_value_set(json, place));
    } else {
      fail(file.string(), "resourceType", "is '" + type + "'; a StructureDefinition or a ValueSet belongs here");
    }
  }
  return source;
}

}  // namespace gw::profiles
