// The deferred entries' own table: rows come with the entry, and go when it has come to its end (OUT-06). Must not know
// states nor who sends.
#pragma once

#include <optional>
#include <vector>

#include "outbox/entry.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

/// Lives on the writer's connection; its steps mark that connection when they fail.
class Deferrals {
 public:
  explicit Deferrals(Connection& connection);

  void put(TaskId id, const Deferral& deferral);
  /// When it is looked at again; nothing: it rests.
  void plan(TaskId id, const std::optional<Instant>& due);
  void drop(TaskId id) { drop_.run(id.number); }
  [[nodiscard]] bool holds(TaskId id);
  /// Whether something is still to be done for it.
  [[nodiscard]] bool is_planned(TaskId id);
  /// All that something is still to be done for, in the order they came.
  [[nodiscard]] std::vector<Planned> planned();

 private:
  Statement put_, plan_, drop_, holds_, is_planned_, planned_;
};

/// The same table, to read from. Of several, the light form leaves the request out.
class DeferralView {
 public:
  explicit DeferralView(Connection& connection);
  std::optional<Deferral> find(TaskId id, bool whole);

 private:
  Statement find_;
};

}  // namespace gw::outbox
