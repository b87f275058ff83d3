// The arena tree and the two questions asked of it for diagnostics: where in the body, and by which path.
#include "fhir/element.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace gw::fhir {
namespace {

/// Room for the working copy of a JSON body, and for the elements a body of that size usually has, so that a task is
/// read with one allocation. Beyond that the arena grows geometrically.
std::size_t arena_size(std::size_t bytes) {
  constexpr std::size_t kElementRoom = std::size_t{256} * 1024;
  return bytes + std::min(bytes * 4, kElementRoom) + 1024;
}

bool may_repeat(const Element& element) {
  return element.in_array || element.index > 0 || (element.next != nullptr && element.next->name == element.name);
}

}  // namespace

const Element* Element::child(std::string_view child_name) const {
  for (const Element* at = first_child; at != nullptr; at = at->next) {
    if (at->name == child_name) return at;
  }
  return nullptr;
}

std::string_view Element::child_value(std::string_view child_name) const {
  const Element* found = child(child_name);
  return found == nullptr ? std::string_view{} : found->value;
}

Document::Document(std::string bytes, Format format)
    : bytes_(std::make_unique<std::string>(std::move(bytes))),
      arena_(std::make_unique<std::pmr::monotonic_buffer_resource>(arena_size(bytes_->size()))),
      format_(format) {}

Element* Document::add(Element* parent, std::string_view name, std::uint32_t offset) {
  auto* element = std::pmr::polymorphic_allocator<>{arena_.get()}.new_object<Element>();
  element->name = name;
  element->offset = offset;
  element->parent = parent;
  if (parent == nullptr) return element;
  if (parent->last_child == nullptr) {
    parent->first_child = element;
  } else {
    if (parent->last_child->name == name) element->index = parent->last_child->index + 1;
    parent->last_child->next = element;
  }
  parent->last_child = element;
  return element;
}

std::string_view Document::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(arena_->allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

Position Document::position_of(std::uint32_t offset) const {
  return Positions{*this}.at(offset);
}

Position Positions::at(std::uint32_t offset) {
  if (offset < seen_) *this = Positions{bytes_};
  const std::size_t end = std::min<std::size_t>(offset, bytes_.size());
  const auto before = bytes_.substr(0, end);
  for (auto newline = before.find('\n', seen_); newline != before.npos; newline = before.find('\n', newline + 1)) {
    ++line_;
    line_begin_ = newline + 1;
  }
  seen_ = end;
  return {line_, static_cast<std::uint32_t>(end - line_begin_ + 1)};
}

std::string path_of(const Element& element) {
  std::vector<const Element*> way;
  for (const Element* at = &element; at != nullptr; at = at->parent) way.push_back(at);
  constexpr std::size_t kMost = 500;
  std::string path;
  for (auto at = way.rbegin(); at != way.rend(); ++at) {
    if (!path.empty()) path += '.';
    path += (*at)->name.substr(0, kMost + 1);
    if (path.size() > kMost) {
      std::size_t cut = kMost;
      while (cut > 0 && (static_cast<unsigned char>(path[cut]) & 0xC0U) == 0x80U) --cut;
      path.resize(cut);
      return path + "...";
    }
    if ((*at)->parent != nullptr && may_repeat(**at)) path += '[' + std::to_string((*at)->index) + ']';
  }
  return path;
}

}  // namespace gw::fhir
