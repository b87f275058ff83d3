// Takes a Bundle of tasks apart into tasks that can go the way of any other (TASK-12). Pure.
//
// A Bundle is posted to [base] under the create:order interaction: each of its entries creates an Order, the audit
// token allows just that, and the guidance names no interaction for a Bundle. A system that is accredited to create
// tasks needs no further accreditation to send several.
//
// An entry's trace id is the version 5 UUID of its number (from 0, in decimal) in the namespace of the request's
// Ssp-TraceID. So a Bundle sent again with its trace id repeats each of its entries: what is the same gets the same
// answer, an entry with other content is a conflict (OUT-03). It is also the trace id that a relayed entry goes on
// with, and the one in the outbox; the audit keeps the one of the request.
#pragma once

#include <string>
#include <vector>

#include "base/http.hpp"
#include "base/time.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"

namespace gw::exchange {

/// One entry as a request of its own. `caller` borrows from the RequestHead of the Bundle.
struct BundleEntry {
  RequestHead head;
  Caller caller;
  fhir::Checked<std::string> order;  ///< the Order's bytes, or why it is refused
};

struct TaskBundle {
  bool transaction = false;
  std::vector<BundleEntry> entries;
};

/// Read and check. An Order is checked where it stands, so that issues name lines of the whole body. `answer` is the
/// format that the sender wants. Errors, for all entries: 415, 400 (not well-formed, not a Bundle, too many entries),
/// 422 (not a right Bundle of type batch or transaction; or a transaction of several tasks to be relayed), 400 where
/// tasks to be relayed are for several patients: the token names one (JWT-03).
[[nodiscard]] fhir::Checked<TaskBundle> take_apart(const RequestHead& head, std::string body, const Caller& caller,
                                                   const Settings& settings, fhir::Format answer, Instant now);

}  // namespace gw::exchange
