// Gathers issues as they are found, in any order, and gives them out in document order, cut at a limit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/element.hpp"
#include "fhir/issue.hpp"
#include "rules/validator.hpp"

namespace gw::rules {

/// What a problem is, before it has a position.
struct Problem {
  fhir::IssueType type = fhir::IssueType::kInvalid;
  std::string diagnostics;
  std::string location;
  std::string_view rule;
  fhir::Severity severity = fhir::Severity::kError;
};

/// Holds at most `limit` errors and as many other issues, so that no number of warnings hides an error; beyond that it
/// only remembers that there were more.
class Collector {
 public:
  explicit Collector(std::size_t limit) : limit_(limit) {}

  /// Whether another error would be dropped. Ask before making its words: hostile input can break a rule at each
  /// element.
  [[nodiscard]] bool full();
  /// At the position of `at`. Does nothing when full.
  void add(const fhir::Element& at, Problem problem);
  /// Everything found here and in `other`, in document order, with lines and columns; the limit holds for all of
  /// it, errors before others.
  [[nodiscard]] Verdict finish(const fhir::Document& document, Collector* other = nullptr);

 private:
  struct Found {
    std::uint32_t offset;
    fhir::Issue issue;
  };

  std::vector<Found> found_;
  std::size_t limit_;
  std::size_t errors_ = 0;
  bool cut_ = false;
};

}  // namespace gw::rules
