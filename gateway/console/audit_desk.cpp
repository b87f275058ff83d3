#include "console/audit_desk.hpp"

#include <chrono>
#include <utility>

namespace gw::console {

namespace {

Result<AuditRecords> read(const outbox::Settings& store, const outbox::AuditQuery& query, std::size_t count) {
  auto view = outbox::AuditView::open(store.path);
  if (!view) return view.error();
  AuditRecords found;
  const auto done = (*view)->read(query, [&](const outbox::AuditEntry& entry) {
    found.more = found.entries.size() == count;
    if (!found.more) found.entries.push_back(entry);
    return !found.more;
  });
  if (!done) return done.error();
  return found;
}

Result<outbox::AuditVerdict> check(const outbox::Settings& store) {
  auto keys = outbox::read_audit_keys(store.audit.key_file, store.audit.old_key_files);
  if (!keys) return keys.error();
  outbox::AuditCheck against;
  against.keys = std::move(*keys);
  against.witness = store.audit.witness;
  return outbox::verify_audit(store.path, against);
}

}  // namespace

asio::awaitable<Result<AuditRecords>> AuditDesk::search(outbox::AuditQuery query, std::size_t count) {
  std::function<Result<AuditRecords>()> work = [this, query = std::move(query), count] {
    return read(store_, query, count);
  };
  co_return co_await searches_.run(std::move(work));
}

asio::awaitable<Result<std::optional<outbox::AuditRecord>>> AuditDesk::first_of(TaskId task, Instant received_at) {
  using Found = std::optional<outbox::AuditRecord>;
  std::function<Result<Found>()> work = [this, task, received_at]() -> Result<Found> {
    outbox::AuditQuery query;
    query.task = task;
    query.before = received_at + std::chrono::hours{1};
    const auto found = read(store_, query, 1);
    if (!found) return found.error();
    return found->entries.empty() ? Found{} : Found{found->entries.front().record};
  };
  co_return co_await lookups_.run(std::move(work));
}

asio::awaitable<Result<outbox::AuditVerdict>> AuditDesk::verify() {
  if (checking_.exchange(true)) co_return fault(FaultKind::kOverloaded, "the audit is being checked already");
  std::function<Result<outbox::AuditVerdict>()> work = [this] {
    auto verdict = check(store_);
    checking_ = false;
    return verdict;
  };
  co_return co_await checks_.run(std::move(work));
}

}  // namespace gw::console
