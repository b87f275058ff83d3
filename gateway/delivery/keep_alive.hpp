// How long a recipient keeps an idle connection, from what it says. Pure.
#pragma once

#include "base/http.hpp"
#include "base/time.hpp"

namespace gw::delivery {

/// For how long a connection may be used again after an answer with these headers: at most `idle`, and never within the
/// last second of the recipient's own `Keep-Alive: timeout=N` (seconds), when it may be closing already. Zero: not at
/// all. A Keep-Alive that cannot be read counts as none.
[[nodiscard]] milliseconds usable_for(const Headers& answer, milliseconds idle);

}  // namespace gw::delivery
