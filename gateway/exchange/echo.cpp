#include "exchange/echo.hpp"

#include <utility>

#include "exchange/content_coding.hpp"
#include "exchange/media.hpp"
#include "fhir/read.hpp"
#include "rules/task.hpp"

namespace gw::exchange {

namespace {

bool tells_of_duplicate(const fhir::Element& outcome) {
  for (const auto* issue = outcome.first_child; issue != nullptr; issue = issue->next) {
    if (issue->name == "issue" && issue->child_value("code") == "duplicate") return true;
  }
  return false;
}

}  // namespace

Echo echo_of(const net::WireAnswer& answer, const SentText& sent, const Caller& caller, const Settings& settings) {
  const auto format = format_of(header_value(answer.headers, "Content-Type"));
  if (!format || !answer.complete || answer.body.empty()) return Echo::kNothingElse;
  auto body = answer.body;
  if (const auto coding = header_value(answer.headers, "Content-Encoding"); !coding.empty()) {
    if (!iequals(coding, "gzip")) return Echo::kNothingElse;
    auto plain = inflated(body, settings.inflated_bytes);
    if (!plain) return Echo::kNothingElse;
    body = std::move(*plain);
  }
  const auto document = *format == fhir::Format::kJson ? fhir::read_json(std::move(body), settings.read)
                                                       : fhir::read_xml(std::move(body), settings.read);
  if (!document) return Echo::kNothingElse;
  const auto& root = *document->root();
  if (root.name == "OperationOutcome") return tells_of_duplicate(root) ? Echo::kEarlierTask : Echo::kNothingElse;
  if (root.name != "Order") return Echo::kNothingElse;
  // The usual case: it stands there as it was sent, and need not be read as XHTML to see that.
  if (!sent.narrative.empty() && rules::narrative_of(*document) == sent.narrative) return Echo::kNothingElse;
  const bool same = rules::facts_of(*document, caller.base).text_hash == sent.hash;
  return same ? Echo::kNothingElse : Echo::kOtherText;
}

Header text_warning() {
  return {
      "Warning",
      "199 gpconnect-gateway \"the recipient stored the task, but shows it without its text: ask whether staff there "
      "can read it\""};
}

}  // namespace gw::exchange
