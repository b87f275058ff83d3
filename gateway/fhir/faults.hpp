// What the two readers share: faults noted while the tree is still growing, told with path and position once it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fhir/element.hpp"
#include "fhir/issue.hpp"

namespace gw::fhir {

/// The rule that faults of form are told under.
inline constexpr std::string_view kFormRule = "ANS-04";

/// Said of both formats alike (TASK-11).
inline constexpr std::string_view kEmptyString =
    "The value is an empty string; leave the element out where there is no value.";
inline constexpr std::string_view kEmptyElement =
    "The element is empty: neither a value nor content (an empty object in JSON); leave it out.";

/// A fault that ends the reading: the body is not well formed, or passes a limit.
struct Stop {
  std::uint32_t offset = 0;
  IssueType type = IssueType::kStructure;
  std::string text;
};

/// Collects what is wrong. A `Stop` silences all else: a body that is not well formed is told with exactly one issue.
class Faults {
 public:
  /// The first stop stands. Gives false, as a SAX handler says "go no further".
  bool stop(std::uint32_t offset, std::string text, IssueType type = IssueType::kStructure);
  [[nodiscard]] bool stopped() const { return stop_.has_value(); }
  /// A breach of FHIR's rules in a well-formed body. `element` (may be null) gives the path.
  void note(const Element* element, std::uint32_t offset, std::string text);
  [[nodiscard]] bool none() const { return !stop_ && notes_.empty(); }
  /// 400 with the stop, or with every note in document order. Paths are taken from the finished tree.
  [[nodiscard]] Refusal refusal(const Document& document) const;

 private:
  struct Note {
    const Element* element;
    std::uint32_t offset;
    std::string text;
  };
  std::optional<Stop> stop_;
  std::vector<Note> notes_;
};

}  // namespace gw::fhir
