// Which addresses the gateway may open a connection to (SSP-05): a name in the directory, or whoever answers for it in
// DNS, must not be able to point the gateway at its own machine or network. Knows addresses only, not names.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace gw::net {

struct AddressRules {
  bool allow_loopback = false;                           ///< names may resolve to this machine's loopback
  std::vector<boost::asio::ip::tcp::endpoint> own = {};  ///< our listeners; their address may be "any"
};

/// Why nothing may be sent to `endpoint`, as the end of a sentence about the address; nothing when it may. An address
/// of IPv6 that stands for one of IPv4 is judged as that. `named` by the config, not by DNS: then only our own
/// listeners are refused.
[[nodiscard]] std::optional<std::string_view> refusal_of_address(const boost::asio::ip::tcp::endpoint& endpoint,
                                                                 const AddressRules& rules, bool named);

}  // namespace gw::net
