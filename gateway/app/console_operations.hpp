// What the console's operators do to a task, done as the command line does it (operator_command.hpp).
#pragma once

#include "console/parts.hpp"
#include "delivery/deferred_worker.hpp"

namespace gw::app {

class ConsoleOperations final : public console::Operations {
 public:
  /// Both must outlive it.
  ConsoleOperations(outbox::Outbox& outbox, delivery::DeferredWorker& deferred)
      : outbox_(outbox), deferred_(deferred) {}
  console::asio::awaitable<Result<std::string>> resolve(std::string id, std::string as, std::string reason,
                                                        std::string user_id, std::string user_name) override;

  console::asio::awaitable<Result<std::string>> redrive(std::string id, std::string reason, std::string user_id,
                                                        std::string user_name) override;

 private:
  outbox::Outbox& outbox_;
  delivery::DeferredWorker& deferred_;
};

}  // namespace gw::app
