// Writes the trees as the flat arrays of gateway/rules/tables.hpp.
#include <algorithm>
#include <map>
#include <sstream>

#include "model.hpp"

namespace gw::profiles {
namespace {

constexpr std::size_t kIndexLimit = 0xfffe;
constexpr std::size_t kMaxChildren = 64;

std::string literal(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string kind_of(const std::string& type) {
  static const std::map<std::string, std::string> kinds = {{"boolean", "kBoolean"},
                                                           {"integer", "kInteger"},
                                                           {"unsignedInt", "kUnsignedInt"},
                                                           {"positiveInt", "kPositiveInt"},
                                                           {"decimal", "kDecimal"},
                                                           {"string", "kString"},
                                                           {"markdown", "kMarkdown"},
                                                           {"code", "kCode"},
                                                           {"id", "kId"},
                                                           {"uri", "kUri"},
                                                           {"oid", "kOid"},
                                                           {"base64Binary", "kBase64Binary"},
                                                           {"instant", "kInstant"},
                                                           {"date", "kDate"},
                                                           {"dateTime", "kDateTime"},
                                                           {"time", "kTime"},
                                                           {"xhtml", "kXhtml"},
                                                           {"Reference", "kReference"}};
  const auto found = kinds.find(type);
  return found == kinds.end() ? "kComplex" : found->second;
}

/// Values that many elements share, written once each.
template <class T>
class Pool {
 public:
  std::size_t place(const T& item) {
    const auto found = std::find(items_.begin(), items_.end(), item);
    if (found != items_.end()) return static_cast<std::size_t>(found - items_.begin());
    items_.push_back(item);
    return items_.size() - 1;
  }
  [[nodiscard]] const std::vector<T>& items() const { return items_; }

 private:
  std::vector<T> items_;
};

struct Range {
  std::size_t first = 0;
  std::size_t count = 0;
};

class Emitter {
 public:
  Emitter(const Source& source, const Definitions& definitions) : source_(source), definitions_(definitions) {}

  std::string run() {
    for (const auto& [url, definition] : definitions_) order_.push_back(url);
    std::stable_sort(order_.begin(), order_.end(), [&](const auto& a, const auto& b) {
      return definitions_.at(a).text->profile > definitions_.at(b).text->profile;
    });
    for (const auto& url : order_) {
      const auto& definition = definitions_.at(url);
      roots_[url] = rows_.size();
      rows_.push_back({&definition.root, {}, definition.text, {}, 0});
    }
    for (std::size_t at = 0; at < rows_.size(); ++at) {
      if (rows_[at].tree->expanded) rows_[at].children = place_children(at);
    }
    return write();
  }

 private:
  struct Row {
    const Tree* tree;
    Range children;
    const DefinitionText* text;
    std::string rule;
    std::size_t slot;
  };

  Range place_children(std::size_t parent) {
    const auto& children = rows_[parent].tree->children;
    const auto* text = rows_[parent].text;
    const auto rule = rows_[parent].tree->note.rule.empty() ? rows_[parent].rule : rows_[parent].tree->note.rule;
    if (children.size() > kMaxChildren) fail(text->file, rows_[parent].tree->name, "has more than 64 children");
    const Range range{rows_.size(), children.size()};
    for (std::size_t at = 0; at < children.size(); ++at) {
      std::size_t slot = at;
      for (std::size_t first = 0; first < at && !children[at].choice.empty(); ++first) {
        if (children[first].choice == children[at].choice) {
          slot = first;
          break;
        }
      }
      rows_.push_back({&children[at], {}, text, rule, slot});
    }
    return range;
  }

  /// nameReference: the children of the element of that label in the same definition.
  Range labelled(const Row& row) const {
    for (const auto& other : rows_) {
      if (other.text == row.text && other.tree->label == row.tree->reference_name) return other.children;
    }
    fail(row.text->file, row.tree->name, "nameReference " + row.tree->reference_name + " names no element");
  }

  Range children_of(const Row& row) const {
    if (row.tree->expanded) return row.children;
    if (!row.tree->reference_name.empty()) return labelled(row);
    if (row.tree->definition.empty() || is_resource(*row.tree)) return {};
    const auto& root = rows_[roots_.at(row.tree->definition)];
    return root.children;
  }

  bool is_resource(const Tree& tree) const {
    if (tree.type == "Resource") return true;
    const auto found = definitions_.find(tree.definition);
    return found != definitions_.end() && found->second.text->resource;
  }

  Range constraints_of(const Row& row) {
    std::vector<Constraint> all = row.tree->constraints;
    const auto& tree = *row.tree;
    if (!tree.definition.empty() && !is_resource(tree)) {
      const auto& inherited = definitions_.at(tree.definition).root.constraints;
      all.insert(all.end(), inherited.begin(), inherited.end());
    }
    // What the walk itself does for every element, and for every narrative.
    std::erase_if(all, [](const Constraint& c) { return c.key == "ele-1" || c.key.starts_with("txt-"); });
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    all.erase(std::unique(all.begin(), all.end()), all.end());
    const Range range{node_constraints_.size(), all.size()};
    for (const auto& constraint : all) node_constraints_.push_back(constraints_.place(constraint));
    return range;
  }

  Range targets_of(const Tree& tree) {
    if (tree.targets.empty()) return {};
    const auto& all = targets_;
    const auto found = std::search(all.begin(), all.end(), tree.targets.begin(), tree.targets.end());
    const auto first = static_cast<std::size_t>(found - all.begin());
    if (found == all.end()) targets_.insert(targets_.end(), tree.targets.begin(), tree.targets.end());
    return {first, tree.targets.size()};
  }

  std::string value_set_of(const Row& row) const {
    if (row.tree->value_set.empty()) return "kNone";
    for (std::size_t at = 0; at < source_.value_sets.size(); ++at) {
      if (source_.value_sets[at].url == row.tree->value_set) return std::to_string(at);
    }
    fail(row.text->file, row.tree->name, "no file defines the value set " + row.tree->value_set);
  }

  std::string definition_of(const Tree& tree) const {
    if (tree.definition.empty() || tree.type == "Resource" || !is_resource(tree)) return "kNone";
    const auto found = std::find(order_.begin(), order_.end(), tree.definition);
    return std::to_string(found - order_.begin());
  }

  std::string flags_of(const Tree& tree, const Range& children) const {
    unsigned flags = 0;
    if (tree.repeats) flags |= 1U;
    if (tree.modifier) flags |= 2U;
    if (tree.missing_warns) flags |= 4U;
    if (tree.namespace_warns) flags |= 8U;
    if (tree.may_be_contained) flags |= 16U;
    if (tree.may_be_referenced) flags |= 32U;
    for (std::size_t at = 0; at < children.count; ++at) {
      if (rows_[children.first + at].tree->min > 0) flags |= 64U;
    }
    return std::to_string(flags);
  }

  std::string note_of(Note note, const std::string& inherited_rule) {
    if (note.rule.empty()) note.rule = inherited_rule;
    return note == Note{} ? "kNone" : std::to_string(notes_.place(note));
  }

  void write_nodes(std::ostream& out) {
    out << "constexpr Node kNodes[] = {\n";
    for (const auto& row : rows_) {
      const auto& tree = *row.tree;
      const auto children = children_of(row);
      const auto constraints = constraints_of(row);
      const auto targets = targets_of(tree);
      out << "    {" << literal(tree.name) << ", " << children.first << ", " << children.count << ", "
          << constraints.first << ", " << constraints.count << ", " << targets.first << ", " << targets.count << ", "
          << definition_of(tree) << ", " << value_set_of(row) << ", "
          << (tree.fixed.empty() ? "kNone" : std::to_string(texts_.place(tree.fixed))) << ", "
          << note_of(tree.note, row.rule) << ", " << note_of(tree.waiver, {}) << ", " << row.slot << ", " << tree.min
          << ", " << (tree.max == kUnbounded ? "kUnbounded" : std::to_string(tree.max))
          << ", Kind::" << (is_resource(tree) && &tree != root_of(row) ? "kResource" : kind_of(tree.type)) << ", "
          << flags_of(tree, children) << "},\n";
    }
    out << "};\n";
  }

  const Tree* root_of(const Row& row) const { return &definitions_.at(row.text->url).root; }

  void write_definitions(std::ostream& out) {
    out << "constexpr Definition kDefinitions[] = {\n";
    for (const auto& url : order_) {
      const auto& text = *definitions_.at(url).text;
      out << "    {" << literal(url) << ", " << literal(text.type) << ", " << roots_.at(url) << ", "
          << (text.must_claim ? std::to_string(notes_.place(text.claim)) : "kNone") << ", "
          << (text.profile ? "true" : "false") << ", " << (text.resource ? "true" : "false") << "},\n";
    }
    out << "};\n";
  }

  void write_value_sets(std::ostream& out) const {
    std::size_t first = 0;
    out << "constexpr ValueSet kValueSets[] = {\n";
    for (const auto& set : source_.value_sets) {
      const std::string grammar = set.lexical.empty()             ? "kCodes"
                                  : set.lexical == "language-tag" ? "kLanguageTag"
                                  : set.lexical == "media-type"   ? "kMediaType"
                                                                  : "";
      if (grammar.empty()) fail(set.file, set.url, "unknown grammar " + set.lexical);
      out << "    {" << literal(set.url) << ", " << first << ", " << set.concepts.size() << ", Grammar::" << grammar
          << "},\n";
      first += set.concepts.size();
    }
    out << "};\nconstexpr Concept kConcepts[] = {\n";
    for (const auto& set : source_.value_sets) {
      for (const auto& item : set.concepts)
        out << "    {" << literal(item.system) << ", " << literal(item.code) << ", " << literal(item.display) << "},\n";
    }
    out << "};\n";
  }

  static std::string function_of(std::string key) {
    std::replace(key.begin(), key.end(), '-', '_');
    return key;
  }

  std::string write() {
    std::ostringstream body;
    write_nodes(body);
    write_definitions(body);
    write_value_sets(body);
    if (rows_.size() > kIndexLimit) fail("profiles", "all", "more elements than an index can hold");
    body << "constexpr Note kNotes[] = {\n";
    for (const auto& note : notes_.items())
      body << "    {" << literal(note.rule) << ", " << literal(note.missing) << ", " << literal(note.hint) << "},\n";
    body << "};\nconstexpr std::string_view kTexts[] = {\n";
    for (const auto& text : texts_.items()) body << "    " << literal(text) << ",\n";
    body << "};\nconstexpr std::string_view kTargets[] = {\n";
    for (const auto& target : targets_) body << "    " << literal(target) << ",\n";
    body << "};\nconstexpr Index kNodeConstraints[] = {";
    for (const auto at : node_constraints_) body << at << ", ";
    body << "};\nconstexpr Constraint kConstraints[] = {\n";
    for (const auto& constraint : constraints_.items())
      body << "    {" << literal(constraint.key) << ", " << literal(constraint.human)
           << ", &invariants::" << function_of(constraint.key) << "},\n";
    body << "};\n";
    return "// Made by gw_profile_compiler from profiles/**.json; do not edit.\n"
           "#include \"rules/invariants.hpp\"\n#include \"rules/tables.hpp\"\n\n"
           "namespace gw::rules {\nnamespace {\n\n" +
           body.str() +
           "\n}  // namespace\n\nconstinit const Tables kTables{kNodes, kNodeConstraints, kConstraints, kTargets, "
           "kTexts, "
           "kNotes, kValueSets, kConcepts, kDefinitions};\n\n}  // namespace gw::rules\n";
  }

  const Source& source_;
  const Definitions& definitions_;
  std::vector<std::string> order_;
  std::map<std::string, std::size_t> roots_;
  std::vector<Row> rows_;
  Pool<Constraint> constraints_;
  Pool<Note> notes_;
  Pool<std::string> texts_;
  std::vector<std::string> targets_;
  std::vector<std::size_t> node_constraints_;
};

}  // namespace

std::string emit(const Source& source, const Definitions& definitions) {
  return Emitter(source, definitions).run();
}

}  // namespace gw::profiles
