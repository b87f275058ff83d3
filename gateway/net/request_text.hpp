// A WireRequest as bytes: request line, headers, framing. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/client.hpp"

namespace gw::net {

/// A request that would break its own framing is a bug of the caller's; it must not reach the wire.
[[nodiscard]] bool is_well_formed(const WireRequest& request);

/// The request's head. `length` is its body's, null when that is chunked; a GET without a body says nothing of it.
/// Has room for the request's body.
[[nodiscard]] std::string request_head(const WireRequest& request, std::string_view authority,
                                       std::optional<std::uint64_t> length);

}  // namespace gw::net
