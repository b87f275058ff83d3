#include "rules/reference.hpp"

#include <algorithm>

#include "rules/primitives.hpp"

namespace gw::rules {
namespace {

bool is_type_name(std::string_view text) {
  return text.size() > 2 && text.front() >= 'A' && text.front() <= 'Z' &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

/// Takes the last path segment off `text`; gives all of it when there is no slash.
std::string_view take_last(std::string_view& text) {
  const auto slash = text.rfind('/');
  const auto last = slash == std::string_view::npos ? text : text.substr(slash + 1);
  text = slash == std::string_view::npos ? std::string_view{} : text.substr(0, slash);
  return last;
}

/// Splits "[base/]Type/id[/_history/version]"; leaves `parts` alone when the text does not end so.
bool split(std::string_view text, ReferenceParts& parts) {
  auto rest = text;
  auto id = take_last(rest);
  auto type = take_last(rest);
  std::string_view version;
  if (type == "_history") {
    version = id;
    if (!is_id(version)) return false;
    id = take_last(rest);
    type = take_last(rest);
  }
  if (!is_id(id) || !is_type_name(type)) return false;
  parts.base = rest;
  parts.type = type;
  parts.id = id;
  parts.version = version;
  return true;
}

}  // namespace

ReferenceParts parse_reference(std::string_view text) {
  ReferenceParts parts;
  if (text.starts_with('#')) {
    parts.form = ReferenceForm::kFragment;
    parts.id = text.substr(1);
  } else if (text.starts_with("urn:")) {
    parts.form = ReferenceForm::kUrn;
  } else if (text.find("://") != std::string_view::npos) {
    parts.form = ReferenceForm::kAbsolute;
    split(text, parts);
  } else if (split(text, parts) && parts.base.empty() && !text.starts_with('/')) {
    parts.form = ReferenceForm::kRelative;
  } else {
    parts = {};
  }
  return parts;
}

}  // namespace gw::rules
