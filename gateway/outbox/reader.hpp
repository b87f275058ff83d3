// The thread that reads: finds and searches on a connection that cannot write. Must not know the writer.
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "outbox/completion.hpp"
#include "outbox/view.hpp"
#include "outbox/work_queue.hpp"

namespace gw::outbox {

struct FindOperation {
  TaskId id;
  CompletionPtr<std::optional<StoredTask>> done;
};

struct SearchOperation {
  Query query;
  CompletionPtr<Page> done;
};

struct BacklogOperation {
  CompletionPtr<std::vector<Backlog>> done;
};

using ReadOperation = std::variant<FindOperation, SearchOperation, BacklogOperation>;

class Reader {
 public:
  Reader(std::unique_ptr<View> view, std::size_t queue_limit);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  /// Thread-safe. The waiter is resumed in any case, never inside this call.
  void submit(ReadOperation operation);
  void stop();

 private:
  void work();
  void run(FindOperation& operation);
  void run(SearchOperation& operation);
  void run(BacklogOperation& operation);

  std::unique_ptr<View> view_;  // the reader's thread alone
  WorkQueue<ReadOperation> queue_;
  std::thread thread_;
};

}  // namespace gw::outbox
