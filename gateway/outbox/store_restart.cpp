// The store's part for entries that nobody works on any more: what a process before this one left, and what this one
// gave up (OUT-05). Both become what state.hpp says of Event::kRestart; on an outbox that was accepted with its past in
// question, of Event::kPastLost.
#include <fmt/format.h>

#include <tuple>
#include <vector>

#include "outbox/store.hpp"

namespace gw::outbox {

Result<Store::Restarted> Store::restart_unfinished(Event event) {
  struct Found {
    TaskId id;
    State state;
    AuditRecord audit;
  };
  std::vector<Found> found;
  {
    auto rows = unfinished_.query();
    while (rows.next()) {
      AuditRecord audit{.kind = "recovery",
                        .trace = rows.text(2),
                        .from = rows.text(3),
                        .to = rows.text(4),
                        .interaction = rows.text(5)};
      found.push_back({TaskId{rows.integer(0)}, static_cast<State>(rows.integer(1)), std::move(audit)});
    }
  }
  Restarted restarted;
  for (auto& entry : found) {
    const auto to = next(entry.state, event);
    if (!to || *to == entry.state) {
      ++restarted.requeued;
      continue;
    }
    ++(*to == State::kAbandoned ? restarted.abandoned : restarted.in_doubt);
    entry.audit.outcome = name_of(*to);
    const std::string_view when =
        event == Event::kRestart ? "at a restart" : "in an outbox that was taken as it is; it may have been sent since";
    const Conclusion conclusion{.event = event, .note = fmt::format("found {} {}", name_of(entry.state), when)};
    change(entry.id, entry.state, *to, conclusion, std::move(entry.audit));
  }
  if (auto written = connection_.status(); !written) return written.error();
  return restarted;
}

Result<bool> Store::settle_given_up(TaskId id) {
  const auto found = find(id);
  if (!found) {
    connection_.note_fault(found.error());
    return found.error();
  }
  if (!*found) return false;
  const auto& [task, state] = std::tie((*found)->task, (*found)->state);
  const auto to = next(state, Event::kRestart);
  if (!to || *to == state) return false;
  AuditRecord audit{.kind = "recovery",
                    .trace = task.trace.text(),
                    .from = task.from.text(),
                    .to = task.to.text(),
                    .interaction = task.interaction,
                    .outcome = std::string{name_of(*to)}};
  const Conclusion conclusion{
      .event = Event::kRestart,
      .note = fmt::format("given up while {}: its outcome could not be written", name_of(state))};
  change(id, state, *to, conclusion, std::move(audit));
  if (auto written = connection_.status(); !written) return written.error();
  return true;
}

}  // namespace gw::outbox
