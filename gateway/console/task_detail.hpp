// One task in full: who, about whom, what was asked, and what became of it. Pure.
#pragma once

#include <string>

#include "console/page.hpp"
#include "outbox/entry.hpp"

namespace gw::console {

/// The narrative's div of a stored task, from JSON or XML; empty when it has none.
[[nodiscard]] std::string div_of(const outbox::NewTask& task);

/// The panel beside the list. `written_by` as the audit has it, or why nothing is said of it; `back` is the list's
/// address.
[[nodiscard]] Html task_detail(const outbox::StoredTask& stored, std::string_view written_by, const Visit& visit,
                               std::string_view back);

}  // namespace gw::console
