#include "rules/task.hpp"

#include <utility>

#include "fhir/narrative.hpp"
#include "rules/reference.hpp"
#include "rules/scope.hpp"
#include "rules/validation.hpp"
#include "rules/words.hpp"

namespace gw::rules {
namespace {

using fhir::Element;
using fhir::IssueType;

/// "Patient/1" out of a reference that may stand in a task, or an empty view: TASK-08.
std::string_view relative_form(std::string_view reference, std::string_view base) {
  if (!base.empty() && reference.size() > base.size() && reference.starts_with(base) && reference[base.size()] == '/')
    reference.remove_prefix(base.size() + 1);
  const auto parts = parse_reference(reference);
  const bool dots = parts.id.find_first_not_of('.') == std::string_view::npos;
  const bool usable = parts.form == ReferenceForm::kRelative && parts.version.empty() && !dots;
  return usable ? reference : std::string_view{};
}

/// TASK-08: no reference leads anywhere but into the recipient's own base.
void check_references(Collector& found, const Element& order, std::string_view base) {
  for (const auto* at = &order; at != nullptr; at = next_in_tree(at, order)) {
    if (at->name != "reference" || !at->has_value() || at->value.starts_with('#')) continue;
    if (!relative_form(at->value, base).empty() || found.full()) continue;
    auto path = fhir::path_of(*at);
    std::string text = bounded(path) + " is " + shown(at->value) + "; a reference is relative, such as Patient/1";
    if (!base.empty()) text += ", or absolute under " + std::string(base) + "/";
    found.add(*at, Problem{IssueType::kValue, text + ", without a version.", std::move(path), "TASK-08"});
  }
}

/// TASK-07. A date that is no date at all is the validator's to report.
void check_date(Collector& found, const Element& order, Instant now) {
  const auto* const date = order.child("date");
  if (date == nullptr || (date->kind != fhir::ValueKind::kString && date->kind != fhir::ValueKind::kXmlText)) return;
  const auto parsed = parse_fhir_datetime(date->value);
  if (!parsed) return;
  const auto today = london_day(now);
  const bool partial =
      parsed->precision == DateTime::Precision::kYear || parsed->precision == DateTime::Precision::kMonth;
  const auto day = parsed->instant ? london_day(*parsed->instant) : parsed->day;
  if (!partial && day == today) return;
  std::string text = "Order.date is " + shown(date->value);
  if (parsed->instant) text += " (" + to_iso_date(day) + " in Europe/London)";
  text += partial ? "; a task needs the whole date: today's, " : "; a task is dated today, ";
  text += to_iso_date(today) + " in Europe/London.";
  found.add(*date, Problem{IssueType::kBusinessRule, std::move(text), "Order.date", "TASK-07"});
}

/// TASK-14: what clients sent that were copied from the old public demonstrator.
void check_dialect(Collector& found, const Element& order) {
  for (const auto* at = &order; at != nullptr; at = next_in_tree(at, order)) {
    if (at->name != "system") continue;
    if (!at->value.ends_with("basic-resource-type") && !at->value.ends_with("c80-practice-codes")) continue;
    found.add(
        order,
        Problem{IssueType::kBusinessRule,
                "This is the message of the old public demonstrator (" + shown(at->value) +
                    "), which is not a GP Connect task: a task has Order.date, claims the two task profiles in "
                    "meta.profile, and uses the code systems gpconnect-task-type-1 and gpconnect-task-narrative-1.",
                fhir::path_of(order), "TASK-14"});
    return;
  }
}

std::string_view reference_of(const Element& order, std::string_view name, std::string_view base) {
  const auto* const holder = order.child(name);
  return holder == nullptr ? std::string_view{} : relative_form(holder->child_value("reference"), base);
}

/// The element at the end of a way of first children, or null.
const Element* follow(const Element* at, std::initializer_list<std::string_view> way) {
  for (const auto name : way) {
    if (at == nullptr) break;
    at = at->child(name);
  }
  return at;
}

/// The div that holds the task's text, or null.
const Element* div_of(const fhir::Document& document) {
  return follow(document.root(), {"contained", "text", "div"});
}

Verdict check(const fhir::Document& document, std::string_view base, Instant now, const ValidateLimits& limits,
              PlainText* wanted) {
  Collector structure{limits.issues};
  Collector business{limits.issues};
  validate_into(structure, document, kTaskOrderProfile, wanted);
  const auto* const root = document.root();
  if (root != nullptr && root->name == "Order") {
    check_dialect(business, *root);
    check_date(business, *root, now);
    check_references(business, *root, base);
  }
  auto verdict = business.finish(document, &structure);
  // What departs from DSTU2 itself, where no profile says more.
  for (auto& issue : verdict.issues) {
    if (issue.rule.empty()) issue.rule = "TASK-02";
  }
  return verdict;
}

/// `text` is what the narrative says.
TaskFacts facts_with(const fhir::Document& document, std::string_view base, std::string text) {
  TaskFacts facts;
  if (document.root() == nullptr) return facts;
  const auto& order = *document.root();
  facts.subject = reference_of(order, "subject", base);
  facts.source = reference_of(order, "source", base);
  facts.target = reference_of(order, "target", base);
  facts.date = order.child_value("date");
  if (const auto* code = follow(&order, {"reasonCodeableConcept", "coding", "code"}); code != nullptr)
    facts.type = code->value;
  if (const auto* system = follow(&order, {"identifier", "system"}); system != nullptr)
    facts.identifier_system = system->value;
  if (const auto* value = follow(&order, {"identifier", "value"}); value != nullptr)
    facts.identifier_value = value->value;
  facts.narrative = narrative_of(document);
  facts.text = std::move(text);
  facts.text_hash = sha256(facts.text);
  return facts;
}

}  // namespace

Verdict check_task(const fhir::Document& document, std::string_view base, Instant now, const ValidateLimits& limits) {
  return check(document, base, now, limits, nullptr);
}

std::string_view narrative_of(const fhir::Document& document) {
  const auto* const div = div_of(document);
  return div == nullptr ? std::string_view{} : div->value;
}

TaskFacts facts_of(const fhir::Document& document, std::string_view base) {
  const auto narrative = narrative_of(document);
  return facts_with(document, base, narrative.empty() ? std::string{} : fhir::check_narrative(narrative).text);
}

fhir::Checked<TaskFacts> accept_task(const fhir::Document& document, std::string_view base, Instant now,
                                     const ValidateLimits& limits) {
  PlainText narrative{div_of(document), {}};
  auto verdict = check(document, base, now, limits, &narrative);
  if (verdict.refused()) return fhir::Refusal{.status = 422, .issues = std::move(verdict.issues)};
  return facts_with(document, base, std::move(narrative.text));
}

}  // namespace gw::rules
