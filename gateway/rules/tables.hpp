// The tables that profiles/compiler makes of profiles/**.json at build time: plain constant arrays, addressed by index.
// What the validator needs on every element is in Node, 48 bytes; words for people stand apart in Note.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fhir/element.hpp"

namespace gw::rules {

class Scope;

/// What an element holds. From kBoolean on, the primitives.
enum class Kind : std::uint8_t {
  kComplex,
  kReference,
  kResource,
  kXhtml,
  kBoolean,
  kInteger,
  kUnsignedInt,
  kPositiveInt,
  kDecimal,
  kString,
  kMarkdown,
  kCode,
  kId,
  kUri,
  kOid,
  kBase64Binary,
  kInstant,
  kDate,
  kDateTime,
  kTime,
};

using Index = std::uint16_t;
inline constexpr Index kNone = 0xffff;
inline constexpr Index kUnbounded = 0xffff;
/// No definition has more children than this: the compiler refuses it. Bounds the validator's counters.
inline constexpr std::size_t kMaxChildren = 64;

struct Node {
  static constexpr std::uint8_t kRepeats = 1;  ///< may repeat in the base type, so JSON writes an array
  static constexpr std::uint8_t kModifier = 2;
  static constexpr std::uint8_t kMissingWarns = 4;    ///< waived: absence is a warning
  static constexpr std::uint8_t kNamespaceWarns = 8;  ///< waived: a div outside the XHTML namespace is a warning
  static constexpr std::uint8_t kContained = 16;      ///< a reference may lead to a contained resource
  static constexpr std::uint8_t kReferenced = 32;     ///< a reference may lead to another resource
  static constexpr std::uint8_t kChildRequired = 64;  ///< some child has a minimum

  std::string_view name;
  Index children = 0;  ///< first child in Tables::nodes, in the order of the specification
  Index child_count = 0;
  Index constraints = 0;  ///< first in Tables::node_constraints
  Index constraint_count = 0;
  Index targets = 0;  ///< first in Tables::targets: resource types a reference may lead to; none means any
  Index target_count = 0;
  Index definition = kNone;  ///< a contained resource is held to this one
  Index value_set = kNone;
  Index fixed = kNone;  ///< in Tables::texts
  Index note = kNone;
  Index waiver = kNone;  ///< a Note whose rule and hint say which base rule is waived here, and why
  Index slot = 0;        ///< child position that counts for this one: the first of its choice, else itself
  Index min = 0;
  Index max = 1;
  Kind kind = Kind::kComplex;
  std::uint8_t flags = 0;

  [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// A rule over an element and what is below or around it. Gives the element that breaks it, or null.
using Check = const fhir::Element* (*)(const Scope& scope, const fhir::Element& element);

struct Constraint {
  std::string_view key;    ///< "per-1"
  std::string_view human;  ///< what is right
  Check check;
};

struct Note {
  std::string_view rule;
  std::string_view missing;
  std::string_view hint;
};

struct Concept {
  std::string_view system;
  std::string_view code;
  std::string_view display;
};

enum class Grammar : std::uint8_t { kCodes, kLanguageTag, kMediaType };

struct ValueSet {
  std::string_view url;
  Index concepts = 0;  ///< first in Tables::concepts
  Index count = 0;
  Grammar grammar = Grammar::kCodes;
};

struct Definition {
  std::string_view url;
  std::string_view type;  ///< "Order", for the base type and its profiles
  Index node = 0;
  Index claim = kNone;  ///< a Note when meta.profile must name `url`
  bool profile = false;
  bool resource = false;
};

struct Tables {
  std::span<const Node> nodes;
  std::span<const Index> node_constraints;  ///< indexes into constraints
  std::span<const Constraint> constraints;
  std::span<const std::string_view> targets;
  std::span<const std::string_view> texts;
  std::span<const Note> notes;
  std::span<const ValueSet> value_sets;
  std::span<const Concept> concepts;
  std::span<const Definition> definitions;

  [[nodiscard]] std::span<const Node> children_of(const Node& node) const {
    return nodes.subspan(node.children, node.child_count);
  }
  [[nodiscard]] std::span<const std::string_view> targets_of(const Node& node) const {
    return targets.subspan(node.targets, node.target_count);
  }
  [[nodiscard]] std::span<const Concept> concepts_of(const ValueSet& set) const {
    return concepts.subspan(set.concepts, set.count);
  }
  /// By canonical URL; null when there is none.
  [[nodiscard]] const Definition* by_url(std::string_view url) const;
  /// The base type of this name; null when there is none.
  [[nodiscard]] const Definition* by_type(std::string_view type) const;
};

/// Generated: see profiles/CMakeLists.txt.
extern const Tables kTables;

/// Position among the children of `node` of the one called `name`, or child_count. `from` is where to begin looking:
/// callers that go through a document in order pass the last position found.
[[nodiscard]] std::size_t find_child(const Tables& tables, const Node& node, std::string_view name, std::size_t from);

}  // namespace gw::rules
