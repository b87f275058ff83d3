// Faults to issues.
#include "fhir/faults.hpp"

#include <algorithm>
#include <utility>

namespace gw::fhir {
namespace {

/// A body of nothing but faults must not make an answer many times its size.
constexpr std::size_t kMostNotes = 100;

Issue issue_at(Position position, IssueType type, std::string text) {
  Issue issue;
  issue.type = type;
  issue.code = ErrorCode::kBadRequest;
  issue.diagnostics = std::move(text);
  issue.rule = kFormRule;
  issue.line = position.line;
  issue.column = position.column;
  return issue;
}

}  // namespace

bool Faults::stop(std::uint32_t offset, std::string text, IssueType type) {
  if (!stop_) stop_ = Stop{offset, type, std::move(text)};
  return false;
}

void Faults::note(const Element* element, std::uint32_t offset, std::string text) {
  if (notes_.size() < kMostNotes) notes_.push_back({element, offset, std::move(text)});
}

Refusal Faults::refusal(const Document& document) const {
  if (stop_) return refuse(400, issue_at(document.position_of(stop_->offset), stop_->type, stop_->text));
  std::vector<Note> notes = notes_;
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.offset < b.offset; });
  Refusal refusal;
  Positions positions{document};
  for (Note& note : notes) {
    Issue issue = issue_at(positions.at(note.offset), IssueType::kStructure, std::move(note.text));
    if (note.element != nullptr) issue.location = path_of(*note.element);
    refusal.issues.push_back(std::move(issue));
  }
  return refusal;
}

}  // namespace gw::fhir
