#include "exchange/time_limit.hpp"

#include <string_view>

namespace gw::exchange {

TimeLimit time_limit(const AsyncWish& wish, const spine::Token& token, const directory::Policy& recipient,
                     seconds longest, Instant now) {
  TimeLimit limit{.at = london_midnight_after(now), .by = "the task's day ends"};
  const auto lower = [&limit](Instant at, std::string_view by) {
    if (at < limit.at) limit = {.at = at, .by = std::string{by}};
  };
  lower(now + longest, "the longest time ends that this gateway defers a task");
  if (recipient.deferred_limit) {
    lower(now + *recipient.deferred_limit, "the longest time ends that the recipient is registered for");
  } else {
    lower(token.expires_at, "the audit token ends");
  }
  if (wish.ttl) lower(now + *wish.ttl, "the sender's own TTL ends");
  return limit;
}

}  // namespace gw::exchange
