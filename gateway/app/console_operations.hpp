// What the console's operators do to a task, done as the command line does it (operator_command.hpp).
#pragma once

#include "console/parts.hpp"

namespace gw::app {

class ConsoleOperations final : public console::Operations {
 public:
  /// `outbox` must outlive it.
  explicit ConsoleOperations(outbox::Outbox& outbox) : outbox_(outbox) {}
  console::asio::awaitable<Result<std::string>> resolve(std::string id, std::string as, std::string reason,
                                                        std::string user_id, std::string user_name) override;

 private:
  outbox::Outbox& outbox_;
};

}  // namespace gw::app
