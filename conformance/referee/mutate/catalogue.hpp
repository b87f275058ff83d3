// What mutations are made of: lists of values, elements and narratives, good and bad. Data only.
#pragma once

#include <span>
#include <string_view>

namespace gw::referee {

/// A member to be put into each node of a type: `{"name": value}`.
struct Insertion {
  std::string_view into;
  std::string_view member;
};

[[nodiscard]] std::string_view base_task();
[[nodiscard]] std::span<const Insertion> insertions();
/// Extensions for any element, as members "extension" or "modifierExtension".
[[nodiscard]] std::span<const std::string_view> extensions();
[[nodiscard]] std::span<const std::string_view> narratives();
/// Narratives that only JSON can carry: no markup, broken markup, HTML's entities.
[[nodiscard]] std::span<const std::string_view> narratives_of_json();
/// Values for a primitive of this name; the general ones where the name is not known.
[[nodiscard]] std::span<const std::string_view> values_for(std::string_view name);
[[nodiscard]] std::span<const std::string_view> general_values();
[[nodiscard]] std::span<const std::string_view> numbers();
/// Raw JSON in place of a value.
[[nodiscard]] std::span<const std::string_view> raw_json();
[[nodiscard]] std::span<const std::string_view> names();

}  // namespace gw::referee
