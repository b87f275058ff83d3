// The screen "Delivery", for operators: how the recipients do, and which tasks somebody must look into. Shows nothing
// of patients.
#pragma once

#include "console/page.hpp"
#include "console/parts.hpp"

namespace gw::console {

/// GET /delivery
asio::awaitable<Page> delivery_page(const Parts& parts, const Visit& visit);
/// POST /delivery: what became of a task in doubt, or that one is to be tried now.
asio::awaitable<Page> delivery_form(const Parts& parts, const Visit& visit);

}  // namespace gw::console
