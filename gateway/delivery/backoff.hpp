// When a deferred task is tried again: delays that grow, spread by chance, inside the task's time limit (OUT-06). Pure:
// time and chance are arguments.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace gw::delivery {

struct BackoffSettings {
  milliseconds first{10'000};     ///< after the first try; doubles with each
  milliseconds longest{900'000};  ///< and grows no further than this
  milliseconds last_try{3'000};   ///< no try begins nearer to the limit than this: connecting takes time
};

/// How long to wait after the try number `tries` (from 1): the upper half of it by `chance`, a number of [0, 1).
[[nodiscard]] milliseconds delay_after(const BackoffSettings& settings, int tries, double chance);

/// Whether a try may still begin at `now`.
[[nodiscard]] bool may_try(const BackoffSettings& settings, Instant now, Instant limit);

/// When the next try begins, `delay` from `now` or, once, as late as the limit allows; nothing when that leaves no try
/// that is worth it: what must be refused is not repeated, so it fails now. `limit` is the task's.
[[nodiscard]] std::optional<Instant> next_try(const BackoffSettings& settings, Instant now, Instant limit,
                                              milliseconds delay);

}  // namespace gw::delivery
