// The screen "Tasks": those that an organisation sent and received, and beside them the one that was chosen. Tells
// nobody of another organisation's tasks.
#pragma once

#include "console/page.hpp"
#include "console/parts.hpp"

namespace gw::console {

/// GET /tasks
asio::awaitable<Page> tasks_page(const Parts& parts, const Visit& visit);
/// POST /tasks/patient: from an NHS number to the list of that patient's tasks, so that no address holds the number.
asio::awaitable<Page> tasks_of_patient(const Parts& parts, const Visit& visit);

}  // namespace gw::console
