// Whether a recipient that says it stored a task shows it with its text: generic DSTU2 software may drop the narrative
// of contained resources, and so the very words of a task (OUT-12). Pure.
#pragma once

#include "base/digest.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "net/client.hpp"
#include "rules/task.hpp"

namespace gw::exchange {

/// True when `answer` shows an Order whose text is not that of the task `sent`. False where it shows none: an empty
/// body, another resource, something that cannot be read.
[[nodiscard]] bool shows_other_text(const net::WireAnswer& answer, const rules::TaskFacts& sent, const Caller& caller,
                                    const Settings& settings);

/// What the sender is told of it beside the recipient's own answer.
[[nodiscard]] Header text_warning();

}  // namespace gw::exchange
