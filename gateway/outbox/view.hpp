// Reading entries: by id and by search, over any connection. Must not know who asks, nor threads.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "outbox/deferrals.hpp"
#include "outbox/entry.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

/// Entries as one connection sees them. For one thread at a time. Also for operators' tools in another process: open()
/// gives a connection that can only read.
class View {
 public:
  /// Errors: kStorage, kInvalid.
  static Result<std::unique_ptr<View>> open(const std::filesystem::path& path);
  /// `connection` must outlive the view.
  explicit View(Connection& connection);
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  /// Errors: kStorage.
  Result<std::optional<StoredTask>> find(TaskId id);
  /// Deferred tasks without the request that goes to the recipient. Errors: kStorage.
  Result<Page> search(const Query& query);
  /// By recipient and state, the oldest first, at most kMostBacklog. Reads the unfinished entries alone. Errors:
  /// kStorage.
  Result<std::vector<Backlog>> backlog();

 private:
  std::unique_ptr<Connection> owned_;  // before the statements, which need it until they are gone
  Connection& connection_;
  DeferralView deferrals_;
  Statement find_, backlog_;
  std::unordered_map<std::string, Statement> searches_;  // by their SQL: few shapes come up in practice
};

}  // namespace gw::outbox
