// What an operator may ask of a gateway's outbox, and the carrying out of it. The running gateway does it for whoever
// comes to its control socket (control.hpp); the command line does it in place when no gateway runs. Every command
// leaves its record in the audit (AUD-01).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "delivery/deferred_worker.hpp"
#include "outbox/outbox.hpp"

namespace gw::app {

namespace asio = boost::asio;

struct OperatorCommand {
  std::string verb;    ///< "resolve", "redrive", "purge"
  std::string id;      ///< resolve, redrive: the task's
  std::string as;      ///< resolve: "delivered" or "not-delivered"
  std::string reason;  ///< resolve: how the operator knows; redrive: why now
  std::string days;    ///< purge: what is older goes
  std::string user;    ///< who says so, by name; what the system knows of them is told beside it
};

/// What came of one.
struct CarriedOut {
  std::string text;                      ///< in a sentence
  std::string state;                     ///< resolve, redrive: the task's, now
  std::optional<std::uint64_t> deleted;  ///< purge: tasks
};

/// Whether `reason` may go on record: one line of some length. Errors: kInvalid.
[[nodiscard]] Status check_reason(const std::string& reason);
/// The name of whoever runs this process, as the system has it; empty where it has none.
[[nodiscard]] std::string login_name();

/// One line of JSON, without its end.
[[nodiscard]] std::string to_line(const OperatorCommand& command);
/// Errors: kInvalid.
[[nodiscard]] Result<OperatorCommand> command_from(std::string_view line);

/// Do it, durably, and say what was done. `user_id` is what the system vouches for ("uid 0"). `outbox`
/// and `deferred`, whose worker is told of what is to be tried now (null: no gateway runs, its start will see to it),
/// must outlive the call. Errors: kInvalid and kNotFound when it cannot be done to this task or in these words; what
/// the outbox gives.
asio::awaitable<Result<CarriedOut>> carry_out(outbox::Outbox& outbox, OperatorCommand command, std::string user_id,
                                              delivery::DeferredWorker* deferred = nullptr);

}  // namespace gw::app
