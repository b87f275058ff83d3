// Tasks as their sender puts them on the wire, and what came of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "outbox/state.hpp"
#include "proxy/proxy_world.hpp"

namespace gw::test {

struct Sending {
  std::string trace;
  std::string bytes;  ///< the whole request
};

/// A task whose text is `text`, for the organisation at `base`.
[[nodiscard]] Sending task_for(const ProxyWorld& world, const std::string& text, std::string_view base = kDirect);

struct Answer {
  int status = 0;     ///< 0: none came
  std::string issue;  ///< the first issue's code, where the answer is an OperationOutcome
  std::string head, body;
};

[[nodiscard]] Answer read_answer(BlockingPeer& sender);
/// Send it on a connection of its own, and wait for the answer.
[[nodiscard]] Answer sent(const ProxyWorld& world, const Sending& sending);

/// The states of the entries of a trace id.
[[nodiscard]] std::vector<outbox::State> states_of(const ProxyWorld& world, const std::string& trace);

}  // namespace gw::test
