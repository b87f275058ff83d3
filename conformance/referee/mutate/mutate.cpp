#include "mutate.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "catalogue.hpp"
#include "node.hpp"

namespace gw::referee {
namespace {

/// A node with its place. Pointers hold until the tree changes.
struct Place {
  Node* node;
  Node* parent;
  std::size_t at;
};

class Mutator {
 public:
  Mutator(std::uint64_t seed, std::uint64_t number) : random_(seed * 1'000'003 + number), root_(parse(base_task())) {}

  Mutated run() {
    const auto rounds = below(5) == 0 ? 2 : 1;
    for (int round = 0; round < rounds; ++round) one();
    if (json_) out_.json = to_json(root_);
    if (xml_) out_.xml = to_xml(root_);
    if (json_ && xml_ && below(16) == 0) break_markup();
    return std::move(out_);
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  template <class List>
  const auto& any(const List& list) {
    return list[below(list.size())];
  }

  void say(std::string_view what, std::string_view name, std::string_view more = {}) {
    if (!out_.label.empty()) out_.label += "; ";
    out_.label.append(what).append(" ").append(name);
    if (!more.empty()) out_.label.append(" ").append(more);
  }

  [[nodiscard]] static bool is_attribute(const Place& place) {
    const auto& name = place.node->name;
    const auto& parent = *place.parent;
    return (name == "id" && parent.type.empty()) ||
           (name == "url" && (parent.name == "extension" || parent.name == "modifierExtension"));
  }

  void collect(Node& node, std::vector<Place>& places) {
    for (std::size_t at = 0; at < node.children.size(); ++at) {
      places.push_back({&node.children[at], &node, at});
      collect(node.children[at], places);
    }
  }

  /// Any place that `fits`; none gives a null node.
  template <class Fits>
  Place pick(Fits fits) {
    std::vector<Place> places;
    collect(root_, places);
    std::erase_if(places, [&](const Place& place) { return !fits(place); });
    return places.empty() ? Place{nullptr, nullptr, 0} : any(places);
  }

  void one() {
    switch (below(16)) {
      case 0:
        return remove();
      case 1:
        return duplicate();
      case 2:
        return rename();
      case 3:
      case 4:
      case 5:
      case 6:
        return set_value();
      case 7:
      case 8:
      case 9:
        return insert();
      case 10:
      case 11:
        return extend();
      case 12:
        return tell();
      case 13:
        return change_kind();
      case 14:
        return change_resource();
      default:
        return set_raw();
    }
  }

  void remove() {
    const auto place = pick([](const Place&) { return true; });
    say("remove", place.node->name);
    place.parent->children.erase(place.parent->children.begin() + static_cast<std::ptrdiff_t>(place.at));
  }

  void duplicate() {
    const auto place = pick([](const Place& p) { return !is_attribute(p) && p.node->kind != Node::Kind::kXhtml; });
    if (place.node == nullptr) return;
    say("repeat", place.node->name);
    auto copy = *place.node;
    place.parent->children.insert(place.parent->children.begin() + static_cast<std::ptrdiff_t>(place.at),
                                  std::move(copy));
  }

  void rename() {
    const auto place = pick(
        [](const Place& p) { return !is_attribute(p) && p.node->kind != Node::Kind::kXhtml && p.node->type.empty(); });
    if (place.node == nullptr) return;
    auto& name = place.node->name;
    const auto before = name;
    const bool resource = place.parent->name == "contained" && place.parent->type.empty();
    switch (below(4)) {
      case 0:
        name = any(names());
        break;
      case 1:
        name[0] = static_cast<char>(name[0] - 'a' + 'A');
        break;
      case 2:
        std::swap(name[below(name.size())], name[below(name.size())]);
        break;
      default:
        name += "s";
        break;
    }
    if (name.front() == '_' || name == "contained" || name == "resource" || resource) out_.same = false;
    if (name == "text" || name == "div" || name == "extension" || name == "modifierExtension" ||
        before == "extension" || before == "modifierExtension")
      out_.same = false;
    const auto twins = std::count_if(place.parent->children.begin(), place.parent->children.end(),
                                     [&](const Node& c) { return c.name == name; });
    if (twins > 1) out_.same = false;
    say("rename", before, "to " + name);
  }

  void set_value() {
    const auto place = pick([](const Place& p) { return p.node->primitive() && p.node->kind != Node::Kind::kXhtml; });
    if (place.node == nullptr) return;
    auto& node = *place.node;
    if (node.kind == Node::Kind::kBoolean) {
      node.value = node.value == "true" ? "false" : "true";
    } else if (node.kind == Node::Kind::kNumber) {
      node.value = any(numbers());
    } else {
      node.value = any(below(4) == 0 ? general_values() : values_for(node.name));
    }
    node.no_value = false;
    say("set", node.name, "to '" + node.value + "'");
  }

  void insert() {
    const auto& insertion = any(insertions());
    std::vector<Place> places;
    collect(root_, places);
    std::vector<Node*> into;
    if (type_of(root_) == insertion.into) into.push_back(&root_);
    for (const auto& place : places) {
      if (type_of(*place.node) == insertion.into) into.push_back(place.node);
    }
    if (into.empty()) return insert();
    add(*any(into), insertion.member, "insert");
  }

  void add(Node& into, std::string_view member, std::string_view verb) {
    auto made = parse(member);
    auto& child = made.children.front();
    if (child.name == "id" && into.child("id") != nullptr) return;
    if (into.kind == Node::Kind::kXhtml) return;
    say(verb, into.name.empty() ? into.type : into.name, member);
    // A single element that is there already gives a repeated one; an array takes the new one at its end.
    const auto after =
        std::find_if(into.children.rbegin(), into.children.rend(), [&](const Node& c) { return c.name == child.name; });
    if (after != into.children.rend()) {
      into.children.insert(after.base(), std::move(child));
    } else {
      into.children.push_back(std::move(child));
    }
  }

  void extend() {
    const auto member = any(extensions());
    const auto place = pick([](const Place& p) { return !is_attribute(p) && p.node->kind != Node::Kind::kXhtml; });
    if (place.node == nullptr || below(6) == 0) return add(root_, member, "extend");
    if (place.node->primitive() && below(4) == 0 && !place.node->value.empty()) {
      place.node->no_value = true;
      say("take the value of", place.node->name);
    }
    add(*place.node, member, "extend");
  }

  void tell() {
    const auto place = pick([](const Place& p) { return p.node->kind == Node::Kind::kXhtml; });
    if (place.node == nullptr) return insert();
    const bool json_only = below(6) == 0;
    place.node->value = json_only ? any(narratives_of_json()) : any(narratives());
    if (json_only) xml_ = false;
    say("tell", "div", place.node->value);
  }

  /// A plain value where elements belong, and the other way round.
  void change_kind() {
    const auto place = pick(
        [](const Place& p) { return !is_attribute(p) && p.node->kind != Node::Kind::kXhtml && p.node->type.empty(); });
    if (place.node == nullptr) return;
    auto& node = *place.node;
    say("change the kind of", node.name);
    if (node.primitive()) {
      node.children = {Node{.name = "reference", .value = "Patient/1", .kind = Node::Kind::kString}};
      node.kind = Node::Kind::kComplex;
      node.no_value = false;
    } else {
      node.children.clear();
      node.kind = Node::Kind::kString;
      node.value = "x";
    }
  }

  void change_resource() {
    constexpr auto kResources =
        std::to_array<std::string_view>({"Patient", "Order", "Basic", "Spoon", "Organization", "basic"});
    const auto place = pick([](const Place& p) { return !p.node->type.empty(); });
    if (place.node == nullptr) return remove();
    switch (below(4)) {
      case 0:
        place.node->type = any(kResources);
        return say("make contained", place.node->type);
      case 1:
        std::erase_if(place.node->children, [](const Node& c) { return c.name == "id"; });
        return say("remove", "contained.id");
      case 2:
        place.node->type.clear();
        out_.same = false;
        return say("remove", "contained's type");
      default:
        return add(*place.node, R"({"id": "other"})", "insert");
    }
  }

  void set_raw() {
    const auto place = pick([](const Place& p) { return !p.node->no_value; });
    place.node->raw = any(raw_json());
    xml_ = false;
    say("write", place.node->name, "as " + place.node->raw);
  }

  /// What only XML has: attributes, order, text between tags, comments, namespaces.
  void break_markup() {
    auto& xml = *out_.xml;
    constexpr auto kBreaks = std::to_array<std::string_view>({" foo=\"x\">", " xml:lang=\"en\">", " value=\"\">",
                                                              ">stray", "><!-- a comment -->", "><?go on?>",
                                                              " xmlns=\"\">", ">\n  ", "><foo xmlns=\"urn:x\"/>"});
    const auto name = any(
        std::to_array<std::string_view>({"<date", "<subject", "<meta", "<coding", "<contained", "<code", "<Basic"}));
    const auto at = xml.find(name);
    if (at == std::string::npos) return;
    if (below(3) == 0) {
      const auto end_tag = "</" + std::string(name.substr(1)) + ">";
      const auto end = xml.find(end_tag, at);
      if (end == std::string::npos) return;
      const auto moved = xml.substr(at, end + end_tag.size() - at);
      xml.erase(at, moved.size());
      xml.insert(xml.rfind("</"), moved);
      say("XML: move to the end", name);
    } else {
      const auto text = any(kBreaks);
      xml.replace(xml.find('>', at), 1, text);
      say("XML: after", name, text);
    }
    out_.json.reset();
  }

  std::mt19937_64 random_;
  Node root_;
  Mutated out_;
  bool json_ = true;
  bool xml_ = true;
};

}  // namespace

Mutated mutated(std::uint64_t seed, std::uint64_t number) {
  auto out = Mutator{seed, number}.run();
  if (out.label.empty()) out.label = "no change";
  return out;
}

}  // namespace gw::referee
