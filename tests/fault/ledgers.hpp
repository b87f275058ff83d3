// The checker of RELIABILITY's promises: joins what senders were told, what recipients hold, and what outbox and audit
// say, and names every request where they do not agree. Pure. Must not know how the books came about.
//
// Lost: told to be delivered, and the recipient does not have it. Doubled: the recipient has it more than once. Untrue:
// told to have failed, and it is there, or came later; or told what is not on record. Untreated: still unfinished, or
// never answered, after the restart.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "outbox/state.hpp"

namespace gw::test {

/// One request and what its sender was told, each time it was made.
struct SendersLine {
  std::string trace;
  std::vector<int> told;       ///< statuses in order; 0: no answer came
  bool known_at_once = false;  ///< to a mailbox: stored is delivered, so that no doubt is possible
};

/// What the others have.
struct Books {
  std::map<std::string, int> recipients;                     ///< how often each trace id arrived
  std::map<std::string, std::vector<outbox::State>> outbox;  ///< the entries of each trace id
  std::map<std::string, std::set<int>> audit;                ///< the statuses on record for each trace id
};

/// Empty: all is well. One line a fault, beginning with its kind.
[[nodiscard]] std::vector<std::string> wrongs_of(const std::vector<SendersLine>& senders, const Books& books);

}  // namespace gw::test
