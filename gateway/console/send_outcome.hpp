// What staff are told of a task they have just sent: the truth in plain words, and what to do next. Pure.
#pragma once

#include "console/own_sender.hpp"
#include "console/page.hpp"

namespace gw::console {

[[nodiscard]] Page outcome_page(const Sent& sent, const Draft& draft, const Visit& visit);

}  // namespace gw::console
