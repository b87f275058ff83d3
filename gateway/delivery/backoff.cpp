#include "delivery/backoff.hpp"

#include <algorithm>

namespace gw::delivery {

milliseconds delay_after(const BackoffSettings& settings, int tries, double chance) {
  auto whole = std::min(settings.first, settings.longest);
  for (int i = 1; i < tries && whole < settings.longest; ++i) whole = std::min(whole * 2, settings.longest);
  const auto half = whole / 2;
  return half + std::chrono::duration_cast<milliseconds>((whole - half) * chance);
}

bool may_try(const BackoffSettings& settings, Instant now, Instant limit) {
  return now + settings.last_try <= limit;
}

std::optional<Instant> next_try(const BackoffSettings& settings, Instant now, Instant limit, milliseconds delay) {
  const auto last = limit - settings.last_try;
  if (now + delay <= last) return now + delay;
  // Half the first delay is the shortest that a recipient is left in peace.
  if (now + settings.first / 2 <= last) return last;
  return std::nullopt;
}

}  // namespace gw::delivery
