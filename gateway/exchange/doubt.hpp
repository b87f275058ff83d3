// What can still be learnt of a task whose sending broke off, while its sender waits (OUT-04): the same request again
// where the recipient honours If-None-Exist, and a search by identifier where it is registered as offering one.
//
// Either can show that the task is there. Neither can show that it is not: the first request may still be on its way
// through the recipient's works. So doubt becomes "delivered" here, or stays doubt.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "delivery/classify.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// The search parameter that finds this task at its recipient, as a query has it; nothing where the sender gave no
/// identifier. Pure.
[[nodiscard]] std::optional<std::string> search_for(const outbox::NewTask& task);

/// A sending that ended in doubt, and what it takes to ask about it. References outlive the call.
struct Doubt {
  const Parts& parts;
  const Caller& caller;
  const delivery::Route& route;
  const net::WireRequest& request;    ///< as it was sent
  std::optional<std::string> search;  ///< search_for the task
  std::chrono::steady_clock::time_point deadline;
};

/// Whether there is anything that clear_up can do for a task of this `search` at this recipient.
[[nodiscard]] bool can_clear_up(const directory::Organisation& recipient, const std::optional<std::string>& search);

/// What `delivery` is once all that the recipient's entry in the directory allows was tried. At most three repeats
/// (SSP-08). Anything but an open question comes back as it is.
asio::awaitable<delivery::Delivery> clear_up(const Doubt& doubt, delivery::Delivery delivery);

}  // namespace gw::exchange
