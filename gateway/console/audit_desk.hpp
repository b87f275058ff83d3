// Reads the audit for auditors (AUD-02, AUD-03) on threads of its own: a search in a large audit takes seconds,
// checking its chain longer. Must not know who asks.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "console/aside.hpp"
#include "outbox/audit_search.hpp"
#include "outbox/audit_verify.hpp"
#include "outbox/outbox.hpp"

namespace gw::console {

/// Some of the records that match.
struct AuditRecords {
  std::vector<outbox::AuditEntry> entries;
  bool more = false;  ///< others match too, after the last of these
};

/// Thread-safe.
class AuditDesk {
 public:
  /// `store` says where the outbox, the audit's keys and its witness are; it must outlive this. At most `waiting`
  /// searches wait, beside the one that runs, and as many look-ups.
  AuditDesk(const outbox::Settings& store, std::size_t waiting)
      : store_(store), searches_(waiting), lookups_(waiting), checks_(1) {}

  /// At most `count` records. Faults: kStorage; kOverloaded, kClosed.
  asio::awaitable<Result<AuditRecords>> search(outbox::AuditQuery query, std::size_t count);
  /// The first record of a task that was handed in then: it names who wrote the task. Reads no more than the hours
  /// around that time, beside auditors' searches, which may take long. Faults: as search().
  asio::awaitable<Result<std::optional<outbox::AuditRecord>>> first_of(TaskId task, Instant received_at);
  /// As `audit verify` on the command line. One at a time: beside it kOverloaded. Faults: those of
  /// outbox::verify_audit and outbox::read_audit_keys.
  asio::awaitable<Result<outbox::AuditVerdict>> verify();

 private:
  const outbox::Settings& store_;
  std::atomic<bool> checking_ = false;
  Aside searches_, lookups_, checks_;
};

}  // namespace gw::console
