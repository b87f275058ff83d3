// The directory that a request is judged by: the operator's file, or with a Spine Directory Service the file with this
// request's sender and recipient filled in (SSP-09).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "exchange/parts.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

/// Without waiting: from the file, or from what the service said lately. Null where the service has to be asked, which
/// is only so for a request that nothing is wrong with as far as it can be told without knowing anybody (SSP-11).
[[nodiscard]] std::shared_ptr<const directory::Directory> directory_at_hand(const Parts& parts,
                                                                            const RequestHead& head);

/// Asks the service. Errors: 503 with Retry-After when it is away and nothing can stand in for its answer; the envelope
/// is then noted in `trail`. `head` and `trail` outlive the call.
asio::awaitable<fhir::Checked<std::shared_ptr<const directory::Directory>>> directory_from_service(
    const Parts& parts, const RequestHead& head, outbox::AuditRecord& trail);

}  // namespace gw::exchange
