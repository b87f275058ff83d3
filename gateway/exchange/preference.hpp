// What a sender asks for in the words of RFC 7240 (Prefer) and RFC 8030 (TTL): deferred delivery, how long the answer
// may be waited for, how long the task may be on its way (OUT-06). Pure.
//
// `wait` is RFC 7240's: how long the client waits for the answer before it would rather have a 202. The time limit of
// the delivery itself is another thing, for which HTTP has a registered header: TTL, as in Web Push.
#pragma once

#include <optional>

#include "base/http.hpp"
#include "base/time.hpp"
#include "fhir/issue.hpp"

namespace gw::exchange {

struct AsyncWish {
  seconds wait{0};             ///< for the final answer, before 202 is given
  std::optional<seconds> ttl;  ///< how long the task may be on its way; nothing: as long as the rules allow
};

/// Nothing when the sender does not ask for it (`Prefer: respond-async`). Errors: 400 for a TTL that is no number of
/// seconds: a limit that is not understood must not be passed over.
[[nodiscard]] fhir::Checked<std::optional<AsyncWish>> async_wish(const Headers& headers);

/// `Prefer: wait=N` alone; zero when there is none, or none that can be read: a preference may be passed over.
[[nodiscard]] seconds wait_wish(const Headers& headers);

/// `headers` without what was said to this gateway alone: respond-async, wait and TTL. The recipient is asked for a
/// plain answer, since it is the gateway that defers. Other preferences go on.
[[nodiscard]] Headers without_async_wish(const Headers& headers);

}  // namespace gw::exchange
