#include "app/console_operations.hpp"

#include <utility>

#include "app/operator_command.hpp"

namespace gw::app {

namespace {

Result<std::string> text_of(Result<CarriedOut> done) {
  if (!done) return done.error();
  return std::move(done->text);
}

}  // namespace

asio::awaitable<Result<std::string>> ConsoleOperations::resolve(std::string id, std::string as, std::string reason,
                                                                std::string user_id, std::string user_name) {
  OperatorCommand command{.verb = "resolve",
                          .id = std::move(id),
                          .as = std::move(as),
                          .reason = std::move(reason),
                          .days = {},
                          .user = std::move(user_name)};
  auto done = co_await carry_out(outbox_, std::move(command), std::move(user_id), &deferred_);
  co_return text_of(std::move(done));
}

asio::awaitable<Result<std::string>> ConsoleOperations::redrive(std::string id, std::string reason, std::string user_id,
                                                                std::string user_name) {
  OperatorCommand command{.verb = "redrive",
                          .id = std::move(id),
                          .as = {},
                          .reason = std::move(reason),
                          .days = {},
                          .user = std::move(user_name)};
  auto done = co_await carry_out(outbox_, std::move(command), std::move(user_id), &deferred_);
  co_return text_of(std::move(done));
}

}  // namespace gw::app
