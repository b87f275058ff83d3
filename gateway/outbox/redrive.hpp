// Which entries an operator may have tried again now (OUT-06). Pure.
//
// Only where it can make no second task and nothing untrue of what was told: a deferred task that waits is tried at
// once instead of later; one in doubt is looked for at its recipient, under the rules of OUT-04. A task whose sender is
// told that it failed is never tried again (OUT-02): the sender may have sent it anew, or used another channel.
#pragma once

#include <string>

#include "outbox/entry.hpp"

namespace gw::outbox {

/// Why not, for an operator; empty when it may be done.
[[nodiscard]] std::string objection_to_redrive(const StoredTask& stored);

}  // namespace gw::outbox
