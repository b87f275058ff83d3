// The screen "Send a task": whom it is about, to whom it goes, what is asked; and at once what became of it, in words
// that say what to do next.
#pragma once

#include "console/page.hpp"
#include "console/parts.hpp"

namespace gw::console {

/// GET /send, /send?about=TASK (the same patient), /send?again=TASK (one that did not arrive)
asio::awaitable<Page> send_page(const Parts& parts, const Visit& visit);
/// POST /send
asio::awaitable<Page> send_form(const Parts& parts, const Visit& visit);

}  // namespace gw::console
