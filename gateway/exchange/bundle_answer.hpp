// Puts the answers to a Bundle's entries together into one batch-response or transaction-response (TASK-12). Pure.
#pragma once

#include <vector>

#include "base/http.hpp"
#include "base/ids.hpp"
#include "fhir/element.hpp"

namespace gw::exchange {

/// The answer to one entry, as it would have been given for a request of its own.
struct EntryAnswer {
  TraceId trace;  ///< of the entry: an outcome that is kept nowhere is known by it
  Response response;
};

/// 200 with status, location, etag, lastModified and the stored Order or the OperationOutcome of each, in their order.
/// A resource is left out where the answer had none, or none that is right.
[[nodiscard]] Response put_together(const std::vector<EntryAnswer>& answers, bool transaction, fhir::Format format);

}  // namespace gw::exchange
