// What holds for every body that a reader takes, in either format.
#pragma once

#include <string>

#include "fhir/read.hpp"
#include "fhir/write.hpp"
#include "fuzz/target.hpp"
#include "rules/task.hpp"
#include "rules/validator.hpp"

namespace gw::fuzz {

inline constexpr std::string_view kBase = "https://hub.example.test/B82001/DSTU2/1";

/// An accepted task is written in both formats, each of which is accepted again and holds the same facts.
inline void keep_promises(const fhir::Document& document) {
  const auto verdict = rules::check_task(document, kBase, kNow);
  if (verdict.refused()) {
    demand(!verdict.issues.empty(), "a refusal names an issue");
    return;
  }
  const auto facts = rules::facts_of(document, kBase);
  const auto same = [&](const fhir::Checked<fhir::Document>& again) {
    demand(again.has_value(), "an accepted task can be read again as it is written");
    demand(!rules::check_task(*again, kBase, kNow).refused(), "an accepted task is accepted as it is written");
    const auto facts_again = rules::facts_of(*again, kBase);
    demand(facts.subject == facts_again.subject && facts.target == facts_again.target &&
               facts.date == facts_again.date && facts.text_hash == facts_again.text_hash,
           "writing keeps what a task says");
  };
  same(fhir::read_json(fhir::write_json(*document.root(), rules::shape())));
  same(fhir::read_xml(fhir::write_xml(*document.root(), rules::shape())));
}

}  // namespace gw::fuzz
