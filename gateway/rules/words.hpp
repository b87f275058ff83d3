// Words for diagnostics: how a sender's value is shown, and which name was most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/tables.hpp"

namespace gw::rules {

/// `value` in single quotes for a message: at most 64 bytes of it, control characters replaced, and any run of ten or
/// more digits (an NHS number, spaced or not) masked after its third digit.
[[nodiscard]] std::string shown(std::string_view value);

/// The child of `node` that `name` most likely meant: the same but for case, or one letter wrong, missing, too much or
/// swapped; else an element of a choice whose type was left out. Empty when none is near.
[[nodiscard]] std::string_view nearest(const Tables& tables, const Node& node, std::string_view name);

/// A path for a message or location: at most 512 bytes of it.
[[nodiscard]] std::string bounded(std::string path);

}  // namespace gw::rules
