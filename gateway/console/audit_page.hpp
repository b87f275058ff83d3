// The screen "Audit", for auditors: who did what, about whom and when; and whether the record of it is as it was
// written (AUD-02, AUD-03). Whoever looks is on record too.
#pragma once

#include "console/page.hpp"
#include "console/parts.hpp"

namespace gw::console {

/// GET /audit
asio::awaitable<Page> audit_page(const Parts& parts, const Visit& visit);
/// POST /audit: a search, or the next records of one.
asio::awaitable<Page> audit_search(const Parts& parts, const Visit& visit);
/// POST /audit/verify
asio::awaitable<Page> audit_verify(const Parts& parts, const Visit& visit);

}  // namespace gw::console
