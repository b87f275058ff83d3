// The running gateway's ear for its operator: a Unix socket beside the outbox's file, for the owner of that file alone
// (its folder and mode decide, as for the database itself), one command a connection.
//
// Not chosen: the admin listener, where everybody on the machine could change what a task came to; and a second
// connection to the database, which with SQLite 3.40 must not write beside the gateway's own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/operator_command.hpp"
#include "net/io_threads.hpp"

namespace gw::app {

class Control {
 public:
  /// Takes over the socket's file from a process before this one: call it once the outbox is locked. All must outlive
  /// this; without `deferred` no task is delivered later. Faults: kIo.
  static Result<std::unique_ptr<Control>> bind(net::IoThreads& threads, const std::filesystem::path& database,
                                               outbox::Outbox& outbox, delivery::DeferredWorker* deferred = nullptr);
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  /// Stops.
  ~Control();

  void start();
  /// Blocks until running commands have ended, some seconds at most. Before the outbox stops; not from an io thread.
  void stop();

 private:
  struct Core;
  explicit Control(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

/// Have the gateway that owns the outbox at `database` carry out `command`, and wait for its answer. For the command
/// line; blocks. Errors: kUnreachable when no gateway listens there; kInvalid when it refuses; kStorage when it cannot;
/// kIo, kClosed when it does not answer: then whether it was done is not known.
Result<CarriedOut> ask_gateway(const std::filesystem::path& database, const OperatorCommand& command);

/// Whether a gateway serves from the outbox at `database`: one that starts, waits or is held does not listen.
[[nodiscard]] bool is_served(const std::filesystem::path& database);

}  // namespace gw::app
