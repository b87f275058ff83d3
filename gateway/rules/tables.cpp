#include "rules/tables.hpp"

namespace gw::rules {

const Definition* Tables::by_url(std::string_view url) const {
  for (const auto& definition : definitions) {
    if (definition.url == url) return &definition;
  }
  return nullptr;
}

const Definition* Tables::by_type(std::string_view type) const {
  for (const auto& definition : definitions) {
    if (!definition.profile && definition.type == type) return &definition;
  }
  return nullptr;
}

std::size_t find_child(const Tables& tables, const Node& node, std::string_view name, std::size_t from) {
  const auto* const children = tables.nodes.data() + node.children;
  for (std::size_t at = from; at < node.child_count; ++at) {
    if (children[at].name == name) return at;
  }
  for (std::size_t at = 0; at < from && at < node.child_count; ++at) {
    if (children[at].name == name) return at;
  }
  return node.child_count;
}

}  // namespace gw::rules
