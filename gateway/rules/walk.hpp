// The walk of an element tree beside the tables: the heart of the validator. Allocates nothing while all is well.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fhir/element.hpp"
#include "rules/collector.hpp"
#include "rules/scope.hpp"
#include "rules/tables.hpp"
#include "rules/validation.hpp"

namespace gw::rules {

/// One validation. Borrows everything for its life. Recursion follows the document's depth, which the readers bound and
/// kMaxDepth bounds again.
class Walk {
 public:
  Walk(const Tables& tables, const fhir::Document& document, Collector& found, PlainText* wanted = nullptr)
      : tables_(tables), document_(document), found_(found), wanted_(wanted) {}

  /// Hold `resource` to `definition`, with all below it.
  void resource(const fhir::Element& resource, const Definition& definition);

 private:
  static constexpr std::size_t kMaxDepth = 128;

  /// What is handed down: the scope of `#id` references, the rule that the nearest element names, and the depth.
  struct Context {
    const Scope& scope;
    std::string_view rule;
    std::size_t depth = 0;
  };

  void body(const fhir::Element& resource, const Definition& definition, const Context& context);
  void claim(const fhir::Element& resource, const Definition& definition);
  void content(const fhir::Element& element, const Node& node, const Context& context);
  void missing(const fhir::Element& element, const Node& node, const Index* counts, const Context& context);
  void children(const fhir::Element& element, const Node& node, const Context& context);
  void constraints(const fhir::Element& element, const Node& node, const Context& context);
  void child(const fhir::Element& element, const Node& node, const Context& context);
  void array_form(const fhir::Element& element, const Node& node, const Context& context);
  void complex(const fhir::Element& element, const Node& node, const Context& context);
  void contained(const fhir::Element& element, const Node& node, const Context& context);
  void narrative(const fhir::Element& element, const Node& node, const Context& context);
  void primitive(const fhir::Element& element, const Node& node, const Context& context);
  void value(const fhir::Element& element, const Node& node, const Context& context);
  void code(const fhir::Element& element, const Node& node, const Context& context);
  void concept_of(const fhir::Element& element, const Node& node, const Context& context);
  void reference(const fhir::Element& element, const Node& node, const Context& context);
  void unknown(const fhir::Element& element, const Node& node, const Context& context);
  void surplus(const fhir::Element& element, const Node& parent, const Node& node, const Context& context);

  void report(const fhir::Element& element, const Context& context, fhir::IssueType type, std::string diagnostics,
              fhir::Severity severity = fhir::Severity::kError);
  [[nodiscard]] const Note& note_of(const Node& node) const;
  [[nodiscard]] std::string_view hint_or(const Node& node, std::string_view otherwise) const;
  [[nodiscard]] bool is_json() const { return document_.format() == fhir::Format::kJson; }

  const Tables& tables_;
  const fhir::Document& document_;
  Collector& found_;
  PlainText* const wanted_;  ///< null: no text is
};

}  // namespace gw::rules
