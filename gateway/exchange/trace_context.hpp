// The ids that join a request's log line to a distributed trace (OPS-03): W3C Trace Context in, OpenTelemetry's fields
// out. Pure but for the fresh span id. The header itself goes on to the recipient as it came (SSP-06): this gateway
// adds nothing to it, so a recipient's span has the sender's as its parent, and the log line stands between them by
// trace id.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"

namespace gw::exchange {

struct TraceContext {
  std::string trace_id;   ///< 32 lower-case hex digits; empty: neither header has the form
  std::string parent_id;  ///< 16 of them, the sender's span; empty: no traceparent
  std::string flags;      ///< 2 of them; empty: no traceparent
};

/// Of `traceparent`, once and in the form of version 00 or a later one that can be read as it; else the trace id is
/// `ssp_trace`, whose 32 digits are one, so that every gateway on the way logs the same. Nothing else of a header gets
/// into a log (AUD-04).
[[nodiscard]] TraceContext trace_context_of(const Headers& headers, std::string_view ssp_trace);

/// A fresh one: 16 lower-case hex digits, not all zero. Thread-safe. Not for secrets.
[[nodiscard]] std::string new_span_id();

}  // namespace gw::exchange
