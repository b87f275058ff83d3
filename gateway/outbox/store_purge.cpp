// The store's part for entries that are finished and old: retention never touches what is unfinished, nor the audit.
#include <fmt/format.h>

#include <vector>

#include "outbox/store.hpp"

namespace gw::outbox {

std::size_t Store::purge(seconds older_than, std::size_t limit, AuditRecord audit) {
  const auto before = clock_.now() - older_than;
  std::vector<std::int64_t> old;
  {
    auto rows = select_old_.query(first_id_of(before).number, before.time_since_epoch().count(),
                                  static_cast<std::int64_t>(limit));
    while (rows.next()) old.push_back(rows.integer(0));
  }
  if (old.empty()) return 0;
  for (const auto id : old) {
    delete_reply_.run(id);
    delete_content_.run(id);
    delete_task_.run(id);
  }
  audit.outcome = fmt::format("purged {} finished before {}: {} to {}", old.size(), to_iso8601(before),
                              to_text(TaskId{old.front()}), to_text(TaskId{old.back()}));
  audit_.append(completed(std::move(audit), TaskId{}));
  return old.size();
}

std::int64_t Store::reusable_bytes() {
  auto rows = empty_pages_.query();
  return rows.next() ? rows.integer(0) : 0;
}

bool Store::prune() {
  return repeats_.prune(clock_.now());
}

}  // namespace gw::outbox
