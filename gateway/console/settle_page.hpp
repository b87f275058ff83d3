// The question before an operator's word on a task in doubt becomes final. Pure.
#pragma once

#include "console/page.hpp"
#include "outbox/entry.hpp"

namespace gw::console {

/// Whether `word` says what became of a task: "delivered" or "not-delivered".
[[nodiscard]] bool settles(std::string_view word);
/// Asks whether it is certain, with what follows from it. The answer comes with the visit's form and "confirmed".
[[nodiscard]] Page settle_page(const outbox::StoredTask& stored, const Visit& visit);

}  // namespace gw::console
