#include "rules/collector.hpp"

#include <algorithm>
#include <iterator>

#include "rules/words.hpp"

namespace gw::rules {

namespace {

bool is_error(fhir::Severity severity) {
  return severity == fhir::Severity::kError || severity == fhir::Severity::kFatal;
}

}  // namespace

bool Collector::full() {
  if (errors_ < limit_) return false;
  cut_ = true;
  return true;
}

void Collector::add(const fhir::Element& at, Problem problem) {
  if (full()) return;
  const bool error = is_error(problem.severity);
  if (!error && found_.size() - errors_ >= limit_) {
    cut_ = true;
    return;
  }
  errors_ += static_cast<std::size_t>(error);
  fhir::Issue issue;
  issue.severity = problem.severity;
  issue.type = problem.type;
  issue.code = fhir::ErrorCode::kInvalidResource;
  issue.diagnostics = std::move(problem.diagnostics);
  issue.location = bounded(std::move(problem.location));
  issue.rule = problem.rule;
  found_.push_back(Found{at.offset, std::move(issue)});
}

Verdict Collector::finish(const fhir::Document& document, Collector* other) {
  if (other != nullptr) {
    std::move(other->found_.begin(), other->found_.end(), std::back_inserter(found_));
    other->found_.clear();
    cut_ = cut_ || other->cut_;
  }
  Verdict verdict;
  if (found_.empty()) return verdict;
  const auto in_order = [](const Found& a, const Found& b) { return a.offset < b.offset; };
  std::stable_sort(found_.begin(), found_.end(), in_order);
  if (found_.size() > limit_) {
    std::stable_partition(found_.begin(), found_.end(),
                          [](const Found& each) { return is_error(each.issue.severity); });
    found_.resize(limit_);
    std::stable_sort(found_.begin(), found_.end(), in_order);
    cut_ = true;
  }
  verdict.issues.reserve(found_.size() + 1);
  fhir::Positions positions{document};
  for (auto& found : found_) {
    const auto position = positions.at(found.offset);
    found.issue.line = position.line;
    found.issue.column = position.column;
    verdict.issues.push_back(std::move(found.issue));
  }
  if (cut_) {
    fhir::Issue more;
    more.severity = fhir::Severity::kInformation;
    more.type = fhir::IssueType::kInformational;
    more.code = fhir::ErrorCode::kInvalidResource;
    more.diagnostics =
        "There are more problems than the " + std::to_string(limit_) + " reported here; mend these and send again.";
    verdict.issues.push_back(std::move(more));
  }
  found_.clear();
  return verdict;
}

}  // namespace gw::rules
