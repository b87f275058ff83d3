// Reading the audit: by patient, task, user, time and more (AUD-03). Reads only; may run beside the gateway, in this
// process or another.
//
// Only times are indexed, and of them one in 256 (`audit_times`): an index by patient, user or trace id would cost
// every request a page of its own, to spare an auditor some seconds. So a search with a time reads what lies in that
// time, and one without reads it all; a task's id holds its time. A record is missed by a time alone if the clock was
// wrong by more than an hour and right again within some 256 records: then ask without a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "outbox/entry.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

/// All of what is set must hold. Texts are compared as a whole.
struct AuditQuery {
  std::optional<std::string> patient;  ///< NHS number
  std::optional<TaskId> task;
  std::optional<std::string> identifier;    ///< of the task: "system|value", or the value alone
  std::optional<std::string> trace;         ///< Ssp-TraceID, of any case
  std::optional<std::string> user;          ///< id or name
  std::optional<std::string> organisation;  ///< the user's ODS code, or the ASID of either side
  std::optional<Instant> from, before;
  std::int64_t after = 0;     ///< begin after this record, in the order asked for; 0: at the beginning
  bool newest_first = false;  ///< else in the order they were written
};

/// A record as it is kept.
struct AuditEntry {
  std::int64_t number = 0;
  AuditRecord record;
};

/// For one thread at a time.
class AuditView {
 public:
  /// Errors: kStorage, kInvalid.
  static Result<std::unique_ptr<AuditView>> open(const std::filesystem::path& path);
  AuditView(const AuditView&) = delete;
  AuditView& operator=(const AuditView&) = delete;

  /// Give `each` one record after the other until it says that it is enough (false). The file is not held meanwhile: a
  /// gateway beside it goes on unhindered, and what it writes comes too. Errors: kStorage.
  Status read(const AuditQuery& query, const std::function<bool(const AuditEntry&)>& each);
  /// The number of the last record, 0 when there is none. Errors: kStorage.
  Result<std::int64_t> last();

 private:
  explicit AuditView(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  std::unique_ptr<Connection> connection_;
};

}  // namespace gw::outbox
