// The mailbox's ledger for checkers outside: one JSON line for each task that came to rest here (OUT-07).
// Must not know the writer's thread; called between its commits.
//
// A line is written after its task's commit, so the file may lag behind, and never names what is not on disk. At open,
// and after a write that failed, the missing lines are made up from the database, in the order of the audit, which is
// the order of the commits.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "outbox/entry.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

/// What to do with a file that names tasks which this outbox does not hold.
enum class ForeignLog : unsigned char {
  kRefuse,
  kMoveAside,  ///< an operator takes the outbox as it is: PATH.until-ID keeps the log, a new one is written
};

class ReceivedLog {
 public:
  /// Open or make the file and bring it up to what `connection` holds, which must outlive this.
  /// Errors: kStorage, kInvalid (the file is another outbox's, and may not be moved aside).
  static Result<std::unique_ptr<ReceivedLog>> open(const std::filesystem::path& path, Connection& connection,
                                                   ForeignLog foreign = ForeignLog::kRefuse);
  ReceivedLog(const ReceivedLog&) = delete;
  ReceivedLog& operator=(const ReceivedLog&) = delete;
  ~ReceivedLog();

  /// Note a task of the batch at hand.
  void add(const NewTask& task);
  /// The batch is on disk: write what was noted with one call. A failure is logged, and made up for later.
  void flush();
  /// The batch is not: forget what was noted.
  void forget() { lines_.clear(); }

 private:
  ReceivedLog(int descriptor, Connection& connection) : descriptor_(descriptor), connection_(connection) {}
  Status catch_up();
  /// Cut off a line that a crash left torn; gives the id of the last whole one.
  Result<TaskId> last_logged();
  bool write_lines();

  int descriptor_;
  Connection& connection_;
  std::string lines_;
  bool behind_ = false;
};

}  // namespace gw::outbox
