// What an ended delivery means: for the entry, for the audit, and for the sender, now or when it asks (ANS-13, OUT-02,
// OUT-12). One place for tasks whose senders wait and for deferred ones.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"
#include "delivery/classify.hpp"
#include "exchange/caller.hpp"
#include "exchange/echo.hpp"
#include "exchange/parts.hpp"
#include "fhir/element.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

struct Outcome {
  outbox::Event event = outbox::Event::kUnknownOutcome;
  std::string_view name;   ///< for the audit and /metrics: "delivered"
  Response response;       ///< the recipient's own answer where there is one
  bool relayed = false;    ///< it is the recipient's own, of which not a byte is changed (SSP-06)
  bool text_lost = false;  ///< the recipient shows the task without its text; the response warns of it
  std::string note;        ///< for operators
};

/// `text` is the sent one, `id` for the log.
[[nodiscard]] Outcome outcome_of(delivery::Delivery delivery, const SentText& text, const Caller& caller,
                                 const Settings& settings, fhir::Format format, TaskId id);

/// The same as the outbox takes it.
[[nodiscard]] outbox::Conclusion conclusion_of(const Outcome& outcome);

}  // namespace gw::exchange
