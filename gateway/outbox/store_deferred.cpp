// The store's part for deferred entries: which events are theirs alone, and when they are looked at again (OUT-06).
#include <fmt/format.h>

#include "outbox/entry_size.hpp"
#include "outbox/store.hpp"

namespace gw::outbox {

Status Store::may_happen(TaskId id, Event event) {
  const bool resolves = event == Event::kResolvedDelivered || event == Event::kResolvedFailed;
  const bool busy = resolves && deferrals_.is_planned(id);
  if (!busy && (!is_of_deferred(event) || deferrals_.holds(id))) return connection_.status();
  if (auto read = connection_.status(); !read) return read;
  return fault(FaultKind::kInternal,
               fmt::format("entry {} is {}: {} cannot happen to it", to_text(id),
                           busy ? "still looked for at its recipient" : "not deferred", name_of(event)));
}

Status Store::plan(TaskId id, const std::optional<Instant>& due, AuditRecord audit) {
  if (auto fits = check_size(bytes_of(audit)); !fits) return fits;
  const auto state = state_of(id);
  if (!state) return state.error();
  const bool deferred = deferrals_.holds(id);
  if (auto read = connection_.status(); !read) return read;
  if (!deferred || is_terminal(*state)) {
    return fault(FaultKind::kInternal, fmt::format("entry {} is {}{}: nothing can be planned for it", to_text(id),
                                                   name_of(*state), deferred ? "" : " and not deferred"));
  }
  audit_.append(completed(std::move(audit), id));
  deferrals_.plan(id, due);
  return connection_.status();
}

Result<std::vector<Planned>> Store::planned() {
  auto all = deferrals_.planned();
  if (auto read = connection_.status(); !read) return read.error();
  return all;
}

}  // namespace gw::outbox
