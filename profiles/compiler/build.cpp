// Inheritance: each definition starts as a copy of its base, then its differential is applied, then its waivers.
#include <algorithm>

#include "model.hpp"

namespace gw::profiles {
namespace {

constexpr std::string_view kHl7 = "http://hl7.org/fhir/StructureDefinition/";

std::string url_of(std::string_view type) {
  return std::string(kHl7).append(type);
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

bool is_choice(std::string_view name) {
  return name.ends_with("[x]");
}

class Builder {
 public:
  explicit Builder(const Source& source) : source_(source) {}

  Definitions run() {
    for (const auto& text : source_.definitions) made(text.url, text.file, text.name);
    return std::move(done_);
  }

 private:
  const DefinitionText* text_of(std::string_view url) const {
    for (const auto& text : source_.definitions) {
      if (text.url == url) return &text;
    }
    return nullptr;
  }

  /// The definition with its base's inheritance done; made once.
  const Definition& made(const std::string& url, std::string_view file, std::string_view path) {
    if (const auto found = done_.find(url); found != done_.end()) return found->second;
    const auto* text = text_of(url);
    if (text == nullptr) fail(file, path, "no file defines " + url);
    if (std::find(open_.begin(), open_.end(), url) != open_.end()) fail(file, path, url + " is its own base");
    open_.push_back(url);
    Definition definition{text, {}};
    if (!text->base.empty()) definition.root = made(text->base, text->file, text->name).root;
    definition.root.name = text->type;
    definition.root.type = text->type;
    definition.root.expanded = true;
    for (const auto& element : text->elements) apply(definition, element);
    for (const auto& waiver : text->waivers) waive(definition, waiver);
    open_.pop_back();
    return done_.emplace(url, std::move(definition)).first->second;
  }

  /// Gives an element of its own the children of its type, so that a profile can constrain them there.
  void expand(Tree& tree, const DefinitionText& text, std::string_view path) {
    if (tree.expanded) return;
    if (tree.definition.empty()) fail(text.file, path, tree.name + " has no children to constrain");
    tree.children = made(tree.definition, text.file, path).root.children;
    tree.expanded = true;
  }

  void apply(Definition& definition, const ElementText& element) {
    const auto& text = *definition.text;
    std::vector<std::string> steps;
    for (std::size_t from = 0; from <= element.path.size();) {
      const auto dot = std::min(element.path.find('.', from), element.path.size());
      steps.push_back(element.path.substr(from, dot - from));
      from = dot + 1;
    }
    if (steps.front() != text.type) fail(text.file, element.path, "does not begin with " + text.type);
    if (steps.size() == 1) {
      add_constraints(definition.root, element);
      definition.root.note = element.note;
      return;
    }
    Tree* parent = &definition.root;
    for (std::size_t at = 1; at + 1 < steps.size(); ++at) {
      auto* child = find(*parent, steps[at]);
      if (child == nullptr) fail(text.file, element.path, steps[at] + " is not an element here");
      expand(*child, text, element.path);
      parent = child;
    }
    std::vector<Tree*> members;
    for (auto& child : parent->children) {
      if (child.name == steps.back() || child.choice == steps.back()) members.push_back(&child);
    }
    if (members.empty()) {
      if (text.profile) fail(text.file, element.path, "is not an element that a profile can constrain");
      add(*parent, steps.back(), element, text);
      return;
    }
    for (auto* member : members) constrain(*member, element, text);
  }

  static Tree* find(Tree& parent, std::string_view name) {
    for (auto& child : parent.children) {
      if (child.name == name) return &child;
    }
    return nullptr;
  }

  static void add_constraints(Tree& tree, const ElementText& element) {
    tree.constraints.insert(tree.constraints.end(), element.constraints.begin(), element.constraints.end());
  }

  /// A new element of a base type; a choice becomes one element for each type.
  void add(Tree& parent, const std::string& name, const ElementText& element, const DefinitionText& text) {
    if (element.types.empty() && element.name_reference.empty())
      fail(text.file, element.path, "has neither type nor nameReference");
    if (!element.has_min || !element.has_max) fail(text.file, element.path, "has no min or no max");
    Tree tree;
    tree.label = element.name;
    tree.reference_name = element.name_reference;
    tree.min = element.min;
    tree.max = element.max;
    tree.repeats = element.max == kUnbounded;
    tree.modifier = element.modifier;
    tree.value_set = element.value_set;
    tree.fixed = element.fixed;
    tree.note = element.note;
    add_constraints(tree, element);
    tree.name = name;
    if (element.types.empty()) {
      parent.children.push_back(std::move(tree));
      return;
    }
    if (!is_choice(name) && element.types.size() != 1) fail(text.file, element.path, "several types need a [x] name");
    for (const auto& type : element.types) {
      Tree one = tree;
      if (is_choice(name)) {
        one.choice = name;
        one.name = name.substr(0, name.size() - 3) + capitalised(type.code);
      }
      set_type(one, type, text, element.path);
      if (type.code == "BackboneElement" || type.code == "Element") expand(one, text, element.path);
      parent.children.push_back(std::move(one));
    }
  }

  void set_type(Tree& tree, const Type& type, const DefinitionText& text, const std::string& path) {
    tree.type = type.code;
    tree.definition = type.code == "Resource" ? std::string{} : url_of(type.code);
    tree.targets.clear();
    if (type.code == "Reference") {
      for (const auto& profile : type.profiles) tree.targets.push_back(target_of(profile, text, path));
      std::sort(tree.targets.begin(), tree.targets.end());
      tree.targets.erase(std::unique(tree.targets.begin(), tree.targets.end()), tree.targets.end());
      if (std::find(tree.targets.begin(), tree.targets.end(), "Resource") != tree.targets.end()) tree.targets.clear();
      if (!type.aggregation.empty()) {
        const auto has = [&](std::string_view kind) {
          return std::find(type.aggregation.begin(), type.aggregation.end(), kind) != type.aggregation.end();
        };
        tree.may_be_contained = has("contained");
        tree.may_be_referenced = has("referenced") || has("bundled");
      }
    } else if (!type.profiles.empty()) {
      tree.definition = type.profiles.front();
    }
    if (!tree.definition.empty() && text_of(tree.definition) == nullptr)
      fail(text.file, path, "no file defines " + tree.definition);
  }

  /// The resource type that a profile or base type URL stands for.
  std::string target_of(const std::string& profile, const DefinitionText& text, const std::string& path) const {
    if (const auto* known = text_of(profile); known != nullptr) return known->type;
    if (profile.starts_with(kHl7)) return profile.substr(kHl7.size());
    fail(text.file, path, "no file defines " + profile);
  }

  void constrain(Tree& tree, const ElementText& element, const DefinitionText& text) {
    if (element.has_min) tree.min = element.min;
    if (element.has_max) tree.max = element.max;
    if (!element.value_set.empty()) tree.value_set = element.value_set;
    if (!element.fixed.empty()) tree.fixed = element.fixed;
    tree.modifier = tree.modifier || element.modifier;
    add_constraints(tree, element);
    if (element.note != Note{}) tree.note = element.note;
    if (element.types.empty()) return;
    const auto is_resource = [&](const Type& type) {
      const auto* known = text_of(url_of(type.code));
      return known != nullptr && known->resource;
    };
    const auto same = std::find_if(element.types.begin(), element.types.end(), [&](const Type& type) {
      return type.code == tree.type || (tree.type == "Resource" && is_resource(type));
    });
    if (same == element.types.end()) {
      if (tree.choice.empty()) fail(text.file, element.path, "its type is not " + tree.type + " as in the base");
      tree.min = 0;
      tree.max = 0;
      tree.choice.clear();
      return;
    }
    set_type(tree, *same, text, element.path);
    if (element.types.size() > 1 && tree.choice.empty()) fail(text.file, element.path, "names more than one type");
  }

  void waive(Definition& definition, const Waiver& waiver) {
    const auto& text = *definition.text;
    Tree* tree = &definition.root;
    for (auto at = waiver.path.find('.'); at != std::string::npos;) {
      const auto next = waiver.path.find('.', at + 1);
      expand(*tree, text, waiver.path);
      tree = find(*tree, waiver.path.substr(at + 1, next == std::string::npos ? next : next - at - 1));
      if (tree == nullptr) fail(text.file, waiver.path, "a waiver names no element");
      at = next;
    }
    tree->waiver = Note{waiver.rule, {}, waiver.human};
    if (waiver.key == "min") {
      tree->missing_warns = waiver.warns;
      if (!waiver.warns) tree->min = 0;
    } else if (waiver.key == "xhtml-namespace") {
      if (!waiver.warns) fail(text.file, waiver.path, "a waiver of xhtml-namespace is a warning");
      tree->namespace_warns = true;
    } else if (waiver.warns || std::erase_if(tree->constraints, [&](const Constraint& constraint) {
                                 return constraint.key == waiver.key;
                               }) == 0) {
      fail(text.file, waiver.path, "a waiver of an invariant names one that stands here, with severity none");
    }
  }

  const Source& source_;
  Definitions done_;
  std::vector<std::string> open_;
};

}  // namespace

Definitions build(const Source& source) {
  return Builder(source).run();
}

}  // namespace gw::profiles
