#include "outbox/write_ahead_log.hpp"

#include <sqlite3.h>

#include <string>

#include "base/failpoint.hpp"

namespace gw::outbox {

WriteAheadLog::WriteAheadLog(Connection& connection, int pages) : connection_(connection), due_(pages) {
  sqlite3_wal_hook(
      connection.handle(),
      [](void* length, sqlite3*, const char*, int count) {
        *static_cast<int*>(length) = count;
        return SQLITE_OK;
      },
      &length_);
}

WriteAheadLog::~WriteAheadLog() {
  sqlite3_wal_hook(connection_.handle(), nullptr, nullptr);
}

Result<bool> WriteAheadLog::checkpoint() {
  failpoint("outbox.before_checkpoint");
  int in_log = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  failpoint("outbox.after_checkpoint");
  if (code == SQLITE_OK) {
    // All of it is in the database: the next commit starts the log anew.
    if (moved >= in_log) length_ = 0;
    return true;
  }
  if ((code & 0xFF) == SQLITE_BUSY) return false;
  return fault(FaultKind::kStorage, std::string{"the write-ahead log cannot be emptied: "} + sqlite3_errstr(code));
}

}  // namespace gw::outbox
