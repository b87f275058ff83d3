// The write-ahead log's length, and its way into the database in small steps, on the connection that writes: two
// connections that do so could corrupt the file with SQLite 3.40. For the writer's thread.
#pragma once

#include "base/result.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

class WriteAheadLog {
 public:
  /// Once it is `pages` long it is due to be moved. `connection` must outlive this.
  WriteAheadLog(Connection& connection, int pages);
  WriteAheadLog(const WriteAheadLog&) = delete;
  WriteAheadLog& operator=(const WriteAheadLog&) = delete;
  ~WriteAheadLog();

  [[nodiscard]] bool is_due() const { return length_ >= due_; }
  /// Move what can be moved without waiting for readers; gives whether that was done. Errors: kStorage.
  Result<bool> checkpoint();

 private:
  Connection& connection_;
  int due_;
  int length_ = 0;  ///< pages, set by SQLite at each commit
};

}  // namespace gw::outbox
