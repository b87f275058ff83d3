// Until when a deferred task may be sent (OUT-06): the earliest of what the sender asks, what the gateway and the
// recipient's registration allow, the audit token's end, and the end of the task's day. Pure.
#pragma once

#include <string>

#include "base/time.hpp"
#include "directory/directory.hpp"
#include "exchange/preference.hpp"
#include "spine/token.hpp"

namespace gw::exchange {

struct TimeLimit {
  Instant at{};
  std::string by;  ///< what sets it, in words that end a sentence: "the audit token ends"
};

/// `now` is when the task was found to be of today. The token's end counts unless `recipient` has a deferred limit of
/// its own in the directory; the end of the day counts always, since a recipient must refuse a task of another day.
[[nodiscard]] TimeLimit time_limit(const AsyncWish& wish, const spine::Token& token, const directory::Policy& recipient,
                                   seconds longest, Instant now);

}  // namespace gw::exchange
