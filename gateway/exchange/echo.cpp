#include "exchange/echo.hpp"

#include <utility>

#include "exchange/content_coding.hpp"
#include "exchange/media.hpp"
#include "fhir/read.hpp"
#include "rules/task.hpp"

namespace gw::exchange {

bool shows_other_text(const net::WireAnswer& answer, const SentText& sent, const Caller& caller,
                      const Settings& settings) {
  const auto format = format_of(header_value(answer.headers, "Content-Type"));
  if (!format || !answer.complete || answer.body.empty()) return false;
  auto body = answer.body;
  if (const auto coding = header_value(answer.headers, "Content-Encoding"); !coding.empty()) {
    if (!iequals(coding, "gzip")) return false;
    auto plain = inflated(body, settings.inflated_bytes);
    if (!plain) return false;
    body = std::move(*plain);
  }
  const auto document = *format == fhir::Format::kJson ? fhir::read_json(std::move(body), settings.read)
                                                       : fhir::read_xml(std::move(body), settings.read);
  if (!document || document->root()->name != "Order") return false;
  // The usual case: it stands there as it was sent, and need not be read as XHTML to see that.
  if (!sent.narrative.empty() && rules::narrative_of(*document) == sent.narrative) return false;
  return rules::facts_of(*document, caller.base).text_hash != sent.hash;
}

Header text_warning() {
  return {
      "Warning",
      "199 gpconnect-gateway \"the recipient stored the task, but shows it without its text: ask whether staff there "
      "can read it\""};
}

}  // namespace gw::exchange
