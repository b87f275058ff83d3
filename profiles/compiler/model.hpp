// What the profile compiler holds: the definitions as read, and the trees that it makes of them.
// A build tool: its input is ours and trusted, so a mistake ends the program with the file and the element's path.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gw::profiles {

inline constexpr int kUnbounded = -1;

/// Prints "file: path: what is wrong" and ends the program with status 1.
[[noreturn]] void fail(std::string_view file, std::string_view path, std::string_view what);

struct Type {
  std::string code;                      ///< "Reference", "string", "Basic"
  std::vector<std::string> profiles;     ///< canonical URLs
  std::vector<std::string> aggregation;  ///< contained, referenced, bundled
};

struct Constraint {
  std::string key;
  std::string human;
  bool operator==(const Constraint&) const = default;
};

/// What people are told about an element, and the rule that it belongs to.
struct Note {
  std::string rule;
  std::string missing;  ///< said when the element is not there
  std::string hint;     ///< what is right, said when the element is wrong
  bool operator==(const Note&) const = default;
};

/// One entry of a differential. What is not said (min, max) is inherited.
struct ElementText {
  std::string path;
  std::string name;  ///< for nameReference
  std::string name_reference;
  std::string value_set;  ///< of a required binding
  std::string fixed;
  int min = kUnbounded;
  int max = kUnbounded;
  bool has_min = false;
  bool has_max = false;
  bool modifier = false;
  std::vector<Type> types;
  std::vector<Constraint> constraints;
  Note note;
};

/// A base rule that a profile sets aside, by name.
struct Waiver {
  std::string rule;
  std::string key;  ///< an invariant's key, "min", or "xhtml-namespace"
  std::string path;
  bool warns = false;
  std::string human;
};

struct DefinitionText {
  std::string file;
  std::string url;
  std::string type;  ///< "Order" for both the base type and its profiles; a datatype profile has its own name in `name`
  std::string name;
  std::string base;
  bool resource = false;
  bool profile = false;  ///< constrains another type
  bool must_claim = false;
  Note claim;
  std::vector<Waiver> waivers;
  std::vector<ElementText> elements;
};

struct ConceptText {
  std::string system;
  std::string code;
  std::string display;
};

struct ValueSetText {
  std::string file;
  std::string url;
  std::string lexical;  ///< "language-tag" or "media-type" where a grammar stands for a list of codes
  std::vector<ConceptText> concepts;
};

struct Source {
  std::vector<DefinitionText> definitions;
  std::vector<ValueSetText> value_sets;
};

/// An element with everything it inherited. Children are its own where a profile or a resource defines them; otherwise
/// they are those of the type.
struct Tree {
  std::string name;
  std::string choice;      ///< "reason[x]" where it is one of a choice
  std::string type;        ///< type code
  std::string definition;  ///< URL of the type (or datatype profile, or contained resource's profile); may be empty
  std::string reference_name;
  std::string label;  ///< ElementDefinition.name, to be referred to
  int min = 0;
  int max = 1;
  bool repeats = false;  ///< as the base type says: decides on JSON arrays
  bool modifier = false;
  bool expanded = false;
  bool missing_warns = false;
  bool namespace_warns = false;
  bool may_be_contained = true;
  bool may_be_referenced = true;
  std::string value_set;
  std::string fixed;
  std::vector<std::string> targets;  ///< resource types; empty for any
  std::vector<Constraint> constraints;
  Note note;
  Note waiver;
  std::vector<Tree> children;
};

struct Definition {
  const DefinitionText* text = nullptr;
  Tree root;
};

using Definitions = std::map<std::string, Definition>;  ///< by URL

/// All StructureDefinitions and ValueSets of the files.
[[nodiscard]] Source read_source(const std::vector<std::filesystem::path>& files);
/// Inheritance and differentials applied.
[[nodiscard]] Definitions build(const Source& source);
/// The C++ source of the tables.
[[nodiscard]] std::string emit(const Source& source, const Definitions& definitions);

}  // namespace gw::profiles
